// A budget of extras: so many for each thing counted lately, and a few beside. It does not know what is counted.

/** Ten seconds are what Finagle and Linkerd look back: a burst pays for its own extras, and for no later one's. */
const WINDOW_S = 10;

export interface ShareBudget {
  /** One more that earns a share of an extra. */
  count(nowMs: number): void;
  /** Takes one extra; false where none is left. */
  spend(nowMs: number): boolean;
}

export interface BudgetTerms {
  /** Extras earned by each thing counted. */
  readonly share: number;
  /** Extras within a window that nothing must earn. */
  readonly free: number;
}

/**
 * In the current second and the nine before it: spent ≤ share × counted + free, at every moment of spending.
 * `nowMs` may stand still; where it runs backwards, nothing is forgotten.
 */
export function shareBudget({ share, free }: BudgetTerms): ShareBudget {
  const counted = new Array<number>(WINDOW_S).fill(0);
  const spent = new Array<number>(WINDOW_S).fill(0);
  let countedInAll = 0;
  let spentInAll = 0;
  let lastS = 0;

  /** The slot of this second; those that have left the window are emptied on the way. */
  function slotAt(nowMs: number): number {
    const nowS = Math.max(lastS, Math.floor(nowMs / 1000));
    const firstS = Math.max(lastS + 1, nowS - WINDOW_S + 1);
    for (let second = firstS; second <= nowS; second++) {
      const slot = second % WINDOW_S;
      countedInAll -= counted[slot] ?? 0;
      spentInAll -= spent[slot] ?? 0;
      counted[slot] = 0;
      spent[slot] = 0;
    }
    lastS = nowS;
    return nowS % WINDOW_S;
  }

  return {
    count(nowMs) {
      const slot = slotAt(nowMs);
      counted[slot] = (counted[slot] ?? 0) + 1;
      countedInAll += 1;
    },
    spend(nowMs) {
      const slot = slotAt(nowMs);
      if (spentInAll + 1 > share * countedInAll + free) return false;
      spent[slot] = (spent[slot] ?? 0) + 1;
      spentInAll += 1;
      return true;
    },
  };
}
