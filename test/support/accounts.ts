// Accounts of a test's own, opened through the operators' door, and what they have: tests that count credits
// or requests must not share an account with others.
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import type { Plan } from "../../src/domain/plan.ts";
import { type Answer, ask } from "./ask.ts";

export interface TestAccount {
  readonly accountId: string;
  readonly managementKey: string;
  /** With the three default scopes. */
  readonly apiKey: string;
}

export interface Opening {
  readonly plan?: Plan;
  /** 0: none are given. */
  readonly creditsUsd?: number;
}

export async function openAccount(
  demo: DemoFile,
  { plan = "enterprise", creditsUsd = 10 }: Opening = {},
): Promise<TestAccount> {
  const opened = await operate(demo, "POST", "/accounts", { name: "Test", plan });
  const accountId = textAt(opened, "account_id");
  const managementKey = textAt(opened, "management_key");
  if (creditsUsd > 0) await giveCredits(demo, accountId, creditsUsd);
  const { apiKey } = await makeKey(demo, managementKey);
  return { accountId, managementKey, apiKey };
}

let deposits = 0;

export async function giveCredits(demo: DemoFile, accountId: string, amountUsd: number): Promise<Answer> {
  const reference = `test-${++deposits}`;
  return await operate(demo, "POST", `/accounts/${accountId}/credits`, { amount_usd: amountUsd, reference });
}

export interface TestKey {
  readonly id: string;
  readonly apiKey: string;
}

export async function makeKey(demo: DemoFile, managementKey: string, fields: object = {}): Promise<TestKey> {
  const made = await ask({
    baseUrl: demo.base_url,
    path: "/api/v1/inference/keys",
    key: managementKey,
    body: { name: "test", ...fields },
  });
  return { id: textAt(made, "id"), apiKey: textAt(made, "key") };
}

/** The operators' API: paths below /api/v1/admin. */
export async function operate(demo: DemoFile, method: string, path: string, body?: object): Promise<Answer> {
  return await ask({
    baseUrl: demo.base_url,
    path: `/api/v1/admin${path}`,
    method,
    key: demo.admin_token,
    ...(body === undefined ? {} : { body }),
  });
}

export interface TestCredits {
  readonly balance_usd: number;
  readonly pending_usd: number;
  readonly available_usd: number;
}

export async function creditsOf(demo: DemoFile, managementKey: string): Promise<TestCredits> {
  const path = "/api/v1/inference/credits";
  const { json } = await ask({ baseUrl: demo.base_url, path, key: managementKey });
  const { balance_usd, pending_usd, available_usd } = json;
  return {
    balance_usd: Number(balance_usd),
    pending_usd: Number(pending_usd),
    available_usd: Number(available_usd),
  };
}

/** Settlement runs behind the answer: the credits once nothing is held any more. */
export async function settledCredits(demo: DemoFile, managementKey: string): Promise<TestCredits> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const credits = await creditsOf(demo, managementKey);
    if (credits.pending_usd === 0) return credits;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("credits are still held");
}

const POLL_MS = 20;
/** Five seconds: a settlement takes milliseconds. */
const MAX_TRIES = 250;

function textAt(answer: Answer, field: string): string {
  const value = answer.json[field];
  if (typeof value === "string") return value;
  throw new Error(`no ${field} in ${answer.status} ${answer.text}`);
}
