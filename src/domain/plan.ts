// Plans and their limits. null = unlimited.

export const PLANS = {
  free: { rpm: 100 },
  pro: { rpm: 1_000 },
  team: { rpm: 5_000 },
  enterprise: { rpm: null },
} as const satisfies Record<string, { readonly rpm: number | null }>;

export type Plan = keyof typeof PLANS;

/** Limits an operator set for one account; what is absent follows the plan. */
export interface LimitOverrides {
  readonly rpm?: number | null;
}

export interface Limits {
  readonly rpm: number | null;
}

export function limitsOf(plan: Plan, overrides: LimitOverrides): Limits {
  return { rpm: overrides.rpm === undefined ? PLANS[plan].rpm : overrides.rpm };
}
