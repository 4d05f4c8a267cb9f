// Plans and their limits. null = unlimited.

export interface Limits {
  /** Requests per minute. */
  readonly rpm: number | null;
  /** Tokens per minute, input and output together. */
  readonly tpm: number | null;
  /** Requests under way at once. */
  readonly concurrency: number | null;
  /** GPU-hours per calendar month, UTC. */
  readonly gpuHours: number | null;
}

/** wire.md §2, "Plans". */
export const PLANS = {
  free: { rpm: 100, tpm: 200_000, concurrency: 20, gpuHours: 10 },
  pro: { rpm: 1_000, tpm: 2_000_000, concurrency: 200, gpuHours: 100 },
  team: { rpm: 5_000, tpm: 10_000_000, concurrency: 1_000, gpuHours: 500 },
  enterprise: { rpm: null, tpm: null, concurrency: null, gpuHours: null },
} as const satisfies Record<string, Limits>;

export type Plan = keyof typeof PLANS;

/** Limits an operator set for one account; what is absent follows the plan. */
export type LimitOverrides = { readonly [Name in keyof Limits]?: number | null };

export function limitsOf(plan: Plan, overrides: LimitOverrides): Limits {
  return { ...PLANS[plan], ...overrides };
}
