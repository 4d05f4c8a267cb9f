import { afterEach, describe, expect, it } from "vitest";
import { qualityOf } from "../../../src/routing/ability/ability.ts";
import { abilityFor, installAbility } from "../../../src/routing/ability/installed.ts";
import { containerOf, fitTiny, RIVER, SMALL_NAME, SUM } from "./tiny-weights.ts";

afterEach(() => installAbility(null));

describe("abilityFor", () => {
  it("is null until weights are installed", () => {
    expect(abilityFor(SUM)).toBeNull();
  });

  it("has read the prompt it was asked for", () => {
    installAbility(containerOf(fitTiny()));
    const quality = (text: string) => {
      const ability = abilityFor(text);
      return ability === null ? Number.NaN : qualityOf(ability, { name: SMALL_NAME });
    };
    expect(quality(RIVER)).toBeGreaterThan(quality(SUM));
  });
});
