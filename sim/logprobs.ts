// Invented but consistent log probabilities, in vLLM's two forms: one for chat, one for text
// completions. The chosen token is always the likeliest.
import type { JsonObject } from "./json-object.ts";
import { hashText, seededDice } from "./seeded.ts";
import { NOUNS } from "./vocabulary.ts";

interface Candidate {
  readonly token: string;
  readonly logprob: number;
}

/** Chat: `{content:[{token, logprob, bytes, top_logprobs}]}`. */
export function chatLogprobs(tokens: readonly string[], top: number): JsonObject {
  const content = tokens.map((token) => {
    const candidates = candidatesFor(token, Math.max(1, top));
    const [chosen] = candidates;
    const shown = candidates.slice(0, top).map((one) => ({ ...one, bytes: bytesOf(one.token) }));
    return { token, logprob: chosen?.logprob ?? 0, bytes: bytesOf(token), top_logprobs: shown };
  });
  return { content };
}

/** Text completions: four lists of equal length; offsets count characters from `textOffset`. */
export function completionLogprobs(tokens: readonly string[], top: number, textOffset: number): JsonObject {
  const offsets: number[] = [];
  let offset = textOffset;
  for (const token of tokens) {
    offsets.push(offset);
    offset += token.length;
  }
  const candidates = tokens.map((token) => candidatesFor(token, top + 1));
  return {
    text_offset: offsets,
    token_logprobs: candidates.map((list) => list[0]?.logprob ?? 0),
    tokens,
    top_logprobs: candidates.map((list) => Object.fromEntries(list.map((one) => [one.token, one.logprob]))),
  };
}

function candidatesFor(token: string, count: number): readonly Candidate[] {
  const dice = seededDice(hashText(token));
  let logprob = -dice.next() * 0.5;
  const candidates = [{ token, logprob: round(logprob) }];
  while (candidates.length < count) {
    logprob -= 0.4 + dice.next() * 2;
    candidates.push({ token: ` ${dice.pick(NOUNS)}`, logprob: round(logprob) });
  }
  return candidates;
}

function round(logprob: number): number {
  return Math.round(logprob * 1e6) / 1e6;
}

function bytesOf(token: string): readonly number[] {
  return [...new TextEncoder().encode(token)];
}
