// `?wake=true` of a model's health: a model nobody uses is loaded before it is needed. It needs a key, counts as a
// request, and reaches only what that key may use: its pool and its region hold as for every request.
import { identify } from "../auth/identify.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { Model } from "../domain/catalog.ts";
import type { Inference } from "../domain/inference.ts";
import type { HttpContext } from "../http.ts";
import { withinOrNull } from "../lib/within-or-null.ts";
import { wakeUp } from "../origins/wake-up.ts";
import { decide } from "../pipeline.ts";

/** Long enough for a server to say that it is loading; who loads silently is not waited for. */
const FIRST_WORD_MS = 2_000;

/** @throws RouterError as any request to this model would, but for what it would cost. */
export async function wakeModel(c: HttpContext, model: Model): Promise<void> {
  const ports = c.get("ports");
  const { requestId } = c.var;
  const caller = await identify(ports, c.req.raw);
  const inference = smallestQuestion(model, c.req.raw.headers);
  if (inference === null) return;
  const { planned } = await decide(ports, {
    caller,
    inference,
    requestId,
    counting: "request-only",
    idempotency: null,
    cachedAs: null,
  });
  if (!planned.ok) throw planned.error;
  const waking = wakeUp(ports, { inference, route: planned.route, requestId });
  ports.waitUntil(waking);
  await withinOrNull(ports.after, waking, FIRST_WORD_MS);
}

/** null for tasks that no small text can ask: they are woken by their first request. */
function smallestQuestion({ id, capabilities }: Model, headers: Headers): Inference | null {
  const messages = [{ role: "user", content: "." }];
  if (capabilities.includes("chat"))
    return parsed("openai-chat", { model: id, messages, max_tokens: 1 }, headers);
  if (capabilities.includes("completions")) {
    return parsed("openai-completions", { model: id, prompt: ".", max_tokens: 1 }, headers);
  }
  return capabilities.includes("embeddings")
    ? parsed("openai-embeddings", { model: id, input: "." }, headers)
    : null;
}

/** By the endpoint's own parser, so that x-region is read as everywhere. */
function parsed(wire: Inference["wire"], body: object, headers: Headers): Inference {
  const endpoints = DIALECTS.flatMap((dialect) => dialect.endpoints);
  const endpoint = endpoints.find((one) => one.wire === wire);
  if (endpoint === undefined) throw new Error(`no endpoint speaks ${wire}`);
  return endpoint.parse(body, headers);
}
