// A caller who leaves, politely or not, at one of four moments. Whoever is left behind is let go, and nobody is blamed.
import { setTimeout as sleep } from "node:timers/promises";
import { type Caller, callRaw, type Leaving } from "./callers.ts";
import { untilShown } from "./health.ts";
import { silent, talking } from "./hostile-answers.ts";
import { callsOf, type Scene } from "./scene.ts";

export type Moment =
  | "before any answer"
  | "in the middle"
  | "on silence behind the commit"
  | "behind the last byte";

/** A polite end on silence is only noticed by time, before the commit: then it is the caller's own. */
const OWN_TIME = { "x-timeout-ms": "1500" };
const FIVE_EVENTS = /(data: [^\n]+\n\n[\s\S]*){5}/;
/** A heartbeat is 10 s after the last byte. */
const HEARTBEAT_MS = 11_000;

export async function leave(scene: Scene, moment: Moment, how: Leaving): Promise<void> {
  switch (moment) {
    case "before any answer": {
      scene.answer(silent);
      const isTimed = how === "FIN";
      const caller = await callRaw(scene, { to: "alone" }, isTimed ? { headers: OWN_TIME } : {});
      const requestId = await arrived(scene);
      return gone(scene, caller, {
        how,
        requestId,
        statuses: isTimed ? [499, 504] : [499],
        withinMs: isTimed ? 1_500 : 0,
      });
    }
    case "in the middle": {
      scene.answer(talking);
      const caller = await callRaw(scene, { to: "alone" });
      await caller.until(FIVE_EVENTS);
      return gone(scene, caller, { how, requestId: await arrived(scene), statuses: [499], withinMs: 0 });
    }
    case "on silence behind the commit": {
      scene.answer(silent);
      const caller = await callRaw(scene, { to: "alone" });
      await caller.until(/^HTTP\/1.1 200/);
      const withinMs = how === "FIN" ? HEARTBEAT_MS : 0;
      return gone(scene, caller, { how, requestId: await arrived(scene), statuses: [499], withinMs });
    }
    case "behind the last byte": {
      const caller = await callRaw(scene, { to: "alone" });
      await caller.until(scene.mode === "streamed" ? /data: \[DONE\]\n\n/ : /"usage":[\s\S]*\}/);
      return gone(scene, caller, { how, requestId: await arrived(scene), statuses: [200], withinMs: 0 });
    }
  }
}

interface Leave {
  readonly how: Leaving;
  readonly requestId: string;
  readonly statuses: readonly number[];
  /** Before the two seconds of everybody begin. */
  readonly withinMs: number;
}

async function gone(
  scene: Scene,
  caller: Caller,
  { how, requestId, statuses, withinMs }: Leave,
): Promise<void> {
  scene.asked.push({ requestId, statuses });
  caller.leave(how);
  await untilAllEnd(scene, requestId, withinMs);
  await scene.untilClosed([requestId]);
  scene.told.push(caller.received());
  await untilShown(scene, { breaker: "closed", failures: 0, inFlight: 0, region: "ready" });
}

const POLL_MS = 20;

async function untilAllEnd(scene: Scene, requestId: string, withinMs: number): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (Date.now() < deadlineMs) {
    if ((await callsOf(scene, [requestId])).every(({ isOpen }) => !isOpen)) return;
    await sleep(POLL_MS);
  }
}

const ARRIVED_WITHIN_MS = 5_000;

/** The id of the last request that the origin saw for the model of the scene. */
export async function arrived({ lane, model }: Scene): Promise<string> {
  const deadlineMs = Date.now() + ARRIVED_WITHIN_MS;
  for (;;) {
    const call = lane.hostile.calls.findLast((one) => one.model === model);
    if (call !== undefined) return call.requestId;
    if (Date.now() > deadlineMs) throw new Error("the request came to no origin");
    await sleep(POLL_MS);
  }
}
