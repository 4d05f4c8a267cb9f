// A walk over scripted origins, with everything it leaves behind in sight. Time is the test's: fake timers move it.
import { expect, vi } from "vitest";
import type { Target } from "../../src/domain/catalog.ts";
import type { RequestId } from "../../src/domain/ids.ts";
import type { Inference } from "../../src/domain/inference.ts";
import type { Route } from "../../src/domain/route.ts";
import { type SendOrder, sendStream, sendWhole } from "../../src/origins/send.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { type FakeFetch, type FakeSettings, fakePorts } from "../support/fake-ports.ts";
import { GOOD, streaming, watched } from "./fake-origin.ts";

export const at = (id: string, model = "Qwen/Qwen3-14B", fields: object = {}): Target =>
  sampleTarget({ model: { id: model }, origin: { id, base_url: `http://${id}.invalid/v1`, ...fields } });
export const [A, B, C] = [at("a"), at("b"), at("c")];
export const good = streaming(GOOD);

export interface Walk {
  readonly targets?: readonly Target[];
  readonly origin: FakeFetch;
  readonly route?: Partial<Route>;
  readonly inference?: Partial<Inference>;
  readonly outputLimit?: SendOrder["outputLimit"];
  readonly ports?: FakeSettings;
}

export function walkTo(walk: Walk) {
  const caller = new AbortController();
  const added = vi.spyOn(caller.signal, "addEventListener");
  const removed = vi.spyOn(caller.signal, "removeEventListener");
  const origin = watched(walk.origin);
  const startedAtMs = Date.now();
  const fake = fakePorts({
    fetch: origin.fetch,
    callerGone: caller.signal,
    random: () => 0.5,
    ...walk.ports,
  });
  const order: SendOrder = {
    inference: sampleInference(walk.inference),
    route: sampleRoute(walk.targets ?? [A, B, C], walk.route),
    requestId: "req_1" as RequestId,
    traceparent: null,
    outputLimit: walk.outputLimit ?? (() => 10),
  };
  return {
    fake,
    caller,
    order,
    hosts: () => fake.fetches.map((call) => new URL(call.url).hostname.replace(".invalid", "")),
    inFlight: () => [A, B, C].map(({ origin, model }) => fake.ports.health.get(origin.id, model.id).inFlight),
    listeners: () => added.mock.calls.length - removed.mock.calls.length,
    isLetGo: () => fake.fetches.every((call) => call.signal.aborted),
    isOver: origin.isOver,
    mostAwaited: origin.mostAwaited,
    /** When each call was made, from the start of the walk. */
    atMs: () => origin.calledAtMs().map((at) => at - startedAtMs),
  };
}

export type Walked = ReturnType<typeof walkTo>;

/** Nothing is left of a walk that is over. */
export function expectNothingLeft(walk: Walked): void {
  expect(walk.isOver()).toBe(true);
  expect(walk.inFlight()).toEqual([0, 0, 0]);
  // Of the platform's six.
  expect(walk.mostAwaited()).toBeLessThanOrEqual(2);
}

/** The end of an answer that nobody reads further. */
export function letGo(result: Awaited<ReturnType<typeof streamed>>["result"]): Target {
  if (!("answer" in result)) throw new Error(`no answer: ${result.map(({ code }) => code)}`);
  result.answer.frames.close();
  result.release(null);
  return result.target;
}

export async function streamed(walk: Walked, passMs = 0) {
  const sending = sendStream(walk.fake.ports, walk.order);
  const pending = sending.result;
  await vi.advanceTimersByTimeAsync(passMs);
  const result = await pending;
  return { sending, result, failures: "answer" in result ? null : result.map((failure) => failure.code) };
}

export async function whole(walk: Walked, passMs = 0) {
  const sending = sendWhole(walk.fake.ports, walk.order);
  const pending = sending.result;
  await vi.advanceTimersByTimeAsync(passMs);
  const result = await pending;
  return { sending, result, failures: "answer" in result ? null : result.map((failure) => failure.code) };
}
