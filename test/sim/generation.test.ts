import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generate, type Limits } from "../../sim/generation.ts";
import { writeScript } from "../../sim/text.ts";

const LIMITS: Limits = { maxTokens: 4000, minTokens: 0, ignoreEos: false, stop: [], includeStop: false };
const scriptFor = (key: string) => (atLeast: number) =>
  writeScript({ key, ask: "lighthouses and ships" }, atLeast);

function run(key: string, prefill: string, limits: Partial<Limits> = {}) {
  return generate(scriptFor(key), prefill, { ...LIMITS, ...limits });
}
const textOf = (key: string, prefill: string, limits: Partial<Limits> = {}) =>
  run(key, prefill, limits).tokens.join("");

describe("a run continued", () => {
  it("says what the unbroken run would have said, at every cut", () => {
    for (const key of ["one", "two", "three"]) {
      const unbroken = textOf(key, "");
      for (let cut = 0; cut <= unbroken.length; cut += 1) {
        const prefill = unbroken.slice(0, cut);
        expect(prefill + textOf(key, prefill)).toBe(unbroken);
      }
    }
  });

  it("does so after foreign words too, cut as often as you like", () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.string(), fc.string(), cuts, (key, foreign, shares) => {
        const unbroken = foreign + textOf(key, foreign);
        let said = foreign;
        for (const share of shares) {
          const rest = textOf(key, said);
          said += rest.slice(0, Math.floor(rest.length * share));
        }
        expect(said + textOf(key, said)).toBe(unbroken);
      }),
    );
  });

  it("does so past the natural end as well", () => {
    const limits = { ignoreEos: true, maxTokens: 300 };
    const unbroken = textOf("k", "", limits);
    const prefill = unbroken.slice(0, 700);
    expect((prefill + textOf("k", prefill, limits)).startsWith(unbroken)).toBe(true);
  });

  it("puts a space between foreign words and its own", () => {
    expect(textOf("k", "Sure,")).toMatch(/^ \S/);
    expect(textOf("k", "Sure, ")).toMatch(/^\S/);
  });

  it("says nothing more after the whole answer", () => {
    expect(run("k", textOf("k", ""))).toEqual({ tokens: [], finishReason: "stop", stopReason: null });
  });
});

describe("a run's end", () => {
  it("is `length` when the limit is met, with exactly that many tokens", () => {
    const cut = run("k", "", { maxTokens: 5 });
    expect(cut.tokens).toHaveLength(5);
    expect(cut.finishReason).toBe("length");
  });

  it("comes as late as `ignore_eos` or `min_tokens` say", () => {
    expect(run("k", "", { ignoreEos: true, maxTokens: 500 }).tokens).toHaveLength(500);
    expect(run("k", "", { minTokens: 200 }).tokens).toHaveLength(200);
  });

  it("comes before the first stop string met, and names it", () => {
    const full = textOf("k", "");
    const stop = full.slice(20, 24);
    const cut = run("k", "", { stop: ["never said", stop] });
    expect(cut.tokens.join("")).toBe(full.slice(0, full.indexOf(stop)));
    expect(cut).toMatchObject({ finishReason: "stop", stopReason: stop });
    expect(textOf("k", "", { stop: [stop], includeStop: true })).toBe(full.slice(0, full.indexOf(stop) + 4));
  });
});
