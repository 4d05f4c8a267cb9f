// The four shapes of `prompt` and `input`: a text, texts, token ids, or lists of token ids. All
// become texts, since token ids mean nothing outside the simulated tokenizer.
import { textOfTokenIds } from "./tokens.ts";

/** null: none of the shapes, or nothing in it. */
export function readPrompts(value: unknown): readonly string[] | null {
  if (typeof value === "string") return value === "" ? null : [value];
  if (!Array.isArray(value) || value.length === 0) return null;
  const ids = idsOf(value);
  if (ids !== null) return [textOfTokenIds(ids)];
  const prompts: string[] = [];
  for (const entry of value) {
    const inner = Array.isArray(entry) ? idsOf(entry) : null;
    if (typeof entry === "string") prompts.push(entry);
    else if (inner !== null) prompts.push(textOfTokenIds(inner));
    else return null;
  }
  return prompts;
}

function idsOf(list: readonly unknown[]): readonly number[] | null {
  const ids = list.filter((id) => typeof id === "number" && Number.isInteger(id));
  // The filter above leaves integers only, which the compiler cannot carry through two conditions.
  return ids.length === list.length && ids.length > 0 ? (ids as number[]) : null;
}
