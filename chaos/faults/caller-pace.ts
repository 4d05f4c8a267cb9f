// Callers who take or give bytes at a pace of their own, or other numbers of them than they say.
import { setTimeout as sleep } from "node:timers/promises";
import { callRaw } from "./callers.ts";
import { must } from "./case.ts";
import { drowning } from "./hostile-answers.ts";
import { arrived } from "./leaving.ts";
import { bodyFor, type Scene } from "./scene.ts";

const SECONDS_READ = 4;
/** What sockets on the way hold, beside the router's own; test/e2e/slow-reader.test.ts measures its memory. */
const MOST_SENT_BYTES = 20_000_000;

export async function readSlowly(scene: Scene): Promise<void> {
  scene.answer(drowning);
  const caller = await callRaw(scene, { to: "alone" }, { sips: 1_000 });
  const requestId = await arrived(scene);
  scene.asked.push({ requestId, statuses: [499] });
  for (let second = 0; second < SECONDS_READ; second++) {
    await sleep(1_000);
    caller.socket.resume();
  }
  const sent = scene.lane.hostile.calls.find((call) => call.requestId === requestId)?.bytesSent ?? 0;
  caller.leave("RST");
  await scene.untilClosed([requestId]);
  must(sent > 0 && sent < MOST_SENT_BYTES, `the origin sent ${sent} bytes to a reader of ${SECONDS_READ} kB`);
}

export async function sendSlowly(scene: Scene): Promise<void> {
  const sinceMs = Date.now();
  const caller = await callRaw(scene, { to: "alone" }, { bytesPerS: 1 });
  await caller.until(/"code":"request_timeout"/);
  caller.leave("FIN");
  must(caller.received().startsWith("HTTP/1.1 408"), `not 408: ${caller.received().slice(0, 300)}`);
  const tookS = (Date.now() - sinceMs) / 1_000;
  // The router's own 30 s, and a machine's second thoughts.
  must(tookS > 29 && tookS < 34, `told after ${tookS} s`);
  expectNobodyAsked(scene);
  scene.told.push(caller.received());
}

const SHORT_BY = 7;
const ANSWERED_WITHIN_MS = 3_000;

export async function lieAboutLength(scene: Scene, sent: "less" | "more"): Promise<void> {
  const truth = bodyLengthOf(scene);
  const length = sent === "less" ? truth + SHORT_BY : truth - SHORT_BY;
  const caller = await callRaw(scene, { to: "alone" }, { length });
  // Whoever announced more and says goodbye is not heard any more by every server: then nothing is an answer too.
  if (sent === "less") caller.socket.end();
  const isClosed = new Promise((resolve) => caller.socket.once("close", resolve));
  await Promise.race([isClosed, caller.until(/"request_id":/), sleep(ANSWERED_WITHIN_MS)]);
  const received = caller.received();
  caller.leave("RST");
  const isRefused = received.startsWith("HTTP/1.1 400") || (sent === "less" && received === "");
  must(isRefused, `told ${received.slice(0, 300)}`);
  expectNobodyAsked(scene);
  scene.told.push(received);
}

function bodyLengthOf(scene: Scene): number {
  return Buffer.byteLength(JSON.stringify(bodyFor(scene, { to: "alone" })));
}

function expectNobodyAsked({ lane, model }: Scene): void {
  const seen = lane.hostile.calls.filter((call) => call.model === model);
  must(seen.length === 0, `an origin was asked ${seen.length} times`);
}
