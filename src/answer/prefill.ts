// The request that makes an origin go on with a half-written answer: assistant prefill as vLLM and SGLang take it.
// The only place that knows which requests of a wire can be continued, and how one is written. Pure.
import type { Inference } from "../domain/inference.ts";
import { type Json, listOf, recordOf } from "../lib/record.ts";
import type { Prefill } from "./delivered.ts";

/** Whether an answer to this may be continued at all, whatever has been said. */
export function isContinuable(inference: Inference): boolean {
  const { wire, choices, body } = inference;
  if (wire !== "openai-chat" || choices !== 1) return false;
  return !BARRED.some((name) => isSet(body[name])) && !isFormatted(body) && !isToolForced(body.tool_choice);
}

/**
 * Members whose effect spans the answer as a whole, so that its second half alone would have another: log
 * probabilities, guided decoding under the names that vLLM, SGLang and llama.cpp give it, beams, sound, echoes.
 */
const BARRED = [
  "logprobs",
  "top_logprobs",
  "prompt_logprobs",
  "guided_json",
  "guided_regex",
  "guided_choice",
  "guided_grammar",
  "structured_outputs",
  "structural_tag",
  "regex",
  "ebnf",
  "grammar",
  "json_schema",
  "use_beam_search",
  "audio",
  "echo",
  "function_call",
  "functions",
] as const;

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0;
}

function isFormatted({ response_format: format }: Json): boolean {
  return isSet(format) && recordOf(format).type !== "text";
}

/** With `auto` a model may still choose words; any other wish but `none` demands a call. */
function isToolForced(choice: unknown): boolean {
  return isSet(choice) && choice !== "auto" && choice !== "none";
}

/** The body to go on with; null where these words cannot be gone on from. */
export function prefilledBody(body: Json, prefill: Prefill): Json | null {
  const { text, reasoning } = prefill;
  if (!isWhole(text) || !isWhole(reasoning) || isThinking(text) || isAtStop(body, text)) return null;
  const limited = { ...body, ...leastLeft(body, prefill.tokens) };
  // Nothing but white space: the same request again says it all. A thought that is over has no place to end in.
  if (text === "") return reasoning === "" ? limited : null;
  const messages = listOf(body.messages);
  if (body.continue_final_message === true) {
    const last = recordOf(messages.at(-1));
    if (last.role !== "assistant" || typeof last.content !== "string") return null;
    return { ...limited, messages: [...messages.slice(0, -1), { ...last, content: last.content + text }] };
  }
  if (body.add_generation_prompt === false) return null;
  return {
    ...limited,
    messages: [...messages, { role: "assistant", content: text, ...thoughtOf(reasoning) }],
    continue_final_message: true,
    add_generation_prompt: false,
  };
}

/** Templates call it by the one name, newer servers by the other. */
function thoughtOf(reasoning: string): Json {
  return reasoning === "" ? {} : { reasoning_content: reasoning, reasoning };
}

/** Half a character: some servers cut between the halves of an emoji, and write a replacement for what is missing. */
function isWhole(text: string): boolean {
  return text.isWellFormed() && !text.endsWith("\ufffd");
}

const THOUGHTS = [
  ["<think>", "</think>"],
  ["[THINK]", "[/THINK]"],
] as const;

/** A thought within the text, of a server that does not part them, which has not ended. */
function isThinking(text: string): boolean {
  return THOUGHTS.some(([open, close]) => text.trimStart().startsWith(open) && !text.includes(close));
}

/** The beginning of a stop string at the very end: the next origin would see its rest only, and not stop. */
function isAtStop({ stop }: Json, text: string): boolean {
  const stops = typeof stop === "string" ? [stop] : listOf(stop);
  return stops.some((each) => typeof each === "string" && endsInBeginningOf(text, each));
}

function endsInBeginningOf(text: string, stop: string): boolean {
  for (let length = 1; length < stop.length; length++) {
    if (text.endsWith(stop.slice(0, length))) return true;
  }
  return false;
}

/** What is written already counts towards the least that was asked for. */
function leastLeft({ min_tokens: least }: Json, writtenTokens: number): Json {
  return typeof least === "number" ? { min_tokens: Math.max(0, least - writtenTokens) } : {};
}
