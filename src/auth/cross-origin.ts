// What pages of other origins may do. Keys travel in headers that a page must know, so any page may call with
// one; a cookie travels by itself, so with it only pages of known origins may write, or read the answer.
import type { Config } from "../domain/config.ts";
import { RouterError } from "../domain/errors.ts";
import { hasSessionCookie, SESSION_PATH } from "./session-cookie.ts";

/** @throws RouterError origin_not_allowed for a write that a page of a stranger may have made the browser send. */
export function checkCookieWrite(config: Config, request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  if (!isKnown(config, request, request.headers.get("origin"))) throw foreignOrigin();
  // Forms and beacons cannot send this type without a preflight.
  const type = request.headers.get("content-type") ?? "";
  if (/^application\/json\s*(;|$)/i.test(type.trim())) return;
  throw new RouterError(
    "origin_not_allowed",
    "With a session, send every change as 'Content-Type: application/json', also without a body.",
  );
}

/** Signing in plants a cookie: a page that is there must be a known one. @throws RouterError origin_not_allowed */
export function checkSignIn(config: Config, request: Request): void {
  const origin = request.headers.get("origin");
  if (origin !== null && !isKnown(config, request, origin)) throw foreignOrigin();
}

/** The CORS headers of an answer. */
export function crossOriginHeaders(config: Config, request: Request): Readonly<Record<string, string>> {
  const origin = request.headers.get("origin");
  const isPreflight = request.method === "OPTIONS";
  const isCookieRoute = usesCookie(request);
  if ((isCookieRoute || isPreflight) && origin !== null && isKnown(config, request, origin)) {
    return {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      vary: "origin",
      // With credentials a wildcard means the header of that name.
      ...(isPreflight
        ? { "access-control-allow-headers": SENT }
        : { "access-control-expose-headers": SHOWN }),
    };
  }
  if (isCookieRoute) return { vary: "origin" };
  // Without credentials the wildcard stands for every header.
  return { "access-control-allow-origin": "*", "access-control-expose-headers": "*" };
}

/** wire.md §1, request headers. */
const SENT = [
  "authorization",
  "content-type",
  "idempotency-key",
  "prefer",
  "traceparent",
  "x-api-key",
  "x-cache",
  "x-client-request-id",
  "x-region",
  "x-routing-event",
  "x-session-id",
  "x-timeout-ms",
  "x-wait",
].join(", ");

/** wire.md §1, answer headers: what a dashboard shows of a call. */
const SHOWN = [
  "retry-after",
  "retry-after-ms",
  "server-timing",
  "x-cache",
  "x-client-request-id",
  "x-inferroute-attempts",
  "x-inferroute-complexity",
  "x-inferroute-confidence",
  "x-inferroute-cost-usd",
  "x-inferroute-decision-id",
  "x-inferroute-model",
  "x-inferroute-origin",
  "x-inferroute-overhead-ms",
  "x-inferroute-reason",
  "x-inferroute-region",
  "x-inferroute-reserved-usd",
  "x-inferroute-task",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-request-id",
].join(", ");

function usesCookie(request: Request): boolean {
  if (request.url.includes(SESSION_PATH) && new URL(request.url).pathname === SESSION_PATH) return true;
  return !hasBearer(request.headers) && hasSessionCookie(request);
}

/** A key or token in a header: then a cookie says nothing. */
export function hasBearer(headers: Headers): boolean {
  return headers.has("authorization") || headers.has("x-api-key");
}

/** Ours, or on the list; and the browser itself must not call it another site's. */
function isKnown(config: Config, { url, headers }: Request, origin: string | null): boolean {
  if (origin === null || headers.get("sec-fetch-site") === "cross-site") return false;
  return origin === new URL(url).origin || config.allowedOrigins.includes(origin);
}

function foreignOrigin(): RouterError {
  return new RouterError(
    "origin_not_allowed",
    "A session acts only for pages of this router: use an API key, or ask for this Origin to be allowed.",
  );
}
