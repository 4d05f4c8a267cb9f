import { describe, expect, it } from "vitest";
import { isServedTo, isVisible, timeoutsOf } from "../../src/domain/catalog.ts";
import { sampleModel, sampleOrigin, sampleTarget } from "./sample-target.ts";

describe("isVisible", () => {
  it("is true of a public model for everybody", () => {
    expect(isVisible(sampleModel(), null)).toBe(true);
    expect(isVisible(sampleModel(), "acct_b")).toBe(true);
  });

  it("is true of a private model for its owner alone", () => {
    const model = sampleModel({ visibility: "private", account: "acct_a" });
    expect(isVisible(model, "acct_a")).toBe(true);
    expect(isVisible(model, "acct_b")).toBe(false);
    expect(isVisible(model, null)).toBe(false);
  });

  it("is true of a private model without owner for nobody", () => {
    expect(isVisible(sampleModel({ visibility: "private", account: null }), null)).toBe(false);
  });
});

describe("isServedTo", () => {
  it("is true of a shared origin for everybody", () => {
    expect(isServedTo(sampleOrigin(), null)).toBe(true);
  });

  it("is true of a dedicated origin for the accounts it lists", () => {
    const origin = sampleOrigin({ accounts: ["acct_a"] });
    expect(isServedTo(origin, "acct_a")).toBe(true);
    expect(isServedTo(origin, "acct_b")).toBe(false);
    expect(isServedTo(origin, null)).toBe(false);
    expect(isServedTo(sampleOrigin({ accounts: [] }), "acct_a")).toBe(false);
  });
});

describe("timeoutsOf", () => {
  it("is the model's own before its origin's", () => {
    const timeouts = { ttft_ms: 1, idle_ms: 2, total_ms: 3 };
    expect(timeoutsOf(sampleTarget({ model: { timeouts } }))).toBe(timeouts);
    expect(timeoutsOf(sampleTarget()).ttft_ms).toBe(30_000);
  });
});
