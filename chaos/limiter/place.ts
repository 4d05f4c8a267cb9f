// Where limits are tried, accounts that have one, and callers who ask as fast as they are answered.
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { openAccount, operate, type TestAccount } from "../../test/support/accounts.ts";
import { connectClient, type Reply } from "../client.ts";
import { CHAT, MODEL } from "../wire.ts";
import type { Span } from "./most-within.ts";

export interface Place {
  readonly demo: DemoFile;
  readonly baseUrl: string;
}

/** On the plan "free", whose other limits are out of the way of requests this small. */
export async function openLimited(demo: DemoFile, rpm: number): Promise<TestAccount> {
  const account = await openAccount(demo, { plan: "free", creditsUsd: 10 });
  const changed = await operate(demo, "PATCH", `/accounts/${account.accountId}`, { rpm });
  if (changed.status !== 200) throw new Error(`PATCH rpm: ${changed.status} ${changed.text}`);
  return account;
}

/** Fewer than the twenty that the plan lets run at once. */
const AT_ONCE = 8;

/** Asks `count` times as fast as possible. Returns those who were let in. */
export async function burst(baseUrl: string, apiKey: string, count: number): Promise<readonly Span[]> {
  const client = connectClient(baseUrl, AT_ONCE);
  const admitted: Span[] = [];
  let left = count;
  const ask = async (): Promise<void> => {
    while (left > 0) {
      left--;
      const reply = await client.send(request(apiKey));
      if (reply.status === 200) admitted.push({ fromMs: reply.sentAtMs, toMs: reply.endedAtMs });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  client.close();
  return admitted;
}

export async function askOnce(baseUrl: string, apiKey: string): Promise<Reply> {
  const client = connectClient(baseUrl, 1);
  const reply = await client.send(request(apiKey));
  client.close();
  return reply;
}

function request(key: string) {
  const body = { model: MODEL, max_tokens: 1, messages: [{ role: "user", content: "One more" }] };
  return { path: CHAT, key, body };
}
