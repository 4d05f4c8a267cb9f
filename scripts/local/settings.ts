// The environment of `npm start`, read once into one value; every wrong variable is a fault that names
// it. Pure: it opens no file and no port.
import { resolve } from "node:path";
import { fault } from "./fault.ts";

export type LogFormat = "json" | "pretty";

export interface Settings {
  readonly port: number;
  readonly stateDir: string;
  readonly catalogFile: string | null;
  readonly simulators: { readonly mode: "off" } | { readonly mode: "on"; readonly firstPort: number | null };
  readonly log: LogFormat;
  readonly leaseS: number;
  /** null: the one made once in the state folder. */
  readonly adminToken: string | null;
  /** Who may sign in besides keys, how much is hedged: handed to the Worker as they are, for it checks them. */
  readonly handedOn: Readonly<Record<string, string>>;
  /** Every ORIGIN_… variable: handed to the Worker as the secret of that name. */
  readonly originSecrets: Readonly<Record<string, string>>;
}

type Env = Readonly<Record<string, string | undefined>>;

const HIGHEST_PORT = 65_535;
/** One per simulated region. */
export const SIMULATOR_COUNT = 3;
// Beyond an hour a lost reservation would lock its credits for longer than anyone waits.
const LONGEST_LEASE_S = 3_600;
// Shorter tokens can be guessed; the Worker refuses them too.
const SHORTEST_ADMIN_TOKEN = 32;

export interface Surroundings {
  readonly root: string;
  readonly isTerminal: boolean;
}

export function readSettings(env: Env, { root, isTerminal }: Surroundings): Settings {
  const catalogFile = text(env, "CATALOG_FILE");
  return {
    port: integer(env, "PORT", { least: 1, most: HIGHEST_PORT }) ?? 8787,
    stateDir: resolve(root, text(env, "STATE_DIR") ?? ".local/state"),
    catalogFile: catalogFile === null ? null : resolve(root, catalogFile),
    simulators: readSimulators(env),
    log: oneOf(env, "LOG", ["json", "pretty"]) ?? (isTerminal ? "pretty" : "json"),
    leaseS: integer(env, "LEASE_S", { least: 1, most: LONGEST_LEASE_S }) ?? 60,
    adminToken: readAdminToken(env),
    handedOn: readHandedOn(env),
    originSecrets: readOriginSecrets(env),
  };
}

function readSimulators(env: Env): Settings["simulators"] {
  if (oneOf(env, "SIM", ["on", "off"]) === "off") return { mode: "off" };
  const most = HIGHEST_PORT - SIMULATOR_COUNT + 1;
  return { mode: "on", firstPort: integer(env, "SIM_PORT", { least: 1, most }) };
}

function readAdminToken(env: Env): string | null {
  const token = text(env, "ADMIN_TOKEN");
  if (token !== null && token.length < SHORTEST_ADMIN_TOKEN) {
    throw fault(`ADMIN_TOKEN has ${token.length} characters: use at least ${SHORTEST_ADMIN_TOKEN}.`);
  }
  return token;
}

const HANDED_ON = ["ALLOWED_ORIGINS", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL", "HEDGE_SHARE"];

function readHandedOn(env: Env): Record<string, string> {
  return Object.fromEntries(HANDED_ON.map((name) => [name, text(env, name) ?? ""]));
}

function readOriginSecrets(env: Env): Record<string, string> {
  const named = Object.entries(env).filter(([name, value]) => name.startsWith("ORIGIN_") && value);
  return Object.fromEntries(named.map(([name, value]) => [name, value ?? ""]));
}

/** An empty variable counts as absent, as in `PORT= npm start`. */
function text(env: Env, name: string): string | null {
  return env[name] || null;
}

function integer(env: Env, name: string, range: { least: number; most: number }): number | null {
  const value = text(env, name);
  if (value === null) return null;
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= range.least && number <= range.most) return number;
  throw fault(`${name}=${value}: use a whole number from ${range.least} to ${range.most}.`);
}

function oneOf<const T extends string>(env: Env, name: string, allowed: readonly T[]): T | null {
  const value = text(env, name);
  if (value === null) return null;
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw fault(`${name}=${value}: use ${allowed.join(" or ")}.`);
}
