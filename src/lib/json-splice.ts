// Replaces top-level members of a JSON object in its text and leaves every other byte alone, so that
// numbers, escapes and unknown fields survive exactly. It expects text that JSON.parse accepted.
import { parseJson } from "./record.ts";

/** Members to set: a string value each; `null` deletes nothing and is not allowed. */
export type Members = Readonly<Record<string, string>>;

/**
 * @returns the text with the value of each named member replaced by its JSON string; members that are
 * absent are inserted in front. Text that is no object comes back unchanged.
 */
export function spliceMembers(text: string, members: Members): string {
  const spans = topLevelSpans(text);
  if (spans === null) return text;
  let spliced = "";
  let copied = 0;
  const absent = new Set(Object.keys(members));
  for (const span of spans.members) {
    const value = Object.hasOwn(members, span.key) ? members[span.key] : undefined;
    if (value === undefined) continue;
    absent.delete(span.key);
    spliced += text.slice(copied, span.start) + JSON.stringify(value);
    copied = span.end;
  }
  const rest = spliced + text.slice(copied);
  return absent.size === 0 ? rest : insertFront(rest, spans, [...absent], members);
}

/**
 * @param path names of members, from the top; the first element of an array is named "0", others are not reached.
 * @param json what stands there afterwards, as JSON.
 * @returns the text with that one value replaced, and unchanged where the path leads nowhere.
 */
export function replaceAt(text: string, path: readonly string[], json: string): string {
  const span = spanAt(text, path);
  return span === null ? text : text.slice(0, span.start) + json + text.slice(span.end);
}

/** @returns the text without the member at the path, however often it is named there; unchanged where there is none. */
export function removeAt(text: string, path: readonly string[]): string {
  const place = spanAt(text, path.slice(0, -1));
  const key = path.at(-1);
  if (place === null || key === undefined) return text;
  const object = text.slice(place.start, place.end);
  const spans = topLevelSpans(object);
  const last = spans?.members.at(-1);
  if (!spans?.members.some((member) => member.key === key) || last === undefined) return text;
  const kept = spans.members.filter((member) => member.key !== key);
  const members = kept.map(({ from, end }) => object.slice(from, end)).join(",");
  const shorter = object.slice(0, spans.inside) + members + object.slice(last.end);
  return text.slice(0, place.start) + shorter + text.slice(place.end);
}

/** @returns the text with this JSON as the named top-level member's value, inserted in front where it was absent. */
export function setMember(text: string, key: string, json: string): string {
  const spans = topLevelSpans(text);
  if (spans === null) return text;
  const member = spans.members.findLast((candidate) => candidate.key === key);
  if (member !== undefined) return text.slice(0, member.start) + json + text.slice(member.end);
  const comma = spans.members.length > 0 ? "," : "";
  return `${text.slice(0, spans.inside)}${JSON.stringify(key)}:${json}${comma}${text.slice(spans.inside)}`;
}

/** The JSON of the value at the path, as it is written; null where the path leads nowhere. */
export function jsonAt(text: string, path: readonly string[]): string | null {
  const span = spanAt(text, path);
  return span === null ? null : text.slice(span.start, span.end);
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function spanAt(text: string, path: readonly string[]): Place | null {
  let place: Place = { start: 0, end: text.length };
  for (const key of path) {
    const inner = spanWithin(text.slice(place.start, place.end), key);
    if (inner === null) return null;
    place = { start: place.start + inner.start, end: place.start + inner.end };
  }
  return place;
}

function spanWithin(text: string, key: string): Place | null {
  const start = skipSpace(text, 0);
  if (text[start] === "[") return key === "0" ? firstElement(text, start + 1) : null;
  // Of two members of one name the last one counts, at every reader.
  return topLevelSpans(text)?.members.findLast((member) => member.key === key) ?? null;
}

function firstElement(text: string, inside: number): Place | null {
  const start = skipSpace(text, inside);
  return text[start] === "]" ? null : { start, end: valueEnd(text, start) };
}

interface Span {
  readonly key: string;
  /** Of the name. */
  readonly from: number;
  /** Of the value. */
  readonly start: number;
  readonly end: number;
}

interface Spans {
  readonly members: readonly Span[];
  /** Just behind the opening brace. */
  readonly inside: number;
}

function insertFront(text: string, spans: Spans, keys: readonly string[], members: Members): string {
  const added = keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(members[key])}`).join(",");
  const comma = spans.members.length > 0 ? "," : "";
  return text.slice(0, spans.inside) + added + comma + text.slice(spans.inside);
}

function topLevelSpans(text: string): Spans | null {
  let at = skipSpace(text, 0);
  if (text[at] !== "{") return null;
  const inside = at + 1;
  const members: Span[] = [];
  at = skipSpace(text, inside);
  while (at < text.length && text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    members.push({ key: keyOf(text.slice(at, keyEnd)), from: at, start, end });
    at = skipSpace(text, end);
    if (text[at] !== ",") break;
    at = skipSpace(text, at + 1);
  }
  return { members, inside };
}

/** A name written with escapes is the same name: the last of two wins at every reader. */
function keyOf(raw: string): string {
  return raw.includes("\\") ? String(parseJson(raw)) : raw.slice(1, -1);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Behind the closing quote of the string that opens at `from`. */
function stringEnd(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text[quote - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 1;
}

function valueEnd(text: string, from: number): number {
  if (text[from] === '"') return stringEnd(text, from);
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") {
      if (depth === 0) return trimEnd(text, from, at);
      depth--;
      if (depth === 0) return at + 1;
    }
    if (character === "," && depth === 0) return trimEnd(text, from, at);
    at++;
  }
  return at;
}

function trimEnd(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && text.charCodeAt(at - 1) <= 32) at--;
  return at;
}
