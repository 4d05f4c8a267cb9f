import { expect, it } from "vitest";
import { inBatches } from "../../src/management/in-batches.ts";

it("keeps the order, and never has more in flight than allowed", async () => {
  let inFlight = 0;
  let most = 0;
  const doubled = await inBatches([5, 4, 3, 2, 1], 2, async (item) => {
    most = Math.max(most, ++inFlight);
    await new Promise((resolve) => setTimeout(resolve, item));
    inFlight--;
    return item * 2;
  });
  expect(doubled).toEqual([10, 8, 6, 4, 2]);
  expect(most).toBe(2);
});

it("fails with the first failure", async () => {
  const work = inBatches([1, 2], 1, async (item) => {
    if (item === 2) throw new Error("two");
    return item;
  });
  await expect(work).rejects.toThrow("two");
});
