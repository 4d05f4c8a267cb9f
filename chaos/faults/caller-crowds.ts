// Many callers at once: with one Idempotency-Key, idle on open streams, or leaving in the very moment of settlement.
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, ask } from "../../test/support/ask.ts";
import { CHAT } from "../wire.ts";
import { callRaw } from "./callers.ts";
import { must } from "./case.ts";
import { endingOf } from "./ending.ts";
import { late, pausing, well } from "./hostile-answers.ts";
import { bodyFor, type Scene } from "./scene.ts";

const DUPLICATES = 50;

/** One is answered; the others are told that it is being answered, or that it was. */
export async function sameKey(scene: Scene): Promise<void> {
  scene.answer(late(scene.mode, 500));
  const answers = await Promise.all(
    Array.from({ length: DUPLICATES }, () =>
      ask({
        baseUrl: scene.demo.base_url,
        path: CHAT,
        key: scene.account.apiKey,
        headers: { "idempotency-key": "the-same" },
        body: bodyFor(scene, { to: "alone" }),
      }),
    ),
  );
  const answered = answers.filter(({ status }) => status === 200);
  const others = answers.filter(({ status }) => status === 409);
  const fresh = answered.filter(({ headers }) => headers.get("idempotency-replayed") === null);
  must(fresh.length === 1, `${fresh.length} were answered`);
  must(answered.length + others.length === DUPLICATES, `told ${answers.map(({ status }) => status)}`);
  const [first] = fresh;
  must(
    answered.every(({ text }) => text === first?.text),
    "a replay says something else",
  );
  for (const answer of answers) tell(scene, answer);
  const requestId = first?.headers.get("x-request-id") ?? "";
  scene.asked.push({ requestId, statuses: [200] });
  const seen = scene.lane.hostile.calls.filter(({ model }) => model === scene.model);
  must(seen.length === 1, `the origin was asked ${seen.length} times`);
  await scene.untilClosed([requestId]);
}

function tell(scene: Scene, { headers, text }: Answer): void {
  scene.told.push(`${[...headers].join("\n")}\n${text}`);
}

const STREAMS = 300;
/** Until every stream has begun and half of their callers have gone. */
const IDLE_MS = 6_000;
/** In the middle of the silence. */
const LEAVE_AFTER_MS = 3_000;

export async function idleStreams(scene: Scene): Promise<void> {
  scene.answer(pausing(IDLE_MS));
  const staying = Array.from({ length: STREAMS / 2 }, async () => {
    const answer = await ask({
      baseUrl: scene.demo.base_url,
      path: CHAT,
      key: scene.account.apiKey,
      body: bodyFor(scene, { to: "alone" }),
    });
    tell(scene, answer);
    scene.asked.push({ requestId: answer.headers.get("x-request-id") ?? "", statuses: [200] });
    return endingOf(answer, "streamed").ending;
  });
  const leaving = Array.from({ length: STREAMS / 2 }, async () => {
    const caller = await callRaw(scene, { to: "alone" });
    await caller.until(/data: [^\n]+\n\n/);
    const requestId = /x-request-id: (\S+)/i.exec(caller.received())?.[1] ?? "";
    await sleep(LEAVE_AFTER_MS);
    scene.asked.push({ requestId, statuses: [499] });
    caller.leave("RST");
    return requestId;
  });
  await scene.untilClosed(await Promise.all(leaving));
  const endings = await Promise.all(staying);
  const good = endings.filter((ending) => ending === "complete").length;
  must(good === STREAMS / 2, `${good} of ${STREAMS / 2} are complete`);
}

const AT_SETTLEMENT = 40;
const WITHIN_MS = 8;

/** One after another, each a little earlier or later. */
export async function leaveAtSettlement(scene: Scene): Promise<void> {
  scene.answer(well("streamed"));
  for (let turn = 0; turn < AT_SETTLEMENT; turn++) {
    const caller = await callRaw(scene, { to: "alone" });
    await caller.until(/"finish_reason":"stop"/);
    await sleep(scene.dice.below(WITHIN_MS + 1));
    caller.leave("RST");
    const requestId = /x-request-id: (\S+)/i.exec(caller.received())?.[1] ?? "";
    scene.asked.push({ requestId, statuses: [200, 499] });
    await scene.untilClosed([requestId]);
  }
}
