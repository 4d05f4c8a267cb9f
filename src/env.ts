// Bindings and variables → Config, checked once per isolate: a deployment that lacks a secret says which.
import type { Config, IdentityProvider, VersionedSecret } from "./domain/config.ts";
import type { WorkersAi } from "./domain/ports.ts";

export interface Env {
  readonly ACCOUNT: DurableObjectNamespace;
  readonly USAGE_LOG: DurableObjectNamespace;
  readonly ANSWERS: DurableObjectNamespace;
  readonly ORIGIN_HEALTH: DurableObjectNamespace;
  readonly DB: D1Database;
  readonly CATALOG: KVNamespace;
  readonly ARCHIVE: R2Bucket;
  /** The way to the origins where it is not the public internet: a VPC service, an egress Worker. */
  readonly EGRESS?: Fetcher;
  /** Workers AI, where the catalog has origins of that kind. */
  readonly AI?: WorkersAi;
  readonly ADMIN_TOKEN?: string;
  /** `version:secret` entries, comma separated, the current one first, at most two. */
  readonly KEY_PEPPERS?: string;
  readonly ROUTE_KEYS?: string;
  /** At least 32 characters. */
  readonly SESSION_KEY?: string;
  /** `https://host` entries, comma separated. */
  readonly ALLOWED_ORIGINS?: string;
  /** All three or none. */
  readonly JWT_ISSUER?: string;
  readonly JWT_AUDIENCE?: string;
  readonly JWT_JWKS_URL?: string;
  /** "true" in local runs only. */
  readonly LOCAL?: string;
  readonly LEASE_S?: string;
  /** 0 to 0.05; empty: 0. */
  readonly HEDGE_SHARE?: string;
}

const MIN_ADMIN_TOKEN_LENGTH = 32;
/** As long as the hash that it keys: 32 bytes in base64 are 44. */
const MIN_SESSION_KEY_LENGTH = 32;

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
    sessionKey: readSessionKey(env),
    allowedOrigins: readOrigins(env.ALLOWED_ORIGINS),
    identityProvider: readProvider(env),
    hedgeShare: readHedgeShare(env),
    isLocal: env.LOCAL === "true",
  };
}

function versioned(name: string, text: string | undefined): readonly VersionedSecret[] {
  const entries = (text ?? "").split(",");
  const secrets = entries.flatMap((entry) => {
    const match = /^([1-9]):(.{16,})$/.exec(entry.trim());
    return match === null ? [] : [{ version: Number(match[1]), value: match[2] ?? "" }];
  });
  const isWhole = secrets.length === entries.length && secrets.length <= 2;
  if (isWhole && new Set(secrets.map(({ version }) => version)).size === secrets.length) return secrets;
  throw new Error(`set the secret ${name} to one or two entries 'version:secret', the current one first`);
}

function readSessionKey({ SESSION_KEY = "" }: Env): string {
  if (SESSION_KEY.length >= MIN_SESSION_KEY_LENGTH) return SESSION_KEY;
  throw new Error(`set the secret SESSION_KEY to at least ${MIN_SESSION_KEY_LENGTH} characters`);
}

/** Beyond a twentieth a hedge costs more GPU time than its seconds are worth. */
const MOST_HEDGED = 0.05;

function readHedgeShare({ HEDGE_SHARE = "" }: Env): number {
  const share = Number(HEDGE_SHARE);
  if (share >= 0 && share <= MOST_HEDGED) return share;
  throw new Error(`set HEDGE_SHARE to a number from 0 to ${MOST_HEDGED}, or to nothing`);
}

function readOrigins(text: string | undefined): readonly string[] {
  const origins = (text ?? "").split(",").flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]));
  // As browsers write it: a path, a slash at the end or a `*` would never equal an Origin header.
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong === undefined) return origins;
  throw new Error(`set ALLOWED_ORIGINS to entries like 'https://host', comma separated: '${wrong}' is none`);
}

function readProvider(env: Env): IdentityProvider | null {
  const { JWT_ISSUER: issuer = "", JWT_AUDIENCE: audience = "", JWT_JWKS_URL: jwksUrl = "" } = env;
  if (issuer === "" && audience === "" && jwksUrl === "") return null;
  const isWhole = issuer !== "" && audience !== "" && URL.canParse(jwksUrl);
  // Who can change the keys on their way can sign as anybody.
  const isSafe = jwksUrl.startsWith("https://") || (env.LOCAL === "true" && jwksUrl.startsWith("http://"));
  if (isWhole && isSafe) return { issuer, audience, jwksUrl };
  throw new Error("set JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL (https) all three, or none");
}
