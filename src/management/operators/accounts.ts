// Accounts as operators see them: opened, listed, changed, given a new management key. An account's own
// object holds its facts; the directory only who exists.
import * as z from "zod";
import { makeAccountId, makeKey, type NewSecret } from "../../auth/api-key.ts";
import type { AccountFacts, AccountSettings, NewKey } from "../../domain/account-commands.ts";
import { type AccountRef, JURISDICTIONS, SCOPES } from "../../domain/key.ts";
import { type LimitOverrides, PLANS, type Plan } from "../../domain/plan.ts";
import type { DirectoryEntry, Ports } from "../../domain/ports.ts";
import type { Http, HttpContext } from "../../http.ts";
import { applyAll } from "../apply-all.ts";
import { inBatches } from "../in-batches.ts";
import { listBody, onePage, readPage } from "../page.ts";
import { readBody } from "../read-body.ts";
import { rfc3339 } from "../rfc3339.ts";
import { shownLimits } from "../shown-limits.ts";
import { asOperator } from "./as-operator.ts";
import { giveCredits } from "./credits.ts";
import { ACCOUNT_ID, enterAccount, findAccount } from "./directory.ts";

export function mountAccounts(app: Http, base: string): void {
  app.post(`${base}/accounts`, openAccount);
  app.get(`${base}/accounts`, listAccounts);
  app.patch(`${base}/accounts/:id`, changeAccount);
  app.post(`${base}/accounts/:id/management-key`, createManagementKey);
  app.post(`${base}/accounts/:id/credits`, giveCredits);
}

const plan = z.enum(Object.keys(PLANS) as [Plan, ...Plan[]]); // keys of a literal are its own

const newAccount = z.strictObject({
  name: z.string().min(1).max(100),
  plan,
  jurisdiction: z.enum(JURISDICTIONS).default("none"),
  /** The identity provider's name for the owner: longer ones are no subject of any provider. */
  subject: z.string().min(1).max(255).nullable().default(null),
});

/**
 * The object first: a name that cannot be entered leaves an object nobody has a key to, while an entry
 * without its object would hold a subject for ever.
 */
async function openAccount(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const { name, plan, jurisdiction, subject } = await readBody(c, asOperator, newAccount);
  const account: AccountRef = { accountId: makeAccountId(ports.randomBytes), jurisdiction };
  const secret = await makeKey(ports, account);
  const managementKey = managementKeyOf(secret);
  await applyAll(ports, account, [{ kind: "open-account", name, plan, jurisdiction, managementKey }]);
  const { slug } = await enterAccount(ports, account, { name, subject });
  const body = { account_id: account.accountId, slug, management_key: secret.raw };
  return c.json(body, 201, { "cache-control": "no-store" });
}

/** A Worker waits for at most six answers at once. */
const ACCOUNTS_AT_ONCE = 6;

async function listAccounts(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const page = await readPage(c, asOperator, ACCOUNT_ID);
  const entries = await ports.directory.list(page.askFor, page.after);
  const { rows, nextCursor } = onePage(page, entries, (entry) => entry.accountId);
  const data = await inBatches(rows, ACCOUNTS_AT_ONCE, (entry) => describe(ports, entry));
  return c.json(listBody(data, nextCursor));
}

async function describe(ports: Ports, entry: DirectoryEntry) {
  const [{ account }] = await applyAll(ports, entry, [{ kind: "account" }]);
  return accountObject(entry, account);
}

function accountObject(entry: DirectoryEntry, facts: AccountFacts) {
  return {
    account_id: entry.accountId,
    slug: entry.slug,
    name: facts.name,
    plan: facts.plan,
    status: facts.status,
    ...shownLimits(facts),
    jurisdiction: entry.jurisdiction,
    created_at: rfc3339(facts.createdAtMs),
  };
}

/** A month of a thousand GPUs; beyond it, unlimited is meant. */
const MAX_GPU_HOURS = 750_000;
/** null: unlimited. */
const count = z.int().min(1).nullable().optional();

const accountChanges = z.strictObject({
  plan: plan.optional(),
  status: z.enum(["active", "deactivated"]).optional(),
  rpm: count,
  tpm: count,
  concurrency: count,
  gpu_hours: z.number().min(0).max(MAX_GPU_HOURS).nullable().optional(),
});
type AccountChanges = z.output<typeof accountChanges>;

async function changeAccount(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const changes = changesOf(await readBody(c, asOperator, accountChanges));
  const entry = await findAccount(c);
  const [{ account }] = await applyAll(ports, entry, [{ kind: "change-account", changes }]);
  return c.json(accountObject(entry, account));
}

/** Only what was said: an absent field stays as it is. */
function changesOf({ plan, status, ...limits }: AccountChanges): Partial<AccountSettings> {
  const overrides = overridesOf(limits);
  return {
    ...(plan === undefined ? {} : { plan }),
    ...(status === undefined ? {} : { status }),
    ...(Object.keys(overrides).length === 0 ? {} : { limits: overrides }),
  };
}

function overridesOf({
  rpm,
  tpm,
  concurrency,
  gpu_hours,
}: Omit<AccountChanges, "plan" | "status">): LimitOverrides {
  return {
    ...(rpm === undefined ? {} : { rpm }),
    ...(tpm === undefined ? {} : { tpm }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(gpu_hours === undefined ? {} : { gpuHours: gpu_hours }),
  };
}

/** For an account whose keys are lost; the old ones stay good until they are revoked. */
async function createManagementKey(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  await asOperator(ports, c.req.raw);
  const entry = await findAccount(c);
  const secret = await makeKey(ports, entry);
  await applyAll(ports, entry, [{ kind: "create-key", key: managementKeyOf(secret) }]);
  const body = { account_id: entry.accountId, key_id: secret.keyId, management_key: secret.raw };
  return c.json(body, 201, { "cache-control": "no-store" });
}

function managementKeyOf({ keyId, prefix, proof }: NewSecret): NewKey {
  return {
    id: keyId,
    name: "management",
    prefix,
    proof,
    scopes: SCOPES,
    modelPool: null,
    optimizeMode: null,
    region: null,
    rpm: null,
    budget: null,
    expiresAtMs: null,
  };
}
