// The account that `npm start` hands out: made once through the operator API, its keys kept in the state
// folder and proven at every start. It does not know where the router runs.
import { type Api, expectSuccess, textField } from "./api.ts";
import { isRecord } from "./secrets.ts";
import { readState, writeState } from "./state-dir.ts";

export interface DemoAccount {
  readonly accountId: string;
  readonly managementKey: string;
  readonly apiKey: string;
}

const FILE = "demo-keys.json";
const CREDIT_USD = 1000;

export async function ensureDemoAccount(
  api: Api,
  stateDir: string,
  adminToken: string,
): Promise<DemoAccount> {
  const kept = parseDemoAccount(readState(stateDir, FILE));
  if (kept !== null && (await isAccepted(api, kept))) return kept;
  const made = await openDemoAccount(api, adminToken);
  writeState(stateDir, FILE, made);
  return made;
}

/** Refused keys belong to another store (a state folder half removed, other secrets): made anew. */
async function isAccepted(api: Api, { apiKey, managementKey }: DemoAccount): Promise<boolean> {
  const proofs = [apiKey, managementKey].map((bearer) =>
    api({ method: "GET", path: "/api/v1/inference/key", bearer }),
  );
  return (await Promise.all(proofs)).every(({ status }) => status === 200);
}

async function openDemoAccount(api: Api, adminToken: string): Promise<DemoAccount> {
  const opened = await api({
    method: "POST",
    path: "/api/v1/admin/accounts",
    bearer: adminToken,
    body: { name: "Demo", plan: "enterprise" },
  });
  const accountId = textField(opened, "account_id");
  const managementKey = textField(opened, "management_key");
  const credited = await api({
    method: "POST",
    path: `/api/v1/admin/accounts/${accountId}/credits`,
    bearer: adminToken,
    body: { amount_usd: CREDIT_USD, reference: "demo" },
  });
  expectSuccess(credited);
  const created = await api({
    method: "POST",
    path: "/api/v1/inference/keys",
    bearer: managementKey,
    body: { name: "demo" },
  });
  return { accountId, managementKey, apiKey: textField(created, "key") };
}

function parseDemoAccount(value: unknown): DemoAccount | null {
  if (!isRecord(value)) return null;
  const { accountId, managementKey, apiKey } = value;
  const isWhole = [accountId, managementKey, apiKey].every((field) => typeof field === "string");
  return isWhole
    ? { accountId: String(accountId), managementKey: String(managementKey), apiKey: String(apiKey) }
    : null;
}
