// Commands that nobody waits for, gathered per account: the settlements and renewals of all requests of this
// isolate leave in one RPC. The object ignores repeats, so a lost answer is simply sent again; what never
// arrives, the lease settles.
import type { Letter, Mailbox, Ports } from "../domain/ports.ts";
import { applyWithRetry, reportLost } from "./apply-with-retry.ts";

/** Long enough for a busy isolate to share a call, short against the 250 ms in which a place must be free again. */
const GATHER_MS = 30;

export function mailbox(): Mailbox {
  const sacks = new Map<string, Sack>();
  return {
    post(ports, letter) {
      const { accountId } = letter.account;
      const sack = sacks.get(accountId);
      if (sack === undefined) {
        const letters = [letter];
        sacks.set(accountId, { letters, sinceMs: ports.now() });
        ports.waitUntil(sendSack(ports, accountId, sacks));
        return;
      }
      sack.letters.push(letter);
      if (ports.now() - sack.sinceMs > STRANDED_MS) ports.waitUntil(sendSack(ports, accountId, sacks));
    },
  };
}

interface Sack {
  readonly letters: Letter[];
  readonly sinceMs: number;
}

/** The request that should have sent a sack was torn down with its timer: the next one takes it over. */
const STRANDED_MS = 1_000;

async function sendSack(ports: Ports, accountId: string, sacks: Map<string, Sack>): Promise<void> {
  await sleep(GATHER_MS);
  const letters = sacks.get(accountId)?.letters ?? [];
  sacks.delete(accountId);
  for (let at = 0; at < letters.length; at += MAX_LETTERS) {
    await sendLetters(ports, letters.slice(at, at + MAX_LETTERS));
  }
}

/** A sack that lay stranded may be large: the object takes 2,000 commands at once and an RPC 32 MiB. */
const MAX_LETTERS = 500;

async function sendLetters(ports: Ports, letters: readonly Letter[]): Promise<void> {
  const [first] = letters;
  if (first === undefined) return;
  const commands = letters.map(({ command }) => command);
  const answers = await applyWithRetry(ports, first.account, commands);
  letters.forEach((letter, index) => {
    const answer = answers?.[index];
    if (answer !== undefined) letter.onAnswer(answer);
    else reportLost(ports, letter.account, letter.command);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
