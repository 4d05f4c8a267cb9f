// The cookie of a session: its name, its text, and the one value that a request carries. What the value means,
// session.ts knows.
import { RouterError } from "../domain/errors.ts";

/** Where sessions are opened, shown and ended: the one route that only browsers need. */
export const SESSION_PATH = "/api/v1/auth/session";

/** The value of the session cookie; null without one. @throws RouterError invalid_token when there are several. */
export function sessionCookie(request: Request): string | null {
  const [value, ...others] = sessionCookies(request);
  // Which of two a browser, a proxy and we would take may differ: somebody may have planted the other.
  if (others.length > 0) throw new RouterError("invalid_token", "Send the session cookie once, not twice.");
  return value ?? null;
}

export function hasSessionCookie(request: Request): boolean {
  return sessionCookies(request).length > 0;
}

function sessionCookies({ url, headers }: Request): readonly string[] {
  const start = `${cookieName(url)}=`;
  // Several Cookie headers arrive joined by commas, which stand in no token.
  const pairs = (headers.get("cookie") ?? "").split(/[;,]/).map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
}

/** Set-Cookie of a new session. */
export function keepingCookie(url: string, token: string, maxAgeS: number): string {
  return `${cookieName(url)}=${token}; Max-Age=${maxAgeS}; ${attributes(url)}`;
}

/** Set-Cookie that takes it away. */
export function endingCookie(url: string): string {
  return `${cookieName(url)}=; Max-Age=0; ${attributes(url)}`;
}

function attributes(url: string): string {
  return `Path=/; HttpOnly; SameSite=Lax${isPlainLoopback(url) ? "" : "; Secure"}`;
}

/** The prefix binds the cookie to this host and to https; on plain http browsers refuse such a cookie. */
function cookieName(url: string): string {
  return isPlainLoopback(url) ? "session" : "__Host-session";
}

function isPlainLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}
