// The signed token inside a session's cookie: who, in which account, until when. It only names a session; that
// nobody ended it, the Account object says at every use. Which key may open one is management's business.
import { errors, jwtVerify, SignJWT } from "jose";
import type { Session } from "../domain/account-commands.ts";
import { RouterError } from "../domain/errors.ts";
import type { AccountId, KeyId, SessionId } from "../domain/ids.ts";
import { type AccountRef, JURISDICTIONS, type SessionClaim } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { randomBase62 } from "../lib/base62.ts";

/** A working day and a bit. */
export const SESSION_MS = 12 * 3_600_000;

/** Ours alone, and the type says what for: no other token that we sign could be taken for a session. */
const ISSUER = "inferroute";
const AUDIENCE = "inferroute-session";
const TYPE = "session+jwt";
const ALGORITHM = "HS256";
/** 131 bits: as request ids. */
const ID_WIDTH = 22;

export function makeSessionId(randomBytes: Ports["randomBytes"]): SessionId {
  return `ses_${randomBase62(ID_WIDTH, randomBytes)}` as SessionId; // branded where it is made
}

export async function signSession(
  ports: Pick<Ports, "config" | "now">,
  account: AccountRef,
  session: Session,
): Promise<string> {
  return new SignJWT({ jurisdiction: account.jurisdiction })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(`${account.accountId}/${session.keyId}`)
    .setJti(session.id)
    .setIssuedAt(Math.floor(ports.now() / 1000))
    .setExpirationTime(Math.floor(session.expiresAtMs / 1000))
    .sign(keyOf(ports));
}

export interface SignedSession {
  readonly caller: AccountRef & SessionClaim;
  readonly expiresAtMs: number;
}

/** @throws RouterError invalid_token for whatever we did not sign, or signed too long ago. */
export async function readSession(
  ports: Pick<Ports, "config" | "now">,
  token: string,
): Promise<SignedSession> {
  const options = {
    algorithms: [ALGORITHM],
    issuer: ISSUER,
    audience: AUDIENCE,
    typ: TYPE,
    requiredClaims: ["exp", "jti", "sub"],
    currentDate: new Date(ports.now()),
  };
  const { payload } = await jwtVerify(token, keyOf(ports), options).catch(refuse);
  const names = /^(acct_[0-9A-Za-z]{11})\/(key_[0-9A-Za-z]{8})$/.exec(payload.sub ?? "");
  const jurisdiction = JURISDICTIONS.find((name) => name === payload.jurisdiction);
  if (names === null || jurisdiction === undefined) throw new Error("a session that we signed is malformed");
  return {
    caller: {
      by: "session",
      // What `signSession` wrote from the same types.
      accountId: names[1] as AccountId,
      keyId: names[2] as KeyId,
      sessionId: payload.jti as SessionId,
      jurisdiction,
    },
    expiresAtMs: Number(payload.exp) * 1000,
  };
}

function keyOf({ config }: Pick<Ports, "config">): Uint8Array {
  return new TextEncoder().encode(config.sessionKey);
}

function refuse(cause: unknown): never {
  if (!(cause instanceof errors.JOSEError)) throw cause;
  throw new RouterError("invalid_token", "This session is not valid any more: sign in again.", { cause });
}
