import { describe, expect, it } from "vitest";
import { hearing } from "../../../durable-objects/origin-health/hearsay.ts";
import type { HealthReport, TargetReport } from "../../../src/domain/health-gossip.ts";

const T = 1_700_000_000_000;

function report(isolate: string, row: Partial<TargetReport> = {}): HealthReport {
  const target = { origin: "o", model: "m", inFlight: 1, ttftMs: null, opening: null, goodAtMs: null };
  return {
    isolate,
    hadTraffic: true,
    catalogVersion: 1,
    watch: null,
    targets: [{ ...target, ...row }],
    origins: [],
  };
}

const target = (heard: ReturnType<typeof hearing>, atMs: number) => heard.all(atMs).targets.get("o m");

describe("what isolates say, together", () => {
  it("adds up their requests and takes the nearest one's time", () => {
    const heard = hearing();
    heard.hear(report("a", { inFlight: 3, ttftMs: 200 }), T);
    heard.hear(report("b", { inFlight: 4, ttftMs: 90 }), T);
    expect(target(heard, T)).toMatchObject({ inFlight: 7, ttftMs: 90 });
  });

  it("counts an isolate by its newest word alone", () => {
    const heard = hearing();
    heard.hear(report("a", { inFlight: 3 }), T);
    heard.hear(report("a", { inFlight: 1 }), T + 1_000);
    expect(target(heard, T + 1_000)?.inFlight).toBe(1);
  });

  it("forgets an isolate that said nothing for fifteen seconds", () => {
    const heard = hearing();
    heard.hear(report("a", { inFlight: 3 }), T);
    expect(target(heard, T + 15_000)?.inFlight).toBe(3);
    expect(target(heard, T + 15_300)).toBeUndefined();
  });

  it("remembers the thousand heard last", () => {
    const heard = hearing();
    for (let i = 0; i < 1_200; i++) heard.hear(report(`isolate-${i}`), T);
    expect(target(heard, T)?.inFlight).toBe(1_000);
  });

  it("joins four times a second, not for each who asks", () => {
    const heard = hearing();
    heard.hear(report("a"), T);
    const first = heard.all(T);
    heard.hear(report("b"), T + 100);
    expect(heard.all(T + 249)).toBe(first);
    expect(target(heard, T + 250)?.inFlight).toBe(2);
  });

  it("one isolate's trouble is nobody's where another was answered since", () => {
    const opening = { openedAtMs: T, openUntilMs: T + 10_000 };
    const heard = hearing();
    heard.hear(report("a", { opening }), T);
    expect(target(heard, T)?.opening).toEqual(opening);
    heard.hear(report("b", { goodAtMs: T + 300 }), T + 400);
    expect(target(heard, T + 400)?.opening).toBeNull();
  });
});
