// What an account used: its requests, newest first, one of them, and sums over time; as JSON or as CSV. Reading
// only: rows come from settlement, by way of the outbox. There is no word of a prompt or an answer in them.
import { identify } from "../auth/identify.ts";
import { RouterError } from "../domain/errors.ts";
import type { SummaryLine } from "../domain/usage-log.ts";
import type { Http, HttpContext } from "../http.ts";
import { type CsvRow, csv } from "../lib/csv.ts";
import { authorized } from "./authorized.ts";
import { cursorOf, listBody, onePage, type Page, readPage } from "./page.ts";
import { findRow, findRows, sumUp } from "./usage-months.ts";
import { summaryColumns, summaryObject, USAGE_COLUMNS, usageObject } from "./usage-object.ts";
import { FILTER_PARAMS, readFilter, readSummary, SUMMARY_PARAMS } from "./usage-query.ts";

export function mountUsage(app: Http, base: string): void {
  app.get(`${base}/usage`, listUsage);
  app.get(`${base}/usage/summary`, listSummary);
  app.get(`${base}/usage/:id`, showUsage);
}

/** Milliseconds and the ledger's sequence number. */
const ROW_PLACE = /^\d{1,15}\.\d{1,15}$/;

async function listUsage(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const page = await readPage(c, identify, { place: ROW_PLACE, filters: FILTER_PARAMS });
  const filter = readFilter(queryOf(c), ports.now());
  const { caller } = await authorized(c, "usage:read", []);
  const [createdAtMs, seq] = numbersOf(page.after);
  const before = page.after === null ? null : { createdAtMs, seq };
  const { rows, resumeAt } = await findRows(ports, caller, { filter, limit: page.askFor, before });
  const shown = onePage(page, rows, (row) => `${row.created_at_ms}.${row.seq}`);
  const resumeCursor = resumeAt === null ? null : cursorOf(`${resumeAt.createdAtMs}.${resumeAt.seq}`);
  return listAnswer(c, {
    columns: USAGE_COLUMNS,
    rows: shown.rows.map(usageObject),
    nextCursor: shown.nextCursor ?? resumeCursor,
  });
}

async function showUsage(c: HttpContext): Promise<Response> {
  const { caller } = await authorized(c, "usage:read", []);
  const id = c.req.param("id") ?? "";
  const row = REQUEST_ID.test(id) ? await findRow(c.get("ports"), caller, id) : null;
  if (row !== null) return c.json(usageObject(row));
  throw new RouterError(
    "not_found",
    "This account has no such request: check its id, and that it is less than 90 days old.",
  );
}

/** Whatever else it is, no id of ours looks different. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Start of a bucket, and how many of its lines were shown: groups may be named in any alphabet. */
const LINE_PLACE = /^\d{1,15}\.\d{1,5}$/;

async function listSummary(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const page = await readPage(c, identify, { place: LINE_PLACE, filters: SUMMARY_PARAMS });
  const asked = readSummary(queryOf(c), ports.now());
  const { caller } = await authorized(c, "usage:read", []);
  const [startMs, shownBefore] = numbersOf(page.after);
  const filter = { ...asked.filter, fromMs: Math.max(asked.filter.fromMs, startMs) };
  const lines = await sumUp(ports, caller, { ...asked, filter, limit: page.askFor + shownBefore });
  const { rows, nextCursor } = pageOfLines(page, lines);
  return listAnswer(c, {
    columns: summaryColumns(asked.group),
    rows: rows.map((line) => summaryObject(line, asked.group)),
    nextCursor,
  });
}

function pageOfLines(page: Page, lines: readonly SummaryLine[]) {
  const [startMs, shownBefore] = numbersOf(page.after);
  const left = lines.filter((line, index) => line.start_ms !== startMs || index >= shownBefore);
  const placeOf = (last: SummaryLine) => {
    const sameStart = lines.filter((line) => line.start_ms === last.start_ms);
    return `${last.start_ms}.${sameStart.indexOf(last) + 1}`;
  };
  return onePage(page, left, placeOf);
}

function queryOf(c: HttpContext): URLSearchParams {
  return new URL(c.req.url).searchParams;
}

/** Both parts of a place; zeros on the first page. */
function numbersOf(place: string | null): readonly [number, number] {
  const [first = "0", second = "0"] = (place ?? "").split(".");
  return [Number(first), Number(second)];
}

interface ListAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
  readonly nextCursor: string | null;
}

/** JSON, or CSV for who prefers it; there the cursor travels in a header. */
function listAnswer(c: HttpContext, { columns, rows, nextCursor }: ListAnswer): Response {
  c.header("vary", "accept");
  if (!prefersCsv(c.req.header("accept") ?? "")) return c.json(listBody(rows, nextCursor));
  c.header("content-type", "text/csv; charset=utf-8; header=present");
  if (nextCursor !== null) c.header("x-next-cursor", nextCursor);
  return c.body(csv(columns, rows));
}

/** Whichever of the two is named first; weights are not read. */
function prefersCsv(accept: string): boolean {
  const types = accept.split(",").map((type) => type.split(";", 1)[0]?.trim().toLowerCase());
  return types.find((type) => type === "text/csv" || type === "application/json") === "text/csv";
}
