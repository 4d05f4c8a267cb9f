// The secrets of a local run: made once, kept in secrets.json, given to the Worker and, for simulated
// origins, to the simulators as well. Deployed secrets are scripts/cloud-setup.ts's business.
import { randomBytes } from "node:crypto";
import { readState, writeState } from "./state-dir.ts";

export interface LocalSecrets {
  readonly adminToken: string;
  /** `version:base64`, as KEY_PEPPERS and ROUTE_KEYS have them. */
  readonly keyPeppers: string;
  readonly routeKeys: string;
  readonly sessionKey: string;
  /** Keys of simulated origins, by the name of their secret. */
  readonly originKeys: Readonly<Record<string, string>>;
}

const FILE = "secrets.json";
// As long as the hash that they key: more adds nothing.
const SECRET_BYTES = 32;

/** `originNames`: secrets of the simulated origins; what exists never changes. */
export function loadSecrets(stateDir: string, originNames: readonly string[]): LocalSecrets {
  const stored = readState(stateDir, FILE);
  const kept = isRecord(stored) ? stored : {};
  const originKeys = isRecord(kept.originKeys) ? kept.originKeys : {};
  const secrets: LocalSecrets = {
    adminToken: string(kept.adminToken) ?? newToken(),
    keyPeppers: string(kept.keyPeppers) ?? newVersionedSecret(),
    routeKeys: string(kept.routeKeys) ?? newVersionedSecret(),
    sessionKey: string(kept.sessionKey) ?? newSecret(),
    originKeys: Object.fromEntries(originNames.map((name) => [name, string(originKeys[name]) ?? newToken()])),
  };
  writeState(stateDir, FILE, secrets);
  return secrets;
}

export function newToken(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64");
}

/** The first version of a secret that is rotated by version. */
export function newVersionedSecret(): string {
  return `1:${newSecret()}`;
}

function string(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
