import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundedMap } from "../../src/lib/bounded-map.ts";

describe("boundedMap", () => {
  it("forgets the entry set longest ago", () => {
    const map = boundedMap<number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([undefined, 2, 3]);
  });

  it("takes an entry set again for a new one", () => {
    const map = boundedMap<number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    map.set("c", 4);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([3, undefined, 4]);
  });

  it("is not kept alive by reading", () => {
    const map = boundedMap<number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.get("a");
    map.set("c", 3);
    expect(map.get("a")).toBeUndefined();
  });

  it("gives room back when an entry is deleted", () => {
    const map = boundedMap<number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.delete("b");
    map.set("c", 3);
    expect([map.get("a"), map.get("c")]).toEqual([1, 3]);
  });

  it("remembers exactly the newest, whatever is set", () => {
    const keys = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "__proto__"), { maxLength: 40 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 4 }), (set, capacity) => {
        const map = boundedMap<number>(capacity);
        for (const [at, key] of set.entries()) map.set(key, at);
        const newestFirst = [...new Set([...set].reverse())];
        for (const [age, key] of newestFirst.entries()) {
          expect(map.get(key)).toBe(age < capacity ? set.lastIndexOf(key) : undefined);
        }
      }),
    );
  });
});
