// The counts that callers see: one usage object an answer, sound, and the one that is billed. An origin's own passes as
// it was written where it says just that; every other is taken out. It knows where origins of the OpenAI wires write
// their counts, and nothing of how these are measured.
import type { Frame } from "../domain/frame.ts";
import type { Usage } from "../domain/usage.ts";
import { jsonAt, removeAt, setMember } from "../lib/json-splice.ts";
import { countOrNull, type Json, parseJson, recordOf } from "../lib/record.ts";

/** What an origin wrote of its counts, held back until the answer is over. */
export interface Told {
  /** The usage object's JSON. */
  readonly usage: string;
  /** Where OpenAI writes it, and nowhere else in the frame as well. */
  readonly isPlain: boolean;
  /** The event it came in, where that holds nothing for the caller but the counts; else null. */
  readonly event: string | null;
}

export interface Bared {
  /** null: nothing of it is left for the caller. */
  readonly frame: Frame | null;
  /** null where the frame holds no counts that were understood. */
  readonly told: Told | null;
}

/** Groq and Moonshot write counts here as well, or only here. */
const STRAY_PATHS = [
  ["x_groq", "usage"],
  ["choices", "0", "usage"],
] as const;
const PATHS = [["usage"], ...STRAY_PATHS] as const;

/** Within a JSON string the quotes would be escaped: this is a member, or a word that only looks like one. */
const HAS_USAGE = /"usage"\s*:(?!\s*null)/;

/** Takes every usage object out of a frame. Of most frames this is one look at their text. */
export function bareOf(frame: Frame): Bared {
  const { text } = frame;
  // A name may be written with escapes; those of its letters begin so.
  if (!HAS_USAGE.test(text) && !text.includes("\\u00")) return { frame, told: null };
  const found = PATHS.flatMap((path) => {
    const usage = jsonAt(text, path);
    return usage === null || usage === "null" ? [] : [{ path, usage }];
  });
  const [first] = found;
  if (first === undefined) return { frame, told: null };
  const isAlone = frame.kind === "usage";
  const isPlain = found.length === 1 && first.path.length === 1;
  const event = isAlone && isPlain ? text : null;
  const told = frame.usage === null ? null : { usage: first.usage, isPlain, event };
  if (isAlone) return { frame: null, told };
  const bare = found.reduce((rest, { path }) => removeAt(rest, path), text);
  return { frame: { ...frame, text: bare }, told };
}

/**
 * @param own what is billed, as our usage object's JSON.
 * @returns the whole answer with one usage object, the origin's where that is sound and billed.
 */
export function withShownUsage(text: string, usage: Usage, own: string): string {
  const at = text.indexOf('"usage"');
  const theirs = jsonAt(text, ["usage"]);
  const isOnly = at === text.lastIndexOf('"usage"') && (theirs !== null || at === -1);
  const bare = isOnly ? text : STRAY_PATHS.reduce<string>(removeAt, text);
  return theirs !== null && isAsBilled(theirs, usage) ? bare : setMember(bare, "usage", own);
}

/** Whether an origin's usage object says what is billed, and nothing that cannot be. */
export function isAsBilled(json: string, billed: Usage): boolean {
  const value = parseJson(json);
  const usage = recordOf(value);
  const { inputTokens, outputTokens } = billed;
  const totalTokens = inputTokens + outputTokens;
  return (
    usage.prompt_tokens === inputTokens &&
    // Wires without output leave the member out.
    (usage.completion_tokens ?? 0) === outputTokens &&
    (usage.total_tokens ?? totalTokens) === totalTokens &&
    (usage.gpu_ms ?? billed.gpuMs) === billed.gpuMs &&
    (recordOf(usage.prompt_tokens_details).cached_tokens ?? 0) === billed.cachedInputTokens &&
    arePartsSound(usage, totalTokens)
  );
}

/** Parts of the counts, beside them or in an object of details: counts too, none larger than the whole. */
function arePartsSound(usage: Json, totalTokens: number): boolean {
  const parts = [usage, recordOf(usage.prompt_tokens_details), recordOf(usage.completion_tokens_details)];
  return parts.flatMap(Object.entries).every(([name, value]) => {
    if (!name.endsWith("_tokens") || value === null) return true;
    const count = countOrNull(value);
    return count !== null && count <= totalTokens;
  });
}
