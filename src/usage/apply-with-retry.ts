// Commands that must arrive although nobody can be told when they do not: sent again, through a new stub, until
// the object has answered or the Worker's time is up. Repeats are harmless: the object ignores them.
import type { Answer, Command } from "../domain/account-commands.ts";
import type { AccountRef } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";

/** Within the 30 s that a Worker may live on after its answer. */
const BACKOFF_MS = [100, 400, 1_600, 6_400] as const;

/** null when the object could not be reached. */
export async function applyWithRetry(
  ports: Ports,
  account: AccountRef,
  commands: readonly Command[],
): Promise<readonly Answer[] | null> {
  for (const waitMs of [...BACKOFF_MS, null]) {
    // A new stub each time: a broken one stays broken.
    const answers = await ports
      .account(account)
      .apply(commands)
      .catch(() => null);
    if (answers !== null || waitMs === null) return answers;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return null;
}

/** What never arrives, the lease ends; the log says so, for somebody may be billed less or refused for it. */
export function reportLost(ports: Ports, { accountId }: AccountRef, { kind }: Command): void {
  ports.log({ event: "command-lost", level: "error", account_id: accountId, kind });
}
