// Which conversation a request belongs to, and what that is worth: its model and its origin hold its prompt cache,
// and its later turns may carry reasoning that only its model can read. Pure; who remembers is the caller's business.
import type { Inference } from "../domain/inference.ts";
import { hash64 } from "../lib/hash.ts";
import type { ModelGroup } from "./rank.ts";

export interface Conversation {
  /** Unique to the account; never holds text of the prompt. */
  readonly key: string;
  /** false: this is, as far as anybody can tell, its first turn, whatever stands under the same key. */
  readonly isContinued: boolean;
}

/** Openings are told apart by their head; a megabyte of pasted text is not hashed for that. */
const MAX_OPENING_CHARS = 2_000;

/** By the caller's own name for it, else by how it began. null where the wire knows no turns. */
export function conversationOf(
  inference: Pick<Inference, "sessionId" | "opening" | "prompt">,
  accountId: string,
): Conversation | null {
  const { sessionId, opening, prompt } = inference;
  if (sessionId !== null) return { key: `${accountId}/id/${hash64(sessionId)}`, isContinued: true };
  if (opening === null) return null;
  const head = `${prompt.system.slice(0, MAX_OPENING_CHARS)}\n${opening.slice(0, MAX_OPENING_CHARS)}`;
  return { key: `${accountId}/opening/${hash64(head)}`, isContinued: prompt.turns > 1 };
}

/** A promise of five more good answers in a hundred is worth a cold prompt cache; less is within the noise. */
export const UP_MARGIN = 0.05;

/** Puts the conversation's model first, unless it is gone, failing, or visibly too weak for this turn: it moves only up. */
export function stayWith(groups: readonly ModelGroup[], modelId: string | null): readonly ModelGroup[] {
  const [first] = groups;
  const kept = groups.find((group) => group.modelId === modelId);
  if (first === undefined || kept === undefined || kept === first || kept.best.time.isSuspect) return groups;
  if (first.estimate.quality.value - kept.estimate.quality.value > UP_MARGIN) return groups;
  return [kept, ...groups.filter((group) => group !== kept)];
}
