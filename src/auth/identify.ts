// Who asks, by whatever the request carries: a key or a token in its headers, else the cookie of a session. It
// looks at form and signatures; whether the claim is accepted, only the Account object says.
import type { Caller } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { keyCaller, presentedCredential } from "./api-key.ts";
import { checkCookieWrite, hasBearer } from "./cross-origin.ts";
import { callerOfToken, looksLikeToken } from "./provider-token.ts";
import { readSession } from "./session.ts";
import { hasSessionCookie, sessionCookie } from "./session-cookie.ts";

/** @throws RouterError missing_api_key | invalid_api_key | invalid_token | origin_not_allowed */
export async function identify(ports: Ports, request: Request): Promise<Caller> {
  if (!hasBearer(request.headers) && hasSessionCookie(request)) return callerOfCookie(ports, request);
  const raw = presentedCredential(request.headers);
  return looksLikeToken(raw) ? callerOfToken(ports, raw) : keyCaller(ports, raw);
}

/** Whether a request says who asks at all; some routes need nobody. */
export function isAnonymous(request: Request): boolean {
  return !hasBearer(request.headers) && !hasSessionCookie(request);
}

async function callerOfCookie(ports: Ports, request: Request): Promise<Caller> {
  checkCookieWrite(ports.config, request);
  const { caller } = await readSession(ports, sessionCookie(request) ?? "");
  return caller;
}
