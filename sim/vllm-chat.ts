// POST /v1/chat/completions as vLLM answers it: field names, their order, and the order of frames.
// What is said was decided by chat-plan.ts; when it is sent is decided at the edge.
import { type Answer, type Frame, jsonAnswer } from "./answer.ts";
import { type Call, reportedGpuMs, withWork } from "./call.ts";
import { type ChatPlan, type PlannedChoice, planChat } from "./chat-plan.ts";
import { type ChoiceFrames, DONE, interleave } from "./interleave.ts";
import type { JsonObject } from "./json-object.ts";
import { chatLogprobs } from "./logprobs.ts";
import { type Counts, cachedTokens, plainUsage, streamUsage, wholeUsage } from "./usage-report.ts";

export function vllmChat(call: Call): Answer {
  const plan = planChat(call);
  if (!plan.ok) return plan.answer;
  return plan.value.sampling.stream ? streamed(call, plan.value) : whole(call, plan.value);
}

function whole(call: Call, plan: ChatPlan): Answer {
  const counts = countsOf(call, plan);
  const answer = jsonAnswer(200, {
    id: `chatcmpl-${call.id}`,
    object: "chat.completion",
    created: call.createdS,
    model: plan.served.name,
    choices: plan.choices.map((choice, index) => wholeChoice(call, plan, { ...choice, index })),
    service_tier: null,
    system_fingerprint: null,
    usage: wholeUsage(counts),
    prompt_logprobs: null,
    prompt_token_ids: null,
    kv_transfer_params: null,
  });
  return withWork(answer, { ...workOf(plan), served: plan.served, tokens: counts.completionTokens }, call);
}

function wholeChoice(
  call: Call,
  plan: ChatPlan,
  choice: PlannedChoice & { readonly index: number },
): JsonObject {
  const text = choice.tokens.join("");
  return {
    index: choice.index,
    message: {
      role: plan.role,
      content: choice.tool === null ? text : null,
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      tool_calls:
        choice.tool === null
          ? []
          : [
              {
                id: toolCallId(call, choice.index),
                type: "function",
                function: { name: choice.tool.name, arguments: text },
              },
            ],
      reasoning: null,
    },
    logprobs: logprobsOf(plan, choice.tool === null ? choice.tokens : []),
    finish_reason: choice.finishReason,
    stop_reason: choice.stopReason,
    token_ids: null,
  };
}

function streamed(call: Call, plan: ChatPlan): Answer {
  const { promptTokens, steps } = workOf(plan);
  return {
    kind: "stream",
    frames: () => framesOf(call, plan),
    work: { servedAs: plan.served.base.servedAs, promptTokens, steps },
  };
}

function* framesOf(call: Call, plan: ChatPlan): Generator<Frame> {
  const head = {
    id: `chatcmpl-${call.id}`,
    object: "chat.completion.chunk",
    created: call.createdS,
    model: plan.served.name,
  };
  for (const index of plan.choices.keys()) {
    const choice = { index, delta: { role: plan.role, content: "" }, logprobs: null, finish_reason: null };
    const payload = { ...head, choices: [choice], ...usageSoFar(plan, 0), prompt_token_ids: null };
    yield { kind: "role", payload, tokens: 0, steps: 0 };
  }
  yield* interleave(
    plan.choices.map((choice, index) =>
      choiceFrames(plan, choice, { head, index, id: toolCallId(call, index) }),
    ),
  );
  if (plan.sampling.includeUsage) {
    const usage = streamUsage(countsOf(call, plan), reportedGpuMs(call, plan.served, workOf(plan)));
    yield { kind: "usage", payload: { ...head, choices: [], usage }, tokens: 0, steps: 0 };
  }
  yield DONE;
}

interface ChoiceHead {
  readonly head: JsonObject;
  readonly index: number;
  readonly id: string;
}

/** A run cut by its limit ends in its last token's frame; an end by itself has a frame of its own. */
function choiceFrames(plan: ChatPlan, choice: PlannedChoice, { head, index, id }: ChoiceHead): ChoiceFrames {
  const deltas = deltasOf(choice, id);
  if (choice.finishReason !== "length" || deltas.length === 0) {
    deltas.push({ delta: { content: "" }, tokens: 0, text: null });
  }
  let sent = 0;
  return deltas.map(({ delta, tokens, text }, position) => {
    const isLast = position === deltas.length - 1;
    sent += tokens;
    const chosen = {
      index,
      delta,
      logprobs: text === null ? null : logprobsOf(plan, [text]),
      finish_reason: isLast ? choice.finishReason : null,
      ...(isLast ? { stop_reason: choice.stopReason } : {}),
      token_ids: null,
    };
    const payload = { ...head, choices: [chosen], ...usageSoFar(plan, sent) };
    return { kind: isLast ? "finish" : "content", payload, tokens };
  });
}

interface Delta {
  readonly delta: JsonObject;
  readonly tokens: number;
  /** The text token, where log probabilities belong to it. */
  readonly text: string | null;
}

/** Each text token is a delta; a call begins with its name and goes on with pieces of its arguments. */
function deltasOf(choice: PlannedChoice, id: string): Delta[] {
  if (choice.tool === null) {
    return choice.tokens.map((text) => ({ delta: { content: text }, tokens: 1, text }));
  }
  const { name, nameTokens } = choice.tool;
  const first = { tool_calls: [{ id, type: "function", index: 0, function: { name } }] };
  const pieces = choice.tokens.map((piece) => ({
    delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] },
    tokens: 1,
    text: null,
  }));
  return [{ delta: first, tokens: nameTokens, text: null }, ...pieces];
}

function usageSoFar(plan: ChatPlan, sent: number): JsonObject {
  if (!plan.sampling.continuousUsage) return {};
  const { promptTokens } = plan.conversation;
  return { usage: plainUsage({ promptTokens, completionTokens: sent, cachedTokens: null }) };
}

function countsOf(call: Call, plan: ChatPlan): Counts {
  const { promptTokens, repeatedTokens } = plan.conversation;
  return {
    promptTokens,
    completionTokens: plan.choices.reduce((total, choice) => total + tokensOf(choice), 0),
    cachedTokens: call.region.prefixCache ? cachedTokens(repeatedTokens) : null,
  };
}

function workOf(plan: ChatPlan) {
  const steps = Math.max(0, ...plan.choices.map(tokensOf));
  return { promptTokens: plan.conversation.promptTokens, steps };
}

function tokensOf(choice: PlannedChoice): number {
  return choice.tokens.length + (choice.tool?.nameTokens ?? 0);
}

function logprobsOf(plan: ChatPlan, tokens: readonly string[]): JsonObject | null {
  return plan.topLogprobs === null ? null : chatLogprobs(tokens, plan.topLogprobs);
}

/** Unique because the request's id is; the index tells choices apart. */
function toolCallId(call: Call, index: number): string {
  return `chatcmpl-tool-${call.id.slice(0, 30)}${index.toString(16).padStart(2, "0")}`;
}
