// One event of an OpenAI-style stream, read for the few facts that the pump needs. What servers differ in is
// tolerated here, once: missing finish reasons, usage beside them or in a frame of its own, empty roles.
import type { Frame, Said } from "../../domain/frame.ts";
import { countOf, type Json, listOf, parseJson, recordOf } from "../../lib/record.ts";
import { disconnected } from "./failures.ts";
import { usageOf } from "./openai-usage.ts";

/** `data` as it stood in the event, over one line or several. */
export function readOpenaiFrame(data: string): Frame {
  if (data.trim() === "[DONE]") return DONE;
  const value = parseJson(data);
  if (value === undefined) return failedFrame("The origin sent an event that is not JSON.");
  if (isErrorAnswer(value)) return failedFrame("The origin reported an error within the stream.");
  const chunk = recordOf(value);
  const choices = listOf(chunk.choices).map(recordOf);
  return {
    kind: choices.length === 0 ? "usage" : "content",
    text: onOneLine(fixEmptyRole(data, choices)),
    // Groq puts what it counted beside its own id.
    usage: usageOf(chunk.usage) ?? usageOf(recordOf(chunk.x_groq).usage),
    createdS: countOf(chunk.created) || null,
    hasContent: choices.some(hasContent),
    said: saidIn(choices),
    finishedChoices: choices.filter(isFinished).length,
    failure: null,
  };
}

export const DONE: Frame = {
  kind: "done",
  text: "",
  usage: null,
  createdS: null,
  hasContent: false,
  said: null,
  finishedChoices: 0,
  failure: null,
};

export function failedFrame(message: string): Frame {
  return { ...DONE, kind: "failed", failure: disconnected(message) };
}

/** Some servers write the member into every answer, null where nothing is wrong; Google's wraps it in a list. */
export function isErrorAnswer(answer: unknown): boolean {
  const { error } = recordOf(Array.isArray(answer) ? answer[0] : answer);
  return error !== undefined && error !== null;
}

/** Pretty-printed JSON spans lines, and an event of ours has one: raw line breaks are only white space. */
function onOneLine(data: string): string {
  return data.includes("\n") ? data.replaceAll("\n", " ") : data;
}

/** `"role":""` breaks two of the reference clients; within JSON strings the quotes would be escaped. */
function fixEmptyRole(data: string, choices: readonly Json[]): string {
  const isEmpty = choices.some((choice) => recordOf(choice.delta).role === "");
  return isEmpty ? data.replaceAll(/"role"\s*:\s*""/g, '"role":"assistant"') : data;
}

/** Some write an empty reason until there is one. */
export function isFinished(choice: Json): boolean {
  return typeof choice.finish_reason === "string" && choice.finish_reason !== "";
}

/** Text, reasoning, tool-call pieces, refusals, audio: whatever a delta holds besides its role. */
function hasContent(choice: Json): boolean {
  if (typeof choice.text === "string") return choice.text !== "";
  const { role: _role, ...rest } = recordOf(choice.delta);
  return Object.values(rest).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
}

/** Members of a delta that are words; vLLM names reasoning by both of its names for a while. */
const WORDS: ReadonlySet<string> = new Set(["role", "content", "reasoning", "reasoning_content"]);

/** null for tool calls, refusals, sound, several choices: a half-written message cannot hold their halves. */
function saidIn(choices: readonly Json[]): Said | null {
  const [choice] = choices;
  if (choice === undefined || choices.length > 1) return null;
  const delta = recordOf(choice.delta);
  for (const name in delta) {
    const value = delta[name];
    const isEmpty = !value || (Array.isArray(value) && value.length === 0);
    if (!isEmpty && (typeof value !== "string" || !WORDS.has(name))) return null;
  }
  const text = typeof delta.content === "string" ? delta.content : "";
  const reasoning = String(delta.reasoning || delta.reasoning_content || "");
  return text === "" && reasoning === "" ? null : { text, reasoning };
}
