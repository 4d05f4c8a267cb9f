// Who chooses the region of a request: two policies that a client could follow by itself, and the router.

export const POLICIES = ["round robin", "least in flight", "inferroute"] as const;
export type Policy = (typeof POLICIES)[number];

export interface Chooser {
  /** The region to pin the next request to; null leaves it to the router. */
  choose(): string | null;
  /** `change`: +1 when a request leaves for the region, −1 when its answer ended. */
  count(region: string, change: 1 | -1): void;
}

export function chooserOf(policy: Policy, regions: readonly string[]): Chooser {
  const inFlight = new Map(regions.map((region) => [region, 0]));
  let turn = 0;
  const choose = {
    "round robin": () => regions[turn++ % regions.length] ?? null,
    "least in flight": () => lightest(inFlight),
    inferroute: () => null,
  }[policy];
  return {
    choose,
    count: (region, change) => void inFlight.set(region, (inFlight.get(region) ?? 0) + change),
  };
}

/** Of equals the one listed first. */
function lightest(inFlight: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  for (const [region, count] of inFlight) {
    if (best === null || count < (inFlight.get(best) ?? 0)) best = region;
  }
  return best;
}
