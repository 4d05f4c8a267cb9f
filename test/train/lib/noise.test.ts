import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addNoise, NOISES } from "../../../train/lib/noise.ts";
import { createRandom } from "../../../train/lib/random.ts";

const TEXT = "Please write a short letter to my landlord, the heating has been broken for three weeks!";

describe("addNoise", () => {
  it.each(NOISES)("spoils a text by %s, the same way for the same seed", (noise) => {
    const spoilt = addNoise(TEXT, noise, createRandom(3));
    expect(spoilt).not.toBe(TEXT);
    expect(addNoise(TEXT, noise, createRandom(3))).toBe(spoilt);
  });

  it("changes case and spacing only where it says so", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const bare = (text: string) => text.replaceAll(" ", "").toLowerCase();
        expect(bare(addNoise(TEXT, "case", createRandom(seed)))).toBe(bare(TEXT));
        expect(bare(addNoise(TEXT, "spacing", createRandom(seed)))).toBe(bare(TEXT));
      }),
    );
  });
});
