// `npm run setup`: everything a first deployment needs in a Cloudflare account — database, namespace,
// bucket, secrets, migrations. Safe to repeat: what exists is found and kept. It does not deploy.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { putSecrets } from "./cloud/cloud-secrets.ts";
import { withResourceIds } from "./cloud/resource-ids.ts";
import { connectWrangler, mustRun, parseOutput, type Wrangler } from "./cloud/wrangler.ts";
import { describeFailure, fault } from "./local/fault.ts";
import { isRecord } from "./local/secrets.ts";
import { readSettings } from "./local/settings.ts";
import { openStateDir } from "./local/state-dir.ts";

const ROOT = join(import.meta.dirname, "..");
const CONFIG = join(ROOT, "wrangler.toml");
const DATABASE = "inferroute";
const NAMESPACE = "inferroute-catalog";
const BUCKET = "inferroute-archive";

async function setUpCloud(wrangler: Wrangler): Promise<void> {
  // Refuses a short ADMIN_TOKEN before anything is created.
  readSettings({ ADMIN_TOKEN: process.env.ADMIN_TOKEN }, { root: ROOT, isTerminal: false });
  const stateDir = join(ROOT, ".local/cloud");
  openStateDir(stateDir);
  await requireLogin(wrangler);

  const databaseId = await ensureListed(wrangler, {
    list: ["d1", "list", "--json"],
    create: ["d1", "create", DATABASE],
    find: (row) => (row.name === DATABASE ? row.uuid : undefined),
  });
  console.log(`D1 database     ${DATABASE}`);
  const namespaceId = await ensureListed(wrangler, {
    list: ["kv", "namespace", "list"],
    create: ["kv", "namespace", "create", NAMESPACE],
    find: (row) => (row.title === NAMESPACE ? row.id : undefined),
  });
  console.log(`KV namespace    ${NAMESPACE}`);
  await ensureBucket(wrangler);
  console.log(`R2 bucket       ${BUCKET}`);
  writeFileSync(CONFIG, withResourceIds(readFileSync(CONFIG, "utf8"), { databaseId, namespaceId }));
  await mustRun(wrangler, { args: ["d1", "migrations", "apply", "DB", "--remote"] });
  console.log("Migrations      applied");
  const put = await putSecrets(wrangler, { stateDir, env: process.env });
  console.log(`Secrets         ${put.length === 0 ? "all there" : `put: ${put.join(", ")}`}`);
  console.log(
    `\nThe secrets' values are in ${join(stateDir, "secrets.json")}: keep them in your password store.`,
  );
  console.log("Commit wrangler.toml, then: npm run deploy");
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

try {
  await setUpCloud(connectWrangler(ROOT));
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
