// The whole Worker inside workerd, asked over HTTP: real objects, database and bucket, no origins. Accounts are
// opened as operators open them.
import { applyD1Migrations, type D1Migration, env } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { WORKER_BINDINGS } from "./worker-bindings.ts";

export const BASE = "https://router.example";

export interface WorkerReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form, and expect is their assertion
  readonly body: any;
}

export interface WorkerAsk {
  readonly bearer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What tests use of the bindings; the Worker's own type of them knows no test. */
export const bindings = env as unknown as {
  readonly DB: D1Database;
  readonly ARCHIVE: R2Bucket;
  readonly TEST_MIGRATIONS: D1Migration[];
};

/** Before the first request of a file. */
export async function migrateDirectory(): Promise<void> {
  await applyD1Migrations(bindings.DB, bindings.TEST_MIGRATIONS);
}

export async function ask(method: string, path: string, options: WorkerAsk = {}): Promise<WorkerReply> {
  const { bearer, body } = options;
  const headers = new Headers(options.headers);
  if (bearer !== undefined) headers.set("authorization", `Bearer ${bearer}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  // The runtime's own type knows the default export as any Worker's.
  const worker = (exports as unknown as { readonly default: Fetcher }).default;
  const response = await worker.fetch(BASE + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

export function askAsOperator(method: string, path: string, body?: unknown): Promise<WorkerReply> {
  return ask(method, `/api/v1/admin${path}`, { bearer: WORKER_BINDINGS.ADMIN_TOKEN, body });
}

export interface OpenedAccount {
  readonly accountId: string;
  readonly slug: string;
  readonly managementKey: string;
}

export async function openAccount(fields: Readonly<Record<string, unknown>> = {}): Promise<OpenedAccount> {
  const { status, body, text } = await askAsOperator("POST", "/accounts", {
    name: "Acme",
    plan: "pro",
    ...fields,
  });
  if (status !== 201) throw new Error(`no account: ${text}`);
  return { accountId: body.account_id, slug: body.slug, managementKey: body.management_key };
}

/** `name=value`, as a browser sends it back. */
export async function signIn(managementKey: string): Promise<string> {
  const { headers, text } = await ask("POST", "/api/v1/auth/session", { bearer: managementKey });
  const cookie = headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) throw new Error(`no session: ${text}`);
  return cookie;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
