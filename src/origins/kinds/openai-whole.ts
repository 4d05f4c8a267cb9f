// A whole answer of the OpenAI wires: checked for a result, and read for what is billed.
import type { Failure } from "../../domain/frame.ts";
import type { Wire } from "../../domain/inference.ts";
import { type Json, parseJson, recordOf } from "../../lib/record.ts";
import { disconnected } from "./failures.ts";
import type { Whole } from "./kind.ts";
import { isErrorAnswer, isFinished } from "./openai-frame.ts";
import { usageOf } from "./openai-usage.ts";

export function readOpenaiWhole(text: string, wire: Wire): Whole | Failure {
  const value = parseJson(text);
  const answer = recordOf(value);
  if (value === undefined) return disconnected("The origin answered with something that is not JSON.");
  if (isErrorAnswer(value)) return disconnected("The origin answered with an error.");
  const list = wire === "openai-embeddings" ? answer.data : answer.choices;
  if (!Array.isArray(list) || list.length === 0) return disconnected("The origin answered without a result.");
  const choices = list.map(recordOf);
  return {
    kind: "whole",
    text,
    usage: usageOf(answer.usage),
    guessedOutputTokens: guessTokens(choices),
    finishedChoices: choices.filter(isFinished).length,
  };
}

/** Characters a token has on average in English; used only where an origin reports no usage. */
const CHARACTERS_PER_TOKEN = 4;

function guessTokens(choices: readonly Json[]): number {
  const characters = choices.reduce((sum, choice) => sum + writtenLength(choice), 0);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** Text, reasoning, tool calls, refusals: whatever a message holds besides its role. */
function writtenLength(choice: Json): number {
  if (typeof choice.text === "string") return choice.text.length;
  const { role: _role, ...written } = recordOf(choice.message);
  return Object.values(written).reduce<number>((sum, value) => sum + lengthOf(value), 0);
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  const isEmpty = !value || (Array.isArray(value) && value.length === 0);
  return isEmpty ? 0 : JSON.stringify(value).length;
}
