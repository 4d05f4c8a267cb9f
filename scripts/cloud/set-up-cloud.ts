// Database, namespace, bucket, migrations and secrets of a deployment, made through wrangler. Safe to
// repeat: what exists is found and kept. It does not deploy.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fault } from "../local/fault.ts";
import { isRecord } from "../local/secrets.ts";
import { openStateDir } from "../local/state-dir.ts";
import { putSecrets } from "./cloud-secrets.ts";
import { withResourceIds } from "./resource-ids.ts";
import { mustRun, parseOutput, type Wrangler } from "./wrangler.ts";

const DATABASE = "inferroute";
const NAMESPACE = "inferroute-catalog";
const BUCKET = "inferroute-archive";

export interface CloudSetUp {
  readonly wrangler: Wrangler;
  /** wrangler.toml: the ids are written into it. */
  readonly configPath: string;
  /** Keeps the values of the secrets. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  say(line: string): void;
}

export async function setUpCloud({ wrangler, configPath, stateDir, env, say }: CloudSetUp): Promise<void> {
  openStateDir(stateDir);
  await requireLogin(wrangler);
  const databaseId = await ensureListed(wrangler, {
    list: ["d1", "list", "--json"],
    create: ["d1", "create", DATABASE],
    find: (row) => (row.name === DATABASE ? row.uuid : undefined),
  });
  say(`D1 database     ${DATABASE}`);
  const namespaceId = await ensureListed(wrangler, {
    list: ["kv", "namespace", "list"],
    create: ["kv", "namespace", "create", NAMESPACE],
    find: (row) => (row.title === NAMESPACE ? row.id : undefined),
  });
  say(`KV namespace    ${NAMESPACE}`);
  await ensureBucket(wrangler);
  say(`R2 bucket       ${BUCKET}`);
  writeFileSync(configPath, withResourceIds(readFileSync(configPath, "utf8"), { databaseId, namespaceId }));
  await mustRun(wrangler, { args: ["d1", "migrations", "apply", "DB", "--remote"] });
  say("Migrations      applied");
  const put = await putSecrets(wrangler, { stateDir, env });
  say(`Secrets         ${put.length === 0 ? "all there" : `put: ${put.join(", ")}`}`);
  say(`\nTheir values are in ${join(stateDir, "secrets.json")}: keep them in your password store.`);
  say("Commit wrangler.toml, then: npm run deploy");
}

async function requireLogin(wrangler: Wrangler): Promise<void> {
  if ((await wrangler({ args: ["whoami", "--json"] })).ok) return;
  throw fault(
    "Not logged in to Cloudflare: run `npx wrangler login` (or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID), then `npm run setup` again.",
  );
}

interface Listed {
  readonly list: readonly string[];
  readonly create: readonly string[];
  find(row: Readonly<Record<string, unknown>>): unknown;
}

/** The id of the resource, which is created when the account's list does not have it. */
async function ensureListed(wrangler: Wrangler, resource: Listed): Promise<string> {
  const found = await findListed(wrangler, resource);
  if (found !== null) return found;
  await mustRun(wrangler, { args: resource.create });
  const created = await findListed(wrangler, resource);
  if (created !== null) return created;
  throw fault(
    `wrangler ${resource.create.join(" ")} succeeded, but the resource is not listed yet: run again.`,
  );
}

async function findListed(wrangler: Wrangler, { list, find }: Listed): Promise<string | null> {
  const rows = parseOutput(await mustRun(wrangler, { args: list }));
  const ids = Array.isArray(rows) ? rows.filter(isRecord).map(find) : [];
  return ids.find((id) => typeof id === "string") ?? null;
}

async function ensureBucket(wrangler: Wrangler): Promise<void> {
  if ((await wrangler({ args: ["r2", "bucket", "info", BUCKET] })).ok) return;
  await mustRun(wrangler, { args: ["r2", "bucket", "create", BUCKET] });
}
