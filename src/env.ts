// Bindings and variables → Config, checked once per isolate: a deployment that lacks a secret says which.
import type { Config, VersionedSecret } from "./domain/config.ts";

export interface Env {
  readonly ACCOUNT: DurableObjectNamespace;
  readonly DB: D1Database;
  readonly CATALOG: KVNamespace;
  readonly ADMIN_TOKEN?: string;
  /** `version:secret` entries, comma separated, the current one first, at most two. */
  readonly KEY_PEPPERS?: string;
  readonly ROUTE_KEYS?: string;
  /** "true" in local runs only. */
  readonly LOCAL?: string;
  readonly LEASE_S?: string;
}

const MIN_ADMIN_TOKEN_LENGTH = 32;

/** @throws Error naming the variable that is missing or wrong; never its value. */
export function readConfig(env: Env): Config {
  const adminToken = env.ADMIN_TOKEN ?? "";
  if (adminToken.length < MIN_ADMIN_TOKEN_LENGTH) {
    throw new Error(`set the secret ADMIN_TOKEN to at least ${MIN_ADMIN_TOKEN_LENGTH} characters`);
  }
  return {
    adminToken,
    peppers: versioned("KEY_PEPPERS", env.KEY_PEPPERS),
    routeKeys: versioned("ROUTE_KEYS", env.ROUTE_KEYS),
    isLocal: env.LOCAL === "true",
  };
}

function versioned(name: string, text: string | undefined): readonly VersionedSecret[] {
  const secrets = (text ?? "").split(",").flatMap((entry) => {
    const match = /^([1-9]):(.{16,})$/.exec(entry.trim());
    return match === null ? [] : [{ version: Number(match[1]), value: match[2] ?? "" }];
  });
  if (secrets.length === 1 || secrets.length === 2) return secrets;
  throw new Error(`set the secret ${name} to one or two entries 'version:secret', the current one first`);
}
