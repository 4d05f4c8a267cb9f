// Table of contents: every route of every dialect, management and operators, and the one error boundary.
// First match wins, in the order of wire.md §0; what matches under another method only is a 405.
import { Hono } from "hono";
import { makeRequestId } from "./auth/api-key.ts";
import { crossOriginHeaders } from "./auth/cross-origin.ts";
import { isAnonymous } from "./auth/identify.ts";
import type { Dialect, Endpoint } from "./dialects/dialect.ts";
import { DIALECTS } from "./dialects/index.ts";
import { RouterError } from "./domain/errors.ts";
import type { RequestId } from "./domain/ids.ts";
import { errorResponse } from "./error-response.ts";
import type { Http, HttpContext, HttpEnv } from "./http.ts";
import type { livePorts } from "./live.ts";
import { mountCredits } from "./management/credits.ts";
import { mountFeedback } from "./management/feedback.ts";
import { mountKeys } from "./management/keys.ts";
import { mountModels } from "./management/models.ts";
import { mountOperators } from "./management/operators.ts";
import { mountRouteQuestion } from "./management/route-question.ts";
import { mountSavings } from "./management/savings.ts";
import { mountSession } from "./management/session.ts";
import { mountUsage } from "./management/usage.ts";
import { accept, deliver } from "./pipeline.ts";
import { checkLength, dropUnread } from "./read-json.ts";
import { welcome } from "./welcome.ts";

const INFERBASE = "/api/v1/inference";
const OPENAI_BASES = ["/v1", "/v1/openai"];

/** `portsOf` builds the doors of one request; benchmarks leave some of them out. */
export function makeApp(portsOf: typeof livePorts): Http {
  const app: Http = new Hono<HttpEnv>();
  app.use("*", async (c, next) => {
    open(c, portsOf);
    await next();
    await dropUnread(c.req.raw);
    finish(c);
  });
  app.get("/", welcome);
  mountRouteQuestion(app, INFERBASE);
  mountKeys(app, INFERBASE);
  mountCredits(app, INFERBASE);
  mountUsage(app, INFERBASE);
  mountFeedback(app, INFERBASE);
  mountSavings(app, INFERBASE);
  for (const dialect of DIALECTS) mountDialect(app, dialect);
  for (const base of [INFERBASE, ...OPENAI_BASES]) mountModels(app, base);
  mountSession(app);
  mountOperators(app, "/api/v1/admin");
  refuseOtherMethods(app);
  app.notFound(unknownPath);
  app.onError((error, c) => errorResponse(error, c));
  return app;
}

function open(c: HttpContext, portsOf: typeof livePorts): void {
  const ports = portsOf(c.env, c.executionCtx as ExecutionContext, c.req.raw); // hono declares its own, narrower type
  c.set("ports", ports);
  c.set("requestId", makeRequestId(ports.randomBytes) satisfies RequestId);
  c.set("receivedAtMs", ports.now());
}

function finish(c: HttpContext): void {
  const { headers } = c.res;
  const { config } = c.get("ports");
  for (const [name, value] of Object.entries(crossOriginHeaders(config, c.req.raw))) headers.set(name, value);
  // What one caller may see, no cache may show another.
  if (!headers.has("cache-control") && !isAnonymous(c.req.raw)) headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  if (!headers.has("x-request-id")) headers.set("x-request-id", c.get("requestId"));
}

function mountDialect(app: Http, dialect: Dialect): void {
  for (const base of dialect.bases) {
    for (const endpoint of dialect.endpoints)
      app.post(base + endpoint.path, (c) => infer(c, dialect, endpoint));
  }
}

async function infer(c: HttpContext, dialect: Dialect, endpoint: Endpoint): Promise<Response> {
  const ports = c.get("ports");
  const request = c.req.raw;
  checkLength(request, endpoint.maxBodyBytes);
  const { requestId, receivedAtMs } = c.var;
  const work = accept(ports, { dialect, endpoint, request, path: c.req.path, requestId, receivedAtMs }).then(
    (accepted) => deliver(ports, accepted, endpoint),
  );
  // A stream that goes on behind its status stays by itself.
  const leaving = work.finally(ports.room.leave);
  // A caller who leaves must not end the work before the origin was let go and the hold given back.
  ports.waitUntil(leaving.catch(() => undefined));
  return await leaving;
}

/** Answered, not thrown: what is thrown here passes by `finish`, and the answer would lack its headers. */
function unknownPath(c: HttpContext): Response {
  const message = "There is no such path: see the API reference for the list.";
  return errorResponse(new RouterError("not_found", message), c);
}

/** Every path that is mounted answers its other methods with 405 and Allow, and OPTIONS with the preflight. */
function refuseOtherMethods(app: Http): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === "ALL") continue;
    methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, allowed] of methods) {
    app.all(path, (c) => {
      if (c.req.method === "OPTIONS") return preflight(allowed);
      const allow = [...allowed].sort().join(", ");
      const message = `This path takes ${allow}: change the method.`;
      throw new RouterError("method_not_allowed", message, { headers: { allow } });
    });
  }
}

function preflight(allowed: ReadonlySet<string>): Response {
  const headers = new Headers({
    "access-control-allow-methods": [...allowed].join(", "),
    "access-control-allow-headers": "*, authorization, content-type",
    "access-control-max-age": "86400",
  });
  return new Response(null, { status: 204, headers });
}
