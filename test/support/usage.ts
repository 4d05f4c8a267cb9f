// What an account's usage says of one request, by its id. It comes a moment behind the answer, and within two
// seconds, or the test that asks has found a fault.
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { ask } from "./ask.ts";

export type UsageRow = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly managementKey: string;
  readonly requestId: string;
}

/** wire.md §2, "Usage": there so soon after the request's end. */
const WITHIN_MS = 2_000;
const POLL_MS = 20;

export async function usageOf(demo: DemoFile, { managementKey, requestId }: Asked): Promise<UsageRow> {
  const path = `/api/v1/inference/usage/${requestId}`;
  const sinceMs = Date.now();
  for (;;) {
    const askedAtMs = Date.now();
    const answer = await ask({ baseUrl: demo.base_url, path, key: managementKey });
    if (answer.status === 200) return answer.json;
    if (askedAtMs - sinceMs > WITHIN_MS) throw new Error(`no usage of ${requestId}: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
