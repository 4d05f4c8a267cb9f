// What callers ask of their usage: a range of time and filters, read from the query. What is wrong is told with
// its name; nothing is guessed.
import { invalid } from "../domain/errors.ts";
import {
  type SummaryBucket,
  type SummaryGroup,
  USAGE_RETENTION_MS,
  type UsageFilter,
} from "../domain/usage-log.ts";

export const FILTER_PARAMS = ["from", "to", "model", "key", "region", "status", "task", "tag"];
export const SUMMARY_PARAMS = [...FILTER_PARAMS, "bucket", "group"];

/** Longer than any model id, key, region or task. */
const MAX_NAME_CHARACTERS = 256;
/** OpenAI's own limits of `metadata`: names of 64 characters, values of 512. */
const TAG = /^[^:]{1,64}:.{0,512}$/s;
const STATUS = /^[1-5]\d\d$/;
/** Offsets count as well; a date without a time is no instant. */
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** Clocks of Workers differ a little: what ended just now may lie ahead. */
const AHEAD_MS = 60_000;
const DAY_MS = 86_400_000;
const ROWS_RANGE_MS = 30 * DAY_MS;
const SUMMARY_RANGE_MS: Readonly<Record<SummaryBucket, number>> = { hour: DAY_MS, day: 30 * DAY_MS };

const BUCKETS: readonly SummaryBucket[] = ["hour", "day"];
const GROUPS: readonly SummaryGroup[] = ["model", "key", "region", "task"];

/** The last 30 days unless told otherwise. @throws RouterError 400 */
export function readFilter(query: URLSearchParams, nowMs: number): UsageFilter {
  return filterWithin(query, nowMs, ROWS_RANGE_MS);
}

export interface AskedSummary {
  readonly filter: UsageFilter;
  readonly bucket: SummaryBucket;
  readonly group: SummaryGroup | null;
}

/** By hour the last 24 hours, by day the last 30 days, unless told otherwise. @throws RouterError 400 */
export function readSummary(query: URLSearchParams, nowMs: number): AskedSummary {
  const bucket = oneOf(query, "bucket", BUCKETS) ?? "day";
  const filter = filterWithin(query, nowMs, SUMMARY_RANGE_MS[bucket]);
  return { filter, bucket, group: oneOf(query, "group", GROUPS) };
}

function filterWithin(query: URLSearchParams, nowMs: number, defaultRangeMs: number): UsageFilter {
  const toMs = instant(query, "to") ?? nowMs + AHEAD_MS;
  const fromMs = instant(query, "from") ?? Math.min(toMs, nowMs) - defaultRangeMs;
  if (fromMs >= toMs) throw invalid("from", "Invalid 'from': send a time before 'to'.");
  return {
    // What is older is not kept, and what is later has not happened: neither is looked for.
    fromMs: Math.max(fromMs, nowMs - USAGE_RETENTION_MS),
    toMs: Math.min(toMs, nowMs + AHEAD_MS),
    model: name(query, "model"),
    key: name(query, "key"),
    region: name(query, "region"),
    status: status(query),
    task: name(query, "task"),
    tag: tag(query),
  };
}

function instant(query: URLSearchParams, param: string): number | null {
  const text = query.get(param);
  if (text === null) return null;
  const ms = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  const hint = text.includes(" ") ? " ('+' in a query is written %2B)" : "";
  throw invalid(param, `Invalid '${param}': send a time in RFC 3339, such as 2030-01-31T12:00:00Z${hint}.`);
}

function name(query: URLSearchParams, param: string): string | null {
  const text = query.get(param);
  if (text === null || (text !== "" && text.length <= MAX_NAME_CHARACTERS)) return text;
  throw invalid(param, `Invalid '${param}': send 1 to ${MAX_NAME_CHARACTERS} characters.`);
}

function status(query: URLSearchParams): number | null {
  const text = query.get("status");
  if (text === null) return null;
  if (STATUS.test(text)) return Number(text);
  throw invalid("status", "Invalid 'status': send one HTTP status, such as 200.");
}

function tag(query: URLSearchParams): string | null {
  const text = query.get("tag");
  if (text === null || TAG.test(text)) return text;
  throw invalid("tag", "Invalid 'tag': send 'name:value' as in the 'metadata' of the request.");
}

function oneOf<Name extends string>(
  query: URLSearchParams,
  param: string,
  names: readonly Name[],
): Name | null {
  const text = query.get(param);
  if (text === null) return null;
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw invalid(param, `Invalid '${param}': send one of ${names.join(", ")}.`);
}
