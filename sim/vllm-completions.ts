// POST /v1/completions as vLLM answers it: prompts as text, texts or token ids, each with n choices,
// counted through; `echo` puts the prompt before the first token.
import { type Answer, type Frame, jsonAnswer, type Parsed } from "./answer.ts";
import { type Call, readModelCall, reportedGpuMs, withWork } from "./call.ts";
import { type Generation, generate } from "./generation.ts";
import { type ChoiceFrames, DONE, interleave } from "./interleave.ts";
import { isTrueAt, type JsonObject, numberAt } from "./json-object.ts";
import { completionLogprobs } from "./logprobs.ts";
import { readPrompts } from "./prompts.ts";
import { badRequest } from "./refusals.ts";
import { readSampling, roomFor, type Sampling } from "./sampling.ts";
import type { Served } from "./served.ts";
import { writeScript } from "./text.ts";
import { countTokens } from "./tokens.ts";
import { plainUsage, streamUsage, wholeUsage } from "./usage-report.ts";

interface CompletionPlan {
  readonly served: Served;
  readonly sampling: Sampling;
  readonly topLogprobs: number | null;
  readonly promptTokens: number;
  readonly choices: readonly Completion[];
}

interface Completion extends Generation {
  /** The prompt where it is to be echoed, else empty. */
  readonly echoed: string;
}

/** vLLM's default for text completions. */
const DEFAULT_MAX_TOKENS = 16;

export function vllmCompletions(call: Call): Answer {
  const plan = planCompletions(call);
  if (!plan.ok) return plan.answer;
  return plan.value.sampling.stream ? streamed(call, plan.value) : whole(call, plan.value);
}

function planCompletions(call: Call): Parsed<CompletionPlan> {
  const read = readModelCall(call, ["text-generation"], "Completions");
  if (!read.ok) return read;
  const { body, served } = read.value;
  const sampling = readSampling(body);
  if (!sampling.ok) return sampling;
  const prompts = readPrompts(body.prompt);
  if (prompts === null) {
    return badRequest("Either prompt or prompt_embeds must be provided and non-empty.", "prompt");
  }
  const counts = prompts.map(countTokens);
  const asked = { maxTokens: sampling.value.maxTokens, byDefault: DEFAULT_MAX_TOKENS };
  const room = roomFor(served.base, Math.max(...counts), asked);
  if (!room.ok) return room;
  const limits = { ...sampling.value, maxTokens: room.value };
  const choices = prompts.flatMap((prompt) =>
    Array.from({ length: sampling.value.choices }, (_, index) => {
      const key = JSON.stringify([served.identity, sampling.value.seed, index, "completion", prompt]);
      const run = generate((atLeast) => writeScript({ key, ask: prompt }, atLeast), "", limits);
      const tokens = spaced(run.tokens, prompt);
      return { ...run, tokens, echoed: isTrueAt(body, "echo") ? prompt : "" };
    }),
  );
  const promptTokens = counts.reduce((total, count) => total + count, 0);
  const topLogprobs = numberAt(body, "logprobs");
  return { ok: true, value: { served, sampling: sampling.value, topLogprobs, promptTokens, choices } };
}

/** A completion starts a new word, unless the prompt already ends between words. */
function spaced(tokens: readonly string[], prompt: string): readonly string[] {
  const [first, ...rest] = tokens;
  if (first === undefined || /\s$/.test(prompt)) return tokens;
  return [` ${first}`, ...rest];
}

function whole(call: Call, plan: CompletionPlan): Answer {
  const counts = countsOf(plan);
  const answer = jsonAnswer(200, {
    id: `cmpl-${call.id}`,
    object: "text_completion",
    created: call.createdS,
    model: plan.served.name,
    choices: plan.choices.map((choice, index) => ({
      index,
      text: choice.echoed + choice.tokens.join(""),
      logprobs: logprobsOf(plan, choice.tokens, choice.echoed.length),
      finish_reason: choice.finishReason,
      stop_reason: choice.stopReason,
      token_ids: null,
      prompt_logprobs: null,
      prompt_token_ids: null,
    })),
    service_tier: null,
    system_fingerprint: null,
    usage: wholeUsage(counts),
    kv_transfer_params: null,
  });
  return withWork(answer, { ...workOf(plan), served: plan.served, tokens: counts.completionTokens }, call);
}

function streamed(call: Call, plan: CompletionPlan): Answer {
  return {
    kind: "stream",
    frames: () => framesOf(call, plan),
    work: { ...workOf(plan), servedAs: plan.served.base.servedAs },
  };
}

function* framesOf(call: Call, plan: CompletionPlan): Generator<Frame> {
  const head = {
    id: `cmpl-${call.id}`,
    object: "text_completion",
    created: call.createdS,
    model: plan.served.name,
  };
  yield* interleave(plan.choices.map((choice, index) => choiceFrames(plan, choice, { head, index })));
  if (plan.sampling.includeUsage) {
    const usage = streamUsage(countsOf(plan), reportedGpuMs(call, plan.served, workOf(plan)));
    yield { kind: "usage", payload: { ...head, choices: [], usage }, tokens: 0, steps: 0 };
  }
  yield DONE;
}

interface ChoiceHead {
  readonly head: JsonObject;
  readonly index: number;
}

function choiceFrames(plan: CompletionPlan, choice: Completion, { head, index }: ChoiceHead): ChoiceFrames {
  const texts: (string | null)[] = [...choice.tokens];
  if (choice.finishReason !== "length" || texts.length === 0) texts.push(null);
  let textOffset = 0;
  return texts.map((token, position) => {
    const isLast = position === texts.length - 1;
    const text = (position === 0 ? choice.echoed : "") + (token ?? "");
    const chosen = {
      index,
      text,
      logprobs: token === null ? null : logprobsOf(plan, [token], textOffset),
      finish_reason: isLast ? choice.finishReason : null,
      stop_reason: isLast ? choice.stopReason : null,
      prompt_token_ids: null,
      token_ids: null,
    };
    textOffset += text.length;
    const sent = Math.min(position + 1, choice.tokens.length);
    const payload = { ...head, choices: [chosen], ...usageSoFar(plan, sent) };
    return { kind: isLast ? "finish" : "content", payload, tokens: token === null ? 0 : 1 };
  });
}

function usageSoFar(plan: CompletionPlan, completionTokens: number): JsonObject {
  if (!plan.sampling.continuousUsage) return {};
  return { usage: plainUsage({ ...countsOf(plan), completionTokens }) };
}

function countsOf(plan: CompletionPlan) {
  const completionTokens = plan.choices.reduce((total, choice) => total + choice.tokens.length, 0);
  return { promptTokens: plan.promptTokens, completionTokens, cachedTokens: null };
}

function workOf(plan: CompletionPlan) {
  const steps = Math.max(0, ...plan.choices.map((choice) => choice.tokens.length));
  return { promptTokens: plan.promptTokens, steps };
}

function logprobsOf(plan: CompletionPlan, tokens: readonly string[], textOffset: number) {
  return plan.topLogprobs === null ? null : completionLogprobs(tokens, plan.topLogprobs, textOffset);
}
