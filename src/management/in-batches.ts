// Many small questions to the outside, a few at a time: a Worker waits for at most six answers' headers at
// once, and a seventh would queue before its own time limit starts.

/** Results in the order of `items`; the first failure fails all. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}
