// API keys: `inf_` + fixed-width base62 fields + checksum. The text alone tells which object to ask and
// that we made it (route tag), so typos and forgeries cost no RPC and create no object. Whether the
// key exists, is revoked or may do something only the Account object knows.
import type { Config, VersionedSecret } from "../domain/config.ts";
import { RouterError } from "../domain/errors.ts";
import type { AccountId, KeyId, RequestId } from "../domain/ids.ts";
import type { AccountRef, Jurisdiction, KeyCaller, KeyProof } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { base62, isBase62, randomBase62 } from "../lib/base62.ts";
import { base64url } from "../lib/base64.ts";
import { crc32 } from "../lib/crc32.ts";
import { hmacSha256, isEqualConstantTime } from "../lib/hmac.ts";

const PREFIX = "inf_";
/** Field widths: 11 characters hold 8 bytes, 43 hold 32 bytes, 6 hold a CRC-32. */
const WIDTH = { version: 1, jurisdiction: 1, account: 11, key: 8, secret: 43, tag: 11, checksum: 6 } as const;
const NAMED_LENGTH = PREFIX.length + WIDTH.version + WIDTH.jurisdiction + WIDTH.account + WIDTH.key;
const TAGGED_LENGTH = NAMED_LENGTH + WIDTH.secret + WIDTH.tag;
const KEY_LENGTH = TAGGED_LENGTH + WIDTH.checksum;
const TAG_BYTES = 8;

const LETTERS: Readonly<Record<Jurisdiction, string>> = { none: "n", eu: "e", us: "u", fedramp: "f" };
const JURISDICTION_OF: ReadonlyMap<string, Jurisdiction> = new Map([
  ["n", "none"],
  ["e", "eu"],
  ["u", "us"],
  ["f", "fedramp"],
]);

/**
 * Who claims to ask, from `Authorization: Bearer` (scheme in any case) or `x-api-key`. No storage.
 * @throws RouterError missing_api_key | invalid_api_key
 */
export async function authenticate(ports: Ports, headers: Headers): Promise<KeyCaller> {
  return keyCaller(ports, presentedCredential(headers));
}

/** @throws RouterError invalid_api_key */
export async function keyCaller(ports: Ports, raw: string): Promise<KeyCaller> {
  const known = ports.callers.get(raw);
  if (known !== undefined) return known;
  const caller = await readKey(ports.config, raw);
  ports.callers.set(raw, caller);
  return caller;
}

export interface NewSecret {
  /** Shown once, never stored. */
  readonly raw: string;
  readonly keyId: KeyId;
  /** The part that may be shown again: names account and key, holds no secret. */
  readonly prefix: string;
  readonly proof: KeyProof;
}

/** A new key of an account. `randomBytes` must be cryptographically strong. */
export async function makeKey(
  ports: Pick<Ports, "config" | "randomBytes">,
  account: AccountRef,
): Promise<NewSecret> {
  return makeSecret(ports, account, makeKeyId(ports.randomBytes));
}

function makeKeyId(randomBytes: Ports["randomBytes"]): KeyId {
  return `key_${randomBase62(WIDTH.key, randomBytes)}` as KeyId; // branded where it is made
}

/** A new secret of a key that exists: the text of the key differs, its id does not. */
export async function makeSecret(
  ports: Pick<Ports, "config" | "randomBytes">,
  account: AccountRef,
  keyId: KeyId,
): Promise<NewSecret> {
  const [routeKey] = ports.config.routeKeys;
  const [pepper] = ports.config.peppers;
  if (routeKey === undefined || pepper === undefined) throw new Error("no route key or pepper");
  const named = [
    PREFIX,
    routeKey.version,
    LETTERS[account.jurisdiction],
    account.accountId.slice("acct_".length),
    keyId.slice("key_".length),
  ].join("");
  const secret = base62(ports.randomBytes(32), WIDTH.secret);
  const tagged = named + secret + (await routeTag(routeKey, named));
  const raw = tagged + checksum(tagged);
  return { raw, keyId, prefix: named, proof: await proofOf(pepper, raw) };
}

/** A new account's id. */
export function makeAccountId(randomBytes: (length: number) => Uint8Array): AccountId {
  return `acct_${randomBase62(WIDTH.account, randomBytes)}` as AccountId;
}

/** 128 bits and a little: unguessable, and unique without any coordination. */
const REQUEST_ID_WIDTH = 22;

export function makeRequestId(randomBytes: (length: number) => Uint8Array): RequestId {
  return `req_${randomBase62(REQUEST_ID_WIDTH, randomBytes)}` as RequestId;
}

/** @throws RouterError missing_api_key */
export function presentedCredential(headers: Headers): string {
  const authorization = headers.get("authorization");
  const raw = authorization === null ? headers.get("x-api-key") : bearerToken(authorization);
  if (raw === null || raw === "") {
    throw new RouterError(
      "missing_api_key",
      "Send your API key in the header 'Authorization: Bearer inf_…' or 'x-api-key'.",
    );
  }
  return raw;
}

function bearerToken(authorization: string): string | null {
  const match = /^bearer +(\S+)$/i.exec(authorization.trim());
  return match?.[1] ?? null;
}

async function readKey(config: Config, raw: string): Promise<KeyCaller> {
  const jurisdiction = JURISDICTION_OF.get(raw[PREFIX.length + WIDTH.version] ?? "");
  if (!isWellFormed(raw) || jurisdiction === undefined) throw invalidKey();
  const named = raw.slice(0, NAMED_LENGTH);
  const version = Number(raw[PREFIX.length]);
  const routeKey = config.routeKeys.find((secret) => secret.version === version);
  if (routeKey === undefined) throw invalidKey();
  const tag = raw.slice(TAGGED_LENGTH - WIDTH.tag, TAGGED_LENGTH);
  if (!isEqualConstantTime(tag, await routeTag(routeKey, named))) throw invalidKey();
  const accountStart = PREFIX.length + WIDTH.version + WIDTH.jurisdiction;
  const accountEnd = accountStart + WIDTH.account;
  return {
    by: "key",
    accountId: `acct_${raw.slice(accountStart, accountEnd)}` as AccountId,
    jurisdiction,
    keyId: `key_${raw.slice(accountEnd, NAMED_LENGTH)}` as KeyId,
    proofs: await Promise.all(config.peppers.map((pepper) => proofOf(pepper, raw))),
  };
}

function isWellFormed(raw: string): boolean {
  if (raw.length !== KEY_LENGTH || !raw.startsWith(PREFIX)) return false;
  if (!isBase62(raw.slice(PREFIX.length))) return false;
  return raw.slice(TAGGED_LENGTH) === checksum(raw.slice(0, TAGGED_LENGTH));
}

async function routeTag(routeKey: VersionedSecret, named: string): Promise<string> {
  const mac = await hmacSha256(routeKey.value, named);
  return base62(mac.subarray(0, TAG_BYTES), WIDTH.tag);
}

async function proofOf(pepper: VersionedSecret, raw: string): Promise<KeyProof> {
  return { pepperVersion: pepper.version, mac: base64url(await hmacSha256(pepper.value, raw)) };
}

function checksum(text: string): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(text));
  return base62(bytes, WIDTH.checksum);
}

function invalidKey(): RouterError {
  return new RouterError(
    "invalid_api_key",
    "This API key is not valid: check that it was copied whole, or create a new one.",
  );
}
