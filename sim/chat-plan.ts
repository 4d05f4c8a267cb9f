// From a chat request to what each choice will say: validation, counting, and the choice between
// words, JSON and a tool call. How that looks on the wire is vllm-chat.ts's business.
import type { Parsed } from "./answer.ts";
import { type Call, readModelCall } from "./call.ts";
import { type Conversation, readConversation } from "./conversation.ts";
import { generate, type Limits } from "./generation.ts";
import { isTrueAt, type JsonObject, numberAt, objectAt, textAt } from "./json-object.ts";
import { badRequest, invalidBody } from "./refusals.ts";
import { readSampling, roomFor, type Sampling } from "./sampling.ts";
import { valueFor } from "./schema-value.ts";
import { hashText, seededDice } from "./seeded.ts";
import type { Served } from "./served.ts";
import { type Script, writeScript } from "./text.ts";
import { countTokens, splitTokens } from "./tokens.ts";
import { chooseTool, readToolWish, type ToolCall, type ToolWish } from "./tool-choice.ts";

export interface ChatPlan {
  readonly served: Served;
  readonly sampling: Sampling;
  readonly conversation: Conversation;
  /** Role of the message being written: that of the last one when it is continued. */
  readonly role: string;
  /** Likeliest tokens to show beside each; null: no log probabilities. */
  readonly topLogprobs: number | null;
  readonly choices: readonly PlannedChoice[];
}

export interface PlannedChoice {
  readonly finishReason: "stop" | "length" | "tool_calls";
  readonly stopReason: string | null;
  /** Text, or the pieces of a call's arguments. */
  readonly tokens: readonly string[];
  readonly tool: PlannedTool | null;
}

interface PlannedTool {
  readonly name: string;
  readonly nameTokens: number;
}

export function planChat(call: Call): Parsed<ChatPlan> {
  const read = readModelCall(call, ["text-generation"], "Chat Completions");
  if (!read.ok) return read;
  const { body, served } = read.value;
  const complaint = complaintAbout(body);
  if (complaint !== null) return complaint;
  const sampling = readSampling(body);
  if (!sampling.ok) return sampling;
  const wish = readToolWish(body);
  if (!wish.ok) return wish;
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const isContinued = isTrueAt(body, "continue_final_message");
  const conversation = readConversation(messages, isContinued ? "final-message" : "new-message");
  const { contextLength } = served.base;
  const asked = { maxTokens: sampling.value.maxTokens, byDefault: contextLength };
  const room = roomFor(served.base, conversation.promptTokens, asked);
  if (!room.ok) return room;
  const limits = { ...sampling.value, maxTokens: room.value };
  const choices = Array.from({ length: sampling.value.choices }, (_, index) => {
    const key = JSON.stringify([served.identity, sampling.value.seed, index, conversation.canonical]);
    return planChoice(
      { key, conversation, wish: wish.value, format: objectAt(body, "response_format") },
      limits,
    );
  });
  const role = body.add_generation_prompt === false ? conversation.lastRole : "assistant";
  const topLogprobs = isTrueAt(body, "logprobs") ? (numberAt(body, "top_logprobs") ?? 0) : null;
  return {
    ok: true,
    value: { served, sampling: sampling.value, conversation, role, topLogprobs, choices },
  };
}

function complaintAbout(body: JsonObject) {
  const { messages } = body;
  if (messages === undefined) return invalidBody("messages", "Field required");
  if (!Array.isArray(messages)) return invalidBody("messages", "Input should be a valid list");
  if (messages.length === 0) return badRequest("list object has no element 0");
  if (isTrueAt(body, "continue_final_message") && body.add_generation_prompt !== false) {
    return badRequest("Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
  }
  const top = numberAt(body, "top_logprobs");
  if (top !== null && top > 0 && !isTrueAt(body, "logprobs")) {
    return badRequest("when using `top_logprobs`, `logprobs` must be set to true.", "top_logprobs");
  }
  // vLLM's own --max-logprobs default.
  if (top !== null && top > 20) {
    return badRequest(
      `Requested sample logprobs of ${top}, which is greater than max allowed: 20`,
      "logprobs",
    );
  }
  const format = objectAt(body, "response_format");
  if (
    format !== null &&
    textAt(format, "type") === "json_schema" &&
    objectAt(format, "json_schema") === null
  ) {
    const message = "When response_format type is 'json_schema', the 'json_schema' field must be provided.";
    return badRequest(message, "response_format");
  }
  return null;
}

interface ChoiceWish {
  readonly key: string;
  readonly conversation: Conversation;
  readonly wish: ToolWish;
  readonly format: JsonObject | null;
}

function planChoice(what: ChoiceWish, limits: Limits): PlannedChoice {
  const { key, conversation, wish, format } = what;
  const { ask, prefill } = conversation;
  // A half-written answer is words already; and a model that may choose answers a tool's result in words.
  const mayCall = prefill === "" && (wish.kind !== "auto" || conversation.isUsersTurn);
  const called = mayCall ? chooseTool(wish, ask, key) : null;
  if (called !== null) return planCall(called, wish, limits.maxTokens);
  const json = jsonScript(format, ask, key);
  const scriptOf = (atLeast: number) => json ?? writeScript({ key, ask }, atLeast);
  return { ...generate(scriptOf, prefill, limits), tool: null };
}

function planCall(called: ToolCall, wish: ToolWish, maxTokens: number): PlannedChoice {
  const pieces = splitTokens(called.arguments);
  const nameTokens = countTokens(called.name);
  const room = maxTokens - nameTokens;
  const ended = wish.kind === "named" ? "stop" : "tool_calls";
  return {
    finishReason: pieces.length < room ? ended : "length",
    stopReason: null,
    tokens: pieces.slice(0, Math.max(0, room)),
    tool: { name: called.name, nameTokens },
  };
}

/** null where no JSON was asked for. */
function jsonScript(format: JsonObject | null, ask: string, key: string): Script | null {
  const type = format === null ? null : textAt(format, "type");
  if (format === null || (type !== "json_object" && type !== "json_schema")) return null;
  const schema = objectAt(objectAt(format, "json_schema") ?? {}, "schema") ?? ANY_OBJECT;
  const value = valueFor({ dice: seededDice(hashText(key)), ask, root: schema }, schema);
  const tokens = splitTokens(JSON.stringify(value, null, type === "json_object" ? 2 : 0));
  return { tokens, endsAt: tokens.length };
}

/** What a model writes that is asked for JSON and told no schema. */
const ANY_OBJECT: JsonObject = {
  type: "object",
  properties: {
    answer: { type: "string" },
    confidence: { type: "integer", minimum: 0, maximum: 100 },
    items: { type: "array", items: { type: "string" }, minItems: 2 },
  },
};
