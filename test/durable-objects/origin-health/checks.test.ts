import { describe, expect, it } from "vitest";
import { checks } from "../../../durable-objects/origin-health/checks.ts";
import { model, origin } from "../../routing/fixtures.ts";

const T = 1_700_000_000_000;
const targetsOf = (id: string) => [
  { model: model("a/m"), origin: origin(id, ["a/m"]), servedAs: "a/m" },
  { model: model("a/n"), origin: origin(id, ["a/n"]), servedAs: "a/n" },
];
const found = (isUp: boolean) => ({
  isUp,
  targets: [
    { readiness: "ready" as const, queue: null },
    { readiness: "loading" as const, queue: { running: 1, waiting: 2 } },
  ],
});

describe("checks of a region", () => {
  it("are made by origin", () => {
    const all = checks();
    all.watch(1, [...targetsOf("x"), ...targetsOf("y")]);
    expect(all.due().map(({ targets }) => targets.length)).toEqual([2, 2]);
    expect([all.catalogVersion, [...all.originIds]]).toEqual([1, ["x", "y"]]);
  });

  it("are due first of who answered last, and of the others first of who was asked longest ago", () => {
    const all = checks();
    all.watch(1, ["hung", "dead", "well"].flatMap(targetsOf));
    all.found(targetsOf("hung"), found(false), T + 1);
    all.found(targetsOf("dead"), found(false), T);
    all.found(targetsOf("well"), found(true), T + 2);
    const due = all.due().map(({ targets, isFailing }) => [targets[0]?.origin.id, isFailing]);
    expect(due).toEqual([
      ["well", false],
      ["dead", true],
      ["hung", true],
    ]);
  });

  it("call an origin down at the second failure in a row, since the first of them", () => {
    const all = checks();
    all.watch(1, targetsOf("x"));
    all.found(targetsOf("x"), found(true), T);
    expect(all.verdictOf("x", T)).toEqual({ atMs: T, downSinceMs: null });
    all.found(targetsOf("x"), found(false), T + 5_000);
    expect(all.verdictOf("x", T + 5_000)).toBeNull();
    all.found(targetsOf("x"), found(false), T + 10_000);
    expect(all.verdictOf("x", T + 10_000)).toEqual({ atMs: T + 10_000, downSinceMs: T + 5_000 });
    all.found(targetsOf("x"), found(true), T + 15_000);
    expect(all.verdictOf("x", T + 15_000)).toEqual({ atMs: T + 15_000, downSinceMs: null });
  });

  it("say nothing of an origin that was not asked lately, or never", () => {
    const all = checks();
    all.found(targetsOf("x"), found(true), T);
    expect(all.verdictOf("x", T + 15_001)).toBeNull();
    expect(all.verdictOf("y", T)).toBeNull();
  });

  it("keep what was found of each model, for as long as the catalog has it", () => {
    const all = checks();
    all.watch(1, targetsOf("x"));
    all.found(targetsOf("x"), found(true), T);
    expect(all.targets.get("x a/n")).toEqual({
      origin: "x",
      model: "a/n",
      atMs: T,
      readiness: "loading",
      queue: { running: 1, waiting: 2 },
    });
    all.watch(2, targetsOf("y"));
    expect(all.targets.size).toBe(0);
    expect(all.verdictOf("x", T)).toBeNull();
  });
});
