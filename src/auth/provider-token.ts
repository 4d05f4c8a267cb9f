// JWTs of an outside identity provider: verified by its public keys, then their subject's account. RFC 8725
// is the list of what may go wrong; every refusal is one code, so that a forger learns nothing.
import { createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet, jwtVerify } from "jose";
import type { IdentityProvider } from "../domain/config.ts";
import { RouterError } from "../domain/errors.ts";
import { type Caller, SUBJECT_KEY_ID } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { providerKeys } from "./provider-keys.ts";
import { accountOfSubject } from "./subject.ts";

/** Signatures only: with an HMAC among them, the public key would be a key to sign with. */
const ALGORITHMS = ["EdDSA", "ES256", "RS256"];
/** Tokens carry a few claims; longer ones only make us compute. */
const MAX_CHARACTERS = 8 * 1024;
/** A stolen token dies within a day, whatever its provider wrote into it. */
const MAX_AGE_S = 12 * 3_600;
/** Clocks of two machines that are both right. */
const CLOCK_TOLERANCE_S = 5;
const MAX_SUBJECT_CHARACTERS = 255;

/** Three parts with dots between them: no key has a dot. */
export function looksLikeToken(raw: string): boolean {
  return /^[\w-]+\.[\w-]*\.[\w-]*$/.test(raw);
}

/** @throws RouterError invalid_token, or overloaded while the provider's keys cannot be read. */
export async function callerOfToken(ports: Ports, token: string): Promise<Caller> {
  const { identityProvider } = ports.config;
  if (identityProvider === null) throw refusal("This router accepts no tokens: use an API key.");
  const kid = checkHeader(token);
  const keys = await providerKeys(ports, identityProvider.jwksUrl, kid);
  const options = verification(identityProvider, ports.now());
  // jose checks the form of each key before it uses it.
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys } as JSONWebKeySet), options).catch(
    refuse,
  );
  const { sub } = payload;
  const isSubject = typeof sub === "string" && sub !== "" && sub.length <= MAX_SUBJECT_CHARACTERS;
  const account = isSubject ? await accountOfSubject(ports, sub) : null;
  if (account === null) throw refusal("No account belongs to this token: ask an operator to open one.");
  return { ...account, by: "subject", keyId: SUBJECT_KEY_ID };
}

function verification({ issuer, audience }: IdentityProvider, nowMs: number) {
  return {
    algorithms: ALGORITHMS,
    issuer,
    audience,
    requiredClaims: ["exp", "sub"],
    maxTokenAge: MAX_AGE_S,
    clockTolerance: CLOCK_TOLERANCE_S,
    currentDate: new Date(nowMs),
  };
}

/** What no signature could make good is refused before any key is fetched. Returns the `kid`. */
function checkHeader(token: string): string | undefined {
  if (token.length > MAX_CHARACTERS) throw refusal("This token is too long: 8 KB at most.");
  const { alg, typ, crit, kid } = headerOf(token);
  const isType = typ === undefined || (typeof typ === "string" && typ.toUpperCase() === "JWT");
  if (!ALGORITHMS.includes(String(alg)) || !isType || crit !== undefined) throw refusal(NOT_VALID);
  if (kid !== undefined && typeof kid !== "string") throw refusal(NOT_VALID);
  return kid;
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    return refuse(cause);
  }
}

const NOT_VALID = "This token is not valid here: sign in again.";

function refuse(cause: unknown): never {
  // Whatever jose throws, the token was not proven: text that is no token, a key that cannot be used.
  const isOld = cause instanceof errors.JWTExpired;
  throw refusal(isOld ? "This token has expired: sign in again." : NOT_VALID, cause);
}

function refusal(message: string, cause?: unknown): RouterError {
  return new RouterError("invalid_token", message, { cause });
}
