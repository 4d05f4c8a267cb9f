// What is promised to the caller of a stream whose origin died: the text of an unbroken run or one error event,
// a single stream to look at, and a bill for what was delivered. Throws at the first that does not hold.
import { listOf, recordOf } from "../../src/lib/record.ts";
import { choicesOf, readEvents, type StreamEvent, terminalOf, textOf } from "../../test/support/events.ts";
import { brokenPromise, type Facts } from "../part.ts";
import { costOf, micro, type Price } from "../wire.ts";
import type { KilledStream } from "./batch.ts";
import { largestGapMs, type Tally } from "./tally.ts";

export function judge(tally: Tally, stream: KilledStream, price: Price): void {
  const { answer, row, entries } = stream;
  const facts = { text: answer.text, unbroken: stream.unbroken, row, entries, status: answer.status };
  if (answer.status !== 200 || !answer.isWhole) throw brokenPromise("a stream is answered, whole", facts);
  const events = readEvents(answer.text);
  const unbroken = readEvents(stream.unbroken);
  const isComplete = terminalOf(events) === "done";
  const isKilled = listOf(row.attempts).some((attempt) => recordOf(attempt).error !== null);
  tally.dueMicroUsd += micro(row.cost_usd);
  if (isComplete) expectUnbroken(events, unbroken, facts);
  else if (!textOf(unbroken).startsWith(textOf(events))) {
    throw brokenPromise("what came before an error is the beginning of the answer", facts);
  }
  expectOneStream(events, facts);
  if (isComplete) expectBill({ row, events, unbroken, price }, facts);
  if (!isKilled) {
    tally.spared++;
    tally.sparedGapsMs.push(largestGapMs(answer));
    return;
  }
  tally.killed++;
  if (isComplete) tally.complete++;
  noteSeam(tally, stream);
}

function expectUnbroken(
  events: readonly StreamEvent[],
  unbroken: readonly StreamEvent[],
  facts: Facts,
): void {
  if (textOf(events) !== textOf(unbroken)) throw brokenPromise("no text is lost or doubled", facts);
  const reasons = [events, unbroken].map((each) =>
    each.flatMap(choicesOf).map((one) => one.finish_reason ?? null),
  );
  const [ended, expected] = reasons.map((each) => each.filter((reason) => reason !== null));
  if (String(ended) !== String(expected))
    throw brokenPromise("an answer ends once, and for its reason", facts);
}

/** Whoever looks at the frames sees one stream: one id, one date, one role. */
function expectOneStream(events: readonly StreamEvent[], facts: Facts): void {
  const frames = events.flatMap(({ json }) => (json === null || "error" in json ? [] : [json]));
  const ids = new Set(frames.map(({ id, created, model }) => `${id} ${created} ${model}`));
  const roles = events.flatMap(choicesOf).filter(({ delta }) => delta?.role !== undefined);
  if (ids.size !== 1 || roles.length !== 1) throw brokenPromise("all frames are of one stream", facts);
}

interface Bill {
  readonly row: KilledStream["row"];
  readonly events: readonly StreamEvent[];
  readonly unbroken: readonly StreamEvent[];
  readonly price: Price;
}

/** The counts of the unbroken run, in the stream as in the log: the prompt once, and what was delivered. */
function expectBill({ row, events, unbroken, price }: Bill, facts: Facts): void {
  const shown = recordOf(events.at(-2)?.json?.usage);
  const due = recordOf(unbroken.at(-2)?.json?.usage);
  // Died between its finish reason and its counts: the answer is whole, and its prompt was never counted.
  const isUncounted = row.estimated === true && listOf(row.attempts).length === 1;
  const prompt = isUncounted ? row.input_tokens : due.prompt_tokens;
  const counts = [prompt, due.completion_tokens];
  const isShown = String([shown.prompt_tokens, shown.completion_tokens]) === String(counts);
  const isBilled = String([row.input_tokens, row.output_tokens]) === String(counts);
  if (!isShown || !isBilled) throw brokenPromise("an answer is counted as if nothing had broken", facts);
  if (micro(row.cost_usd) !== costOf(price, { ...due, prompt_tokens: prompt }))
    throw brokenPromise("and costs no more", facts);
  const attempts = listOf(row.attempts).map(recordOf);
  const written = attempts.reduce((sum, attempt) => sum + Number(attempt.output_tokens), 0);
  const last = attempts.at(-1);
  if (last?.error !== null || written < Number(row.output_tokens)) {
    throw brokenPromise("each attempt has its own counts", facts);
  }
}

function noteSeam(tally: Tally, { answer, row, entries }: KilledStream): void {
  const [first] = listOf(row.attempts).map(recordOf);
  const isBefore = first?.output_tokens === 0;
  if (isBefore) tally.beforeContent++;
  const [broken, next] = entries;
  if (isBefore || next === undefined || broken?.ended_at === null || broken === undefined) return;
  tally.seamsMs.push(Math.max(0, next.started_at - broken.ended_at));
  tally.killedGapsMs.push(largestGapMs(answer));
}
