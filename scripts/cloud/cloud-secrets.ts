// The secrets of a deployment: those that are missing are made and put, those that exist stay. Values go
// to wrangler's stdin and to one file of mode 600, never to the terminal.
import { isRecord, newSecret, newToken, newVersionedSecret } from "../local/secrets.ts";
import { readState, writeState } from "../local/state-dir.ts";
import { mustRun, parseOutput, type Wrangler } from "./wrangler.ts";

const FILE = "secrets.json";

const MAKERS: Readonly<Record<string, () => string>> = {
  ADMIN_TOKEN: newToken,
  KEY_PEPPERS: newVersionedSecret,
  ROUTE_KEYS: newVersionedSecret,
  SESSION_KEY: newSecret,
};

export interface CloudSecretsPlan {
  readonly stateDir: string;
  /** Every ORIGIN_… variable is put as the secret of that name; ADMIN_TOKEN replaces the made one. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Names of the secrets that were put. */
export async function putSecrets(
  wrangler: Wrangler,
  { stateDir, env }: CloudSecretsPlan,
): Promise<readonly string[]> {
  const existing = await listSecrets(wrangler);
  const kept = readState(stateDir, FILE);
  const made = chooseSecrets(isRecord(kept) ? kept : {}, existing, env);
  if (Object.keys(made).length === 0) return [];
  // Kept first: what was put and then lost could never be rotated, for nobody can read it back.
  writeState(stateDir, FILE, { ...(isRecord(kept) ? kept : {}), ...made });
  await mustRun(wrangler, { args: ["secret", "bulk"], input: JSON.stringify(made) });
  return Object.keys(made);
}

/** Given ones always, the others only when the Worker does not have them yet. */
export function chooseSecrets(
  kept: Readonly<Record<string, unknown>>,
  existing: ReadonlySet<string>,
  env: CloudSecretsPlan["env"],
): Readonly<Record<string, string>> {
  const chosen: Record<string, string> = {};
  for (const [name, make] of Object.entries(MAKERS)) {
    const before = kept[name];
    if (!existing.has(name)) chosen[name] = typeof before === "string" ? before : make();
  }
  for (const [name, value] of Object.entries(env)) {
    if (value && (name === "ADMIN_TOKEN" || name.startsWith("ORIGIN_"))) chosen[name] = value;
  }
  return chosen;
}

/** Empty while the Worker does not exist yet. */
async function listSecrets(wrangler: Wrangler): Promise<ReadonlySet<string>> {
  const { stdout } = await wrangler({ args: ["secret", "list", "--format", "json"] });
  const rows = parseOutput(stdout);
  if (!Array.isArray(rows)) return new Set();
  return new Set(
    rows.flatMap((row: unknown) => (isRecord(row) && typeof row.name === "string" ? [row.name] : [])),
  );
}
