import { expect, it } from "vitest";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { baselineMicroUsd } from "../../src/usage/baseline.ts";
import { sampleModel } from "../domain/sample-target.ts";

it("is the same tokens at the best model's price", () => {
  const bestModel = sampleModel({
    price: { input_per_mtok: 1, cached_input_per_mtok: null, output_per_mtok: 2 },
  });
  const usage = { ...NO_USAGE, inputTokens: 100, outputTokens: 50 };
  expect(baselineMicroUsd({ bestModel }, usage)).toBe(200);
});

it("is null where the caller named the model", () => {
  expect(baselineMicroUsd({ bestModel: null }, NO_USAGE)).toBeNull();
});
