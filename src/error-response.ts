// The one error boundary: whatever was thrown becomes its dialect's body, status and headers. What is not one
// of ours is a 500 without a word of its own; the log has the rest.
import type { RenderedError } from "./dialects/dialect.ts";
import { DIALECTS } from "./dialects/index.ts";
import { RouterError } from "./domain/errors.ts";
import type { HttpContext } from "./http.ts";

export function errorResponse(thrown: Error, c: HttpContext): Response {
  const error = thrown instanceof RouterError ? thrown : internal(thrown, c);
  const rendered = render(error, c);
  const headers = new Headers({ "content-type": "application/json", "cache-control": "no-store" });
  for (const [name, value] of Object.entries(error.details.headers ?? {})) headers.set(name, value);
  setRetry(headers, error);
  logRefusal(error, c);
  return new Response(JSON.stringify(rendered.body), { status: rendered.status, headers });
}

function internal(thrown: Error, c: HttpContext): RouterError {
  c.get("ports")?.log({
    event: "internal-error",
    level: "error",
    request_id: c.get("requestId"),
    error: thrown.message,
    stack: thrown.stack,
  });
  return new RouterError(
    "internal_error",
    "Something failed on our side: retry, and quote the request id if it stays.",
  );
}

/** Longest first: `/v1/openai` is found before `/v1`. */
const PREFIXES = DIALECTS.flatMap((dialect) =>
  dialect.bases.map((base) => ({ dialect, prefix: `${base}/` })),
).sort((left, right) => right.prefix.length - left.prefix.length);

/** The dialect whose base is the longest prefix of the path; paths of no dialect speak the first one's. */
function render(error: RouterError, c: HttpContext): RenderedError {
  const { path } = c.req;
  const dialect = PREFIXES.find(({ prefix }) => path.startsWith(prefix))?.dialect ?? DIALECTS[0];
  if (dialect === undefined) throw new Error("no dialects");
  return dialect.renderError(withTopUp(error, c), c.get("requestId"));
}

/** Whoever is out of credits is told where to get some: the dashboard, which is at the router's own root. */
function withTopUp(error: RouterError, c: HttpContext): RouterError {
  return error.status === 402 ? error.with({ body: { url: new URL("/", c.req.url).href } }) : error;
}

/** Beyond this a client that sleeps as told would hang; it should give up instead. */
const LONGEST_WAIT_MS = 60_000;

function setRetry(headers: Headers, error: RouterError): void {
  const { retryAfterMs } = error.details;
  if (retryAfterMs !== undefined) {
    const ms = Math.max(1, Math.ceil(retryAfterMs));
    headers.set("retry-after", String(Math.ceil(ms / 1000)));
    headers.set("retry-after-ms", String(ms));
  }
  const isHopeless = error.status === 402 || error.status === 403 || (retryAfterMs ?? 0) > LONGEST_WAIT_MS;
  if (isHopeless) headers.set("x-should-retry", "false");
}

/** A flood of one key's refusals is one line a second and isolate, not one a request. */
function logRefusal(error: RouterError, c: HttpContext): void {
  if (error.details.isRepeated === true) return;
  c.get("ports")?.log({
    event: "refusal",
    level: error.status >= 500 ? "warn" : "info",
    request_id: c.get("requestId"),
    method: c.req.method,
    path: c.req.path,
    status: error.status,
    code: error.code,
  });
}
