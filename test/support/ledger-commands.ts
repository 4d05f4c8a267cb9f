// Commands of the ledger at random, for property tests of the pure ledger and of the object around it. Small
// numbers meet each other: the same nonce again, the last credits, an end that comes twice.
import fc from "fast-check";
import type { LedgerCommand } from "./ledger-world.ts";

const amount = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5_000 }));
const which = fc.integer({ min: 0, max: 8 });

export function ledgerCommands(leaseMs: number): fc.Arbitrary<readonly LedgerCommand[]> {
  return fc.array(ledgerCommand(leaseMs), { minLength: 50, maxLength: 50, size: "max" });
}

function ledgerCommand(leaseMs: number): fc.Arbitrary<LedgerCommand> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("deposit" as const), microUsd: amount }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("admit" as const),
        nonce: fc.nat(40),
        least: amount,
        most: amount,
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("settle" as const), which, cost: amount }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("touch" as const), which, used: amount }) },
    // Forwards and backwards: clocks jump.
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        ms: fc.integer({ min: -Math.round(leaseMs / 12), max: Math.round(leaseMs * 1.5) }),
      }),
    },
    { weight: 4, arbitrary: fc.constant({ kind: "save" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "rest" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "crash" as const }) },
  );
}
