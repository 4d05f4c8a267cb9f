// One run of a simulated model over its script: where a prefill puts it, and where limits and stop
// strings end it. Knows nothing of requests, JSON or time.
import type { Script } from "./text.ts";
import { countTokens } from "./tokens.ts";

export interface Limits {
  readonly maxTokens: number;
  readonly minTokens: number;
  /** Go on past the natural end until `maxTokens`. */
  readonly ignoreEos: boolean;
  readonly stop: readonly string[];
  readonly includeStop: boolean;
}

export interface Generation {
  readonly tokens: readonly string[];
  readonly finishReason: "stop" | "length";
  /** The stop string that was met. */
  readonly stopReason: string | null;
}

/** `scriptOf(n)` gives at least n tokens where the model has so many to say. */
export function generate(scriptOf: (atLeast: number) => Script, prefill: string, limits: Limits): Generation {
  const script = scriptOf(limits.ignoreEos ? countTokens(prefill) + 1 + limits.maxTokens : limits.minTokens);
  const end = limits.ignoreEos ? script.tokens.length : Math.max(script.endsAt, limits.minTokens);
  const said = script.tokens.slice(0, end);
  return applyStop(limit(remainder(said, prefill), limits.maxTokens), limits);
}

/** An end by itself takes one more token than the last word, so reaching the limit counts as cut. */
function limit(tokens: readonly string[], maxTokens: number): Generation {
  if (tokens.length < maxTokens) return { tokens, finishReason: "stop", stopReason: null };
  return { tokens: tokens.slice(0, maxTokens), finishReason: "length", stopReason: null };
}

/**
 * What is left to say after `prefill`. The position is the longest beginning of the text that the
 * prefill ends with: reading on from there one character leads to the position one further, so a
 * run cut anywhere and continued, however often, says exactly what the unbroken run would have said.
 */
function remainder(tokens: readonly string[], prefill: string): readonly string[] {
  let position = overlap(tokens.join("").slice(0, prefill.length), prefill);
  if (position === 0) return joined(tokens, prefill);
  for (const [index, token] of tokens.entries()) {
    if (position < token.length) return [token.slice(position), ...tokens.slice(index + 1)];
    position -= token.length;
  }
  return [];
}

/** A prefill of foreign words is followed by a space, not by half a word. */
function joined(tokens: readonly string[], prefill: string): readonly string[] {
  const [first, ...rest] = tokens;
  if (first === undefined || prefill === "" || /\s$/.test(prefill) || /^\s/.test(first)) return tokens;
  return [` ${first}`, ...rest];
}

/** Length of the longest beginning of `text` that `prefill` ends with (Knuth, Morris and Pratt's automaton). */
function overlap(text: string, prefill: string): number {
  const borders = bordersOf(text);
  let state = 0;
  for (const unit of units(prefill)) {
    while (state > 0 && (state === text.length || text.charCodeAt(state) !== unit)) {
      state = borders[state - 1] ?? 0;
    }
    if (text.charCodeAt(state) === unit) state += 1;
  }
  return state;
}

function bordersOf(text: string): readonly number[] {
  const borders: number[] = [];
  let state = 0;
  for (const unit of units(text)) {
    if (borders.length === 0) {
      borders.push(0);
      continue;
    }
    while (state > 0 && text.charCodeAt(state) !== unit) state = borders[state - 1] ?? 0;
    if (text.charCodeAt(state) === unit) state += 1;
    borders.push(state);
  }
  return borders;
}

function* units(text: string): Generator<number> {
  for (let index = 0; index < text.length; index += 1) yield text.charCodeAt(index);
}

function applyStop(run: Generation, limits: Limits): Generation {
  const text = run.tokens.join("");
  let cutAt = text.length + 1;
  let met: string | null = null;
  for (const stop of limits.stop) {
    const at = text.indexOf(stop);
    if (at === -1 || at >= cutAt) continue;
    cutAt = at;
    met = stop;
  }
  if (met === null) return run;
  const length = limits.includeStop ? cutAt + met.length : cutAt;
  return { tokens: takeCharacters(run.tokens, length), finishReason: "stop", stopReason: met };
}

function takeCharacters(tokens: readonly string[], length: number): readonly string[] {
  const taken: string[] = [];
  let left = length;
  for (const token of tokens) {
    if (left <= 0) break;
    taken.push(token.slice(0, left));
    left -= token.length;
  }
  return taken;
}
