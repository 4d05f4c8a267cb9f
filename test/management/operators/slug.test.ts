import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slugOf, withSuffix } from "../../../src/management/operators/slug.ts";

const FORM = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => at * 37);

describe("slugs", () => {
  it.each([
    ["Acme Corp.", "acme-corp"],
    ["  Café — Zürich  ", "cafe-zurich"],
    ["日本", "account"],
    ["", "account"],
    [`${"a".repeat(39)} b`, "a".repeat(39)],
  ])("of %j is %s", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it("are short, lower-case ASCII with single dashes, for every name, with and without suffix", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (name) => {
        const slug = slugOf(name);
        for (const one of [slug, withSuffix(slug, bytes)]) {
          expect(one).toMatch(FORM);
          expect(one.length).toBeLessThanOrEqual(40);
        }
      }),
    );
  });
});
