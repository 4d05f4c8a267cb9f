// Sessions of the dashboard: opened with a management key, shown, ended. The cookie holds a signed token; the
// account's object keeps its id, so that ending one, or its key, is immediate.
import { authenticate } from "../auth/api-key.ts";
import { checkSignIn } from "../auth/cross-origin.ts";
import { identify } from "../auth/identify.ts";
import { makeSessionId, readSession, SESSION_MS, type SignedSession, signSession } from "../auth/session.ts";
import { endingCookie, keepingCookie, SESSION_PATH, sessionCookie } from "../auth/session-cookie.ts";
import { RouterError } from "../domain/errors.ts";
import type { Http, HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { rfc3339 } from "./rfc3339.ts";

export function mountSession(app: Http): void {
  app.post(SESSION_PATH, signIn);
  app.get(SESSION_PATH, showSession);
  app.delete(SESSION_PATH, signOut);
}

/** With a key in the header alone: a session cannot prolong itself. */
async function signIn(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const request = c.req.raw;
  checkSignIn(ports.config, request);
  const { keyId, proofs } = await authenticate(ports, request.headers);
  const sessionId = makeSessionId(ports.randomBytes);
  const expiresAtMs = ports.now() + SESSION_MS;
  const { caller, answers } = await authorized(c, "keys:write", [
    { kind: "open-session", keyId, proofs, sessionId, expiresAtMs },
  ]);
  const { session } = answers[0];
  const maxAgeS = Math.floor((session.expiresAtMs - ports.now()) / 1000);
  const token = await signSession(ports, caller, session);
  c.header("set-cookie", keepingCookie(request.url, token, maxAgeS));
  // Tokens count whole seconds: what is said now is what is shown later.
  const endsAtMs = Math.floor(session.expiresAtMs / 1000) * 1000;
  return answer(c, { caller: { ...caller, keyId }, expiresAtMs: endsAtMs }, 201);
}

async function showSession(c: HttpContext): Promise<Response> {
  const session = await presentedSession(c);
  await authorized(c, null, []);
  return answer(c, session, 200);
}

async function signOut(c: HttpContext): Promise<Response> {
  const session = await presentedSession(c);
  const { sessionId } = session.caller;
  await authorized(c, null, [{ kind: "end-session", sessionId }]);
  c.header("set-cookie", endingCookie(c.req.url));
  return answer(c, session, 200);
}

/** @throws RouterError 401, 403, or not_found when a key or a token asks, which has no session. */
async function presentedSession(c: HttpContext): Promise<SignedSession> {
  const ports = c.get("ports");
  const { by } = await identify(ports, c.req.raw);
  if (by === "session") return readSession(ports, sessionCookie(c.req.raw) ?? "");
  throw new RouterError("not_found", "Only a session's cookie has a session: send it without any key.");
}

type Shown = Pick<SignedSession, "expiresAtMs"> & {
  readonly caller: Pick<SignedSession["caller"], "accountId" | "keyId">;
};

function answer(c: HttpContext, { caller, expiresAtMs }: Shown, status: 200 | 201): Response {
  const { accountId: account_id, keyId: key_id } = caller;
  const body = { account_id, key_id, expires_at: rfc3339(expiresAtMs) };
  return c.json(body, status, { "cache-control": "no-store" });
}
