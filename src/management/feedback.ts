// What callers say of a decision's answer: given, taken back, and exported for training. A prompt is kept only
// where the caller sends one here, and goes with the feedback.
import * as z from "zod";
import { identify } from "../auth/identify.ts";
import { isVisible } from "../domain/catalog.ts";
import { invalid, RouterError } from "../domain/errors.ts";
import { type Feedback, type FeedbackPlace, scoresOf } from "../domain/feedback.ts";
import type { AccountRef } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { monthOf, type ShownRow } from "../domain/usage-log.ts";
import type { Http, HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { listBody, onePage, readPage } from "./page.ts";
import { readBody } from "./read-body.ts";
import { rfc3339 } from "./rfc3339.ts";
import { findRow, monthAsker, monthsKept } from "./usage-months.ts";

export function mountFeedback(app: Http, base: string): void {
  app.get(`${base}/decisions/feedback`, listFeedback);
  app.post(`${base}/decisions/:id/feedback`, giveFeedback);
  app.delete(`${base}/decisions/:id/feedback`, takeBack);
}

/** Longer ones teach a router nothing: it reads head and tail. */
const MAX_PROMPT_CHARACTERS = 32_000;
const MAX_NAME_CHARACTERS = 256;

const feedbackFields = z.strictObject({
  rating: z.number().min(-1).max(1).nullish(),
  correct: z.boolean().nullish(),
  preferred_model: z.string().min(1).max(MAX_NAME_CHARACTERS).nullish(),
  prompt: z.string().min(1).max(MAX_PROMPT_CHARACTERS).nullish(),
});

async function giveFeedback(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const fields = await readBody(c, identify, feedbackFields);
  const { caller } = await authorized(c, "inference", []);
  const row = await decidedRow(c, caller);
  const { rating = null, correct = null, prompt = null } = fields;
  if (rating === null && correct === null && (fields.preferred_model ?? null) === null) {
    throw invalid("rating", "Send at least one of 'rating', 'correct' and 'preferred_model'.");
  }
  const preferred_model = await modelNamed(ports, caller, fields.preferred_model ?? null);
  const feedback: Feedback = {
    decision_id: decisionIdOf(c),
    created_at_ms: ports.now(),
    model: row.model,
    task: row.task,
    rating,
    correct,
    preferred_model,
    prompt,
  };
  const log = monthAsker(ports, caller, monthOf(row.created_at_ms));
  const isNew = await log((door) => door.putFeedback(feedback));
  return c.json(feedbackObject(feedback), isNew ? 201 : 200, { "cache-control": "no-store" });
}

/** By id or alias, as everywhere; kept under its id. */
async function modelNamed(ports: Ports, account: AccountRef, name: string | null): Promise<string | null> {
  if (name === null) return null;
  const model = (await ports.catalog()).models.get(name);
  if (model !== undefined && isVisible(model, account.accountId)) return model.id;
  throw invalid("preferred_model", "There is no such model: GET /models lists them.");
}

async function takeBack(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const { caller } = await authorized(c, "inference", []);
  const row = await decidedRow(c, caller);
  const log = monthAsker(ports, caller, monthOf(row.created_at_ms));
  const deleted = await log((door) => door.deleteFeedback(decisionIdOf(c)));
  return c.json({ object: "feedback.deleted", decision_id: decisionIdOf(c), deleted });
}

const DECISION_ID = /^rt_[A-Za-z0-9_-]{1,61}$/;

function decisionIdOf(c: HttpContext): string {
  return c.req.param("id") ?? "";
}

/** The settled request of the decision. Rows come two seconds behind; whoever is quicker has the outbox emptied. */
async function decidedRow(c: HttpContext, account: AccountRef): Promise<ShownRow> {
  const ports = c.get("ports");
  const id = decisionIdOf(c);
  if (!DECISION_ID.test(id)) throw unknownDecision();
  const requestId = id.replace("rt_", "req_");
  const row = (await findRow(ports, account, requestId)) ?? (await drainedRow(ports, account, requestId));
  if (row?.decision_id === id) return row;
  throw unknownDecision();
}

/** A settlement leaves its isolate within 30 ms; then the account's object has it, and can be told to pass it on. */
const SETTLED_AFTER_MS = 100;

async function drainedRow(ports: Ports, account: AccountRef, requestId: string): Promise<ShownRow | null> {
  await new Promise<void>((resolve) => void ports.after(SETTLED_AFTER_MS, resolve));
  await ports
    .account(account)
    .drain()
    .catch(() => undefined);
  return await findRow(ports, account, requestId);
}

function unknownDecision(): RouterError {
  return new RouterError(
    "not_found",
    "This account has no such decision: check its id, and that its request named 'auto' less than 90 days ago.",
  );
}

/** Milliseconds and the decision. */
const PLACE = /^\d{1,15}\.rt_[A-Za-z0-9_-]{1,61}$/;

async function listFeedback(c: HttpContext): Promise<Response> {
  const page = await readPage(c, identify, { place: PLACE, filters: ["format"] });
  const format = new URL(c.req.url).searchParams.get("format") ?? "json";
  if (format !== "json" && format !== "jsonl") {
    throw invalid("format", "Invalid 'format': send 'json' for pages or 'jsonl' for everything.");
  }
  const { caller } = await authorized(c, "usage:read", []);
  const ports = c.get("ports");
  if (format === "jsonl") return exportAll(ports, caller);
  const rows = await readFeedback(ports, caller, { limit: page.askFor, after: placeOf(page.after) });
  const shown = onePage(page, rows, (row) => `${row.created_at_ms}.${row.decision_id}`);
  return c.json(listBody(shown.rows.map(feedbackObject), shown.nextCursor));
}

interface Asked {
  readonly limit: number;
  readonly after: FeedbackPlace | null;
}

/**
 * Oldest first over all months kept. Feedback lies in the month of its request and may come months later, so
 * every month is asked.
 */
async function readFeedback(ports: Ports, account: AccountRef, asked: Asked): Promise<readonly Feedback[]> {
  const pages: Feedback[] = [];
  for (const month of monthsKept(ports)) {
    pages.push(
      ...(await monthAsker(ports, account, month)((door) => door.feedback(asked.limit, asked.after))),
    );
  }
  return pages.sort(oldestFirst).slice(0, asked.limit);
}

function oldestFirst(a: Feedback, b: Feedback): number {
  return a.created_at_ms - b.created_at_ms || (a.decision_id < b.decision_id ? -1 : 1);
}

function placeOf(place: string | null): FeedbackPlace | null {
  if (place === null) return null;
  const dot = place.indexOf(".");
  return { createdAtMs: Number(place.slice(0, dot)), decisionId: place.slice(dot + 1) };
}

const EXPORT_PAGE = 500;

/** One line each, page by page as the reader takes them. */
function exportAll(ports: Ports, account: AccountRef): Response {
  let after: FeedbackPlace | null = null;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const rows = await readFeedback(ports, account, { limit: EXPORT_PAGE, after });
      const last = rows.at(-1);
      if (last === undefined) return controller.close();
      after = { createdAtMs: last.created_at_ms, decisionId: last.decision_id };
      controller.enqueue(
        encoder.encode(rows.map((row) => `${JSON.stringify(exportedLine(row))}\n`).join("")),
      );
    },
  });
  return new Response(body, {
    headers: { "content-type": "application/jsonl", "cache-control": "no-store" },
  });
}

/** As `npm run train -- --outcomes` reads it. */
function exportedLine(row: Feedback) {
  const { decision_id, model, task, prompt } = row;
  return { decision_id, model, task, scores: scoresOf(row), ...(prompt === null ? {} : { prompt }) };
}

export function feedbackObject(row: Feedback) {
  const { decision_id, model, task, rating, correct, preferred_model, prompt } = row;
  const created_at = rfc3339(row.created_at_ms);
  return {
    object: "feedback",
    decision_id,
    created_at,
    model,
    task,
    rating,
    correct,
    preferred_model,
    ...(prompt === null ? {} : { prompt }),
  } as const;
}
