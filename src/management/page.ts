// Pages of a list: `?limit` and `?cursor` in, {object, data, next_cursor} out. A cursor is opaque to callers:
// the place after which the next page begins, in base64url. What a place is, each list says.
import { invalid } from "../domain/errors.ts";
import type { HttpContext } from "../http.ts";
import { base64url } from "../lib/base64.ts";
import type { Guard } from "./read-body.ts";

export interface Page {
  readonly limit: number;
  /** One more than is shown: whether there is a next page costs no second question. */
  readonly askFor: number;
  /** The place the cursor names; null on the first page. */
  readonly after: string | null;
}

/** wire.md §2, "Forms". */
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const PARAMS = ["limit", "cursor"];
/** Callers' own text within a message. */
const MAX_QUOTED_CHARACTERS = 100;

/** A list that can be narrowed: what its places look like, and the parameters that say to what. */
export interface Listing {
  readonly place: RegExp;
  readonly filters: readonly string[];
}

/**
 * `form`: what places of this list look like; a cursor of another list is refused. Filters are read by the
 * list itself. @throws RouterError 401 | 400
 */
export async function readPage(c: HttpContext, guard: Guard, form: RegExp | Listing): Promise<Page> {
  const { place, filters } = form instanceof RegExp ? { place: form, filters: [] } : form;
  await guard(c.get("ports"), c.req.raw);
  const query = new URL(c.req.url).searchParams;
  checkQuery(query, [...PARAMS, ...filters]);
  const limit = readLimit(query.get("limit"));
  return { limit, askFor: limit + 1, after: readCursor(query.get("cursor"), place) };
}

export interface List<Row> {
  readonly object: "list";
  readonly data: readonly Row[];
  readonly next_cursor: string | null;
}

/** Rows of one page out of `page.askFor`, with the cursor of the next. */
export function onePage<Row>(
  page: Page,
  rows: readonly Row[],
  placeOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } {
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const hasMore = rows.length > page.limit && last !== undefined;
  return { rows: shown, nextCursor: hasMore ? cursorOf(placeOf(last)) : null };
}

export function listBody<Row>(data: readonly Row[], nextCursor: string | null): List<Row> {
  return { object: "list", data, next_cursor: nextCursor };
}

/** @throws RouterError 400 for a parameter that is not known or stands twice. */
export function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) checkParam(query, name, known);
}

function checkParam(query: URLSearchParams, name: string, known: readonly string[]): void {
  const param = name.slice(0, MAX_QUOTED_CHARACTERS);
  if (!known.includes(name)) {
    throw invalid(param, `Remove '${param}': this list takes ${known.join(" and ")} alone.`);
  }
  if (query.getAll(name).length > 1) throw invalid(param, `Give '${param}' once.`);
}

function readLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalid("limit", `Invalid 'limit': send a whole number from 1 to ${MAX_LIMIT}.`);
}

/** What callers send back to go on behind `place`. */
export function cursorOf(place: string): string {
  return base64url(new TextEncoder().encode(place));
}

/** Places are ASCII: whatever decodes to something else matches no form. */
function readCursor(cursor: string | null, form: RegExp): string | null {
  if (cursor === null) return null;
  const place = isBase64url(cursor) ? atob(cursor.replaceAll("-", "+").replaceAll("_", "/")) : "";
  if (form.test(place) && cursorOf(place) === cursor) return place;
  throw invalid("cursor", "Invalid 'cursor': send the 'next_cursor' of the page before as it came.");
}

/** What `atob` decodes without throwing; longer than any place in base64. */
function isBase64url(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,120}$/.test(text) && text.length % 4 !== 1;
}
