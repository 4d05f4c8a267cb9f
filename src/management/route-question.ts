// POST /route: where a chat request would go and why, without sending it. It counts as one request, holds no
// credits and calls no origin. The body is read by the chat endpoint's own parser, so both take the same.
import { rateLimitHeaders } from "../admission/limit-headers.ts";
import { identify } from "../auth/identify.ts";
import type { Endpoint } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/index.ts";
import { RouterError } from "../domain/errors.ts";
import type { DecisionId } from "../domain/ids.ts";
import { viewPlace } from "../domain/key.ts";
import type { Http, HttpContext } from "../http.ts";
import { type Decided, decide } from "../pipeline.ts";
import { explain } from "../routing/explain.ts";
import { readPolicy } from "../routing/policy.ts";
import { MAX_BODY_BYTES, readGuarded } from "./read-body.ts";

export function mountRouteQuestion(app: Http, base: string): void {
  const chat = chatEndpoint(base);
  app.post(`${base}/route`, (c) => answerQuestion(c, chat));
}

function chatEndpoint(base: string): Endpoint {
  const dialect = DIALECTS.find(({ bases }) => bases.includes(base));
  const chat = dialect?.endpoints.find(({ path }) => path === "/chat/completions");
  if (chat === undefined) throw new Error(`no chat endpoint under ${base}`);
  return chat;
}

async function answerQuestion(c: HttpContext, chat: Endpoint): Promise<Response> {
  const ports = c.get("ports");
  const { requestId } = c.var;
  const { headers } = c.req.raw;
  const inference = chat.parse(await readGuarded(c, identify, MAX_BODY_BYTES), headers);
  const caller = await identify(ports, c.req.raw);
  const askedAtMs = ports.now();
  const decided = await decide(ports, {
    caller,
    inference,
    requestId,
    counting: "request-only",
    idempotency: null,
    cachedAs: null,
  });
  // Forgotten again only when thousands of other keys came in between; then its mode reads as the default.
  const keyView = ports.keyViews.get(viewPlace(caller)) ?? UNKNOWN_VIEW;
  const { accountId } = caller;
  const policy = readPolicy(inference, { catalog: await ports.catalog(), keyView, accountId });
  // "Nothing fits" is an answer; a field that names no region, task or model is a fault of the body.
  if (policy instanceof RouterError) throw policy;
  const answer = explain(decided.planned, inference, {
    // The same id that the request itself would have had.
    view: { decisionId: requestId.replace("req_", "rt_") as DecisionId, keyView },
    routingTimeMs: decided.routedAtMs - askedAtMs,
  });
  return c.json({ ...answer, ...refusalOf(decided.planned) }, 200, {
    ...(decided.admitted.verdict === "admitted" ? rateLimitHeaders(decided.admitted.limits) : {}),
    "cache-control": "no-store",
  });
}

const UNKNOWN_VIEW = { version: 0, modelPool: null, optimizeMode: null, region: null };

/** Why the request itself would be refused; nothing where it would be sent. */
function refusalOf(planned: Decided["planned"]) {
  if (planned.ok) return {};
  const { code, message, details } = planned.error;
  return { refusal: { code, message, param: details.param ?? null } };
}
