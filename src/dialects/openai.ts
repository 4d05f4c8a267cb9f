// The OpenAI shape, spoken by two rows: Inferbase (routing event on, cold models answer 502) and OpenAI.
// Requests are read by openai-request.ts; here is what callers get back.
import { ERRORS, type RouterError } from "../domain/errors.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Usage } from "../domain/usage.ts";
import { spliceMembers } from "../lib/json-splice.ts";
import type { Dialect, Endpoint, RenderedError, RoutingFacts, Stamp } from "./dialect.ts";
import { parseChat, parseCompletions, parseEmbeddings, type RequestDefaults } from "./openai-request.ts";

const MIB = 1024 * 1024;

export const inferbase: Dialect = {
  name: "inferbase",
  bases: ["/api/v1/inference"],
  endpoints: endpoints({ routingEvent: "unless-refused" }),
  // Its clients poll a cold model on 502, the status that its reference documents.
  renderError: (error, requestId) => {
    const rendered = renderError(error, requestId);
    return error.code === "model_loading" ? { ...rendered, status: ERRORS.upstream_failed.status } : rendered;
  },
};

export const openai: Dialect = {
  name: "openai",
  bases: ["/v1", "/v1/openai"],
  endpoints: endpoints({ routingEvent: "on-request" }),
  renderError,
};

function endpoints(defaults: RequestDefaults): readonly Endpoint[] {
  return [
    {
      path: "/chat/completions",
      wire: "openai-chat",
      // Room for 16 MiB of decoded images in base64.
      maxBodyBytes: 24 * MIB,
      parse: (body, headers) => parseChat(body, headers, defaults),
      renderWhole: stampText,
      renderFrame: stampText,
      renderRoutingEvent: (stamp, facts) =>
        routingEvent(stamp, facts, {
          index: 0,
          delta: { role: "assistant", content: "" },
          finish_reason: null,
        }),
      renderUsage: (stamp, usage) => usageEvent("chat.completion.chunk", stamp, usage),
      renderStreamError,
      terminal: "[DONE]",
    },
    {
      path: "/completions",
      wire: "openai-completions",
      maxBodyBytes: 4 * MIB,
      parse: (body, headers) => parseCompletions(body, headers, defaults),
      renderWhole: stampText,
      renderFrame: stampText,
      renderRoutingEvent: (stamp, facts) =>
        routingEvent(stamp, facts, { index: 0, text: "", finish_reason: null }),
      renderUsage: (stamp, usage) => usageEvent("text_completion", stamp, usage),
      renderStreamError,
      terminal: "[DONE]",
    },
    {
      path: "/embeddings",
      wire: "openai-embeddings",
      maxBodyBytes: 4 * MIB,
      parse: (body, headers) => parseEmbeddings(body, headers, defaults),
      // An embedding list has no id in the OpenAI API.
      renderWhole: (text, stamp) => spliceMembers(text, { model: stamp.model }),
      renderFrame: stampText,
      renderRoutingEvent: (stamp, facts) => routingEvent(stamp, facts, { index: 0, finish_reason: null }),
      renderUsage: (stamp, usage) => usageEvent("list", stamp, usage),
      renderStreamError,
      terminal: "[DONE]",
    },
  ];
}

function stampText(text: string, stamp: Stamp): string {
  return spliceMembers(text, { id: stamp.id, model: stamp.model });
}

/**
 * A superset of Inferbase's fields that strict clients read as an ordinary first chunk: without
 * `choices` six of eight real clients crash, with an empty list naive `choices[0]` does.
 */
function routingEvent(stamp: Stamp, facts: RoutingFacts, choice: object): string {
  const { profile } = facts;
  return JSON.stringify({
    object: "routing",
    id: stamp.id,
    created: stamp.createdS,
    model: stamp.model,
    choices: [choice],
    task: profile.task,
    complexity: profile.complexity,
    confidence: profile.confidence,
    routing_time_ms: facts.routingTimeMs,
    region: facts.region,
    reason: facts.reason,
    decision_id: facts.decisionId,
  });
}

function usageEvent(object: string, stamp: Stamp, usage: Usage): string {
  return JSON.stringify({
    id: stamp.id,
    object,
    created: stamp.createdS,
    model: stamp.model,
    choices: [],
    usage: {
      prompt_tokens: usage.inputTokens,
      completion_tokens: usage.outputTokens,
      total_tokens: usage.inputTokens + usage.outputTokens,
    },
  });
}

function renderError(error: RouterError, requestId: RequestId): RenderedError {
  return { status: error.status, body: errorBody(error, requestId) };
}

function renderStreamError(error: RouterError, requestId: RequestId): string {
  return JSON.stringify(errorBody(error, requestId));
}

function errorBody(error: RouterError, requestId: RequestId) {
  const { param = null, body } = error.details;
  const { message, type, code } = error;
  return { error: { message, type, param, code, request_id: requestId, ...body } };
}
