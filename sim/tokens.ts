// The tokenizer of every simulated model: words with their leading space, marks one by one.
// Prompts and answers are counted by the same rule, and the pieces joined are the text again.
import { hashText } from "./seeded.ts";
import { NOUNS } from "./vocabulary.ts";

/**
 * Words break after 12 characters, as real vocabularies break long ones: otherwise a megabyte
 * without spaces would be one token and no context limit could ever be met.
 */
const PIECE = /\n+|[^\S\n]*[\p{L}\p{N}\p{M}_'’-]{1,12}|[^\S\n]*[^\s\p{L}\p{N}\p{M}_'’-]|[^\S\n]+/gu;

export function splitTokens(text: string): readonly string[] {
  return text.match(PIECE) ?? [];
}

export function countTokens(text: string): number {
  let count = 0;
  PIECE.lastIndex = 0;
  while (PIECE.test(text)) count += 1;
  return count;
}

/** Size of the pretended vocabulary: that of the Qwen family. */
const VOCABULARY_SIZE = 151_643;

export function tokenId(token: string): number {
  return hashText(token) % VOCABULARY_SIZE;
}

/** Prompts may come as token ids; ids are hashes here, so each decodes to some word, always the same. */
export function textOfTokenIds(ids: readonly number[]): string {
  return ids.map((id) => ` ${NOUNS[Math.abs(id) % NOUNS.length] ?? "token"}`).join("");
}
