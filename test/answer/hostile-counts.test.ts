// Origins that count wrong, from the accepted request to the bill: what the caller sees, what the header says, what
// the row says and what the ledger is told is one thing, and never more than was held.
import { describe, expect, it } from "vitest";
import { answerWhole } from "../../src/answer/whole.ts";
import { openai } from "../../src/dialects/openai.ts";
import type { Accepted } from "../../src/domain/accepted.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { ReservationId } from "../../src/domain/ids.ts";
import type { Inference } from "../../src/domain/inference.ts";
import { unpackRow } from "../../src/domain/packed-row.ts";
import { costOf } from "../../src/domain/price.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { answering, DONE, ROLE, STOP, streaming, WORD } from "../origins/fake-origin.ts";
import { readEvents, terminalOf } from "../support/events.ts";
import { fakePorts } from "../support/fake-ports.ts";
import { sampleAccepted, startedAgo } from "./sample-accepted.ts";
import { regional, streamed } from "./streamed.ts";

// One message of five bytes is ten tokens to us: 0.6 µUSD, and ten of output 2.4.
const HELD = 3;
const reservation = { id: 1 as ReservationId, heldMicroUsd: HELD, leaseMs: 60_000 };
/** A millisecond is a micro-dollar: ten tokens of output and the prompt are held for 502. */
const timed = regional(0);
const TIMED: Target = { ...timed, model: { ...timed.model, price: { gpu_per_minute: 0.06 } } };
const HELD_MS = 502;
const holding = (ms: number, ago: number) => ({
  reservation: { ...reservation, heldMicroUsd: ms },
  clock: startedAgo(ago),
});

const ABSURD = [
  { prompt_tokens: 1e15, completion_tokens: 2, total_tokens: 1e15 + 2 },
  { prompt_tokens: 9, completion_tokens: 1e15 },
  { prompt_tokens: 1e15, completion_tokens: 1e15 },
  { prompt_tokens: 1_000, completion_tokens: 10, total_tokens: 1_010 },
];
const SENSELESS = [
  { prompt_tokens: "12", completion_tokens: "many" },
  { prompt_tokens: -5, completion_tokens: -1 },
  { prompt_tokens: 1.5, completion_tokens: 2.5 },
  { prompt_tokens: null, completion_tokens: null },
  { prompt_tokens: 9, completion_tokens: 2, total_tokens: -1 },
  {},
  [],
  "none",
  7,
];
const DETAILED = {
  prompt_tokens: 9,
  completion_tokens: 2,
  total_tokens: 11,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 1 },
};

const SLOW = { ...DETAILED, gpu_ms: 99_999_999 };

const counted = (usage: unknown) => `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
const finished = (usage: unknown) => STOP.replace(/\}\n\n$/, `,"usage":${JSON.stringify(usage)}}\n\n`);

interface Setting {
  readonly target?: Target;
  readonly accepted?: Partial<Accepted>;
  readonly headers?: Record<string, string>;
}

async function stream(chunks: readonly string[], fields: Partial<Inference> = {}, on: Setting = {}) {
  const { text, row } = await streamed({
    origins: [streaming([ROLE, WORD, WORD, ...chunks])],
    targets: [on.target ?? regional(0)],
    inference: { maxOutputTokens: 10, includeUsage: true, ...fields },
    accepted: { reservation, ...on.accepted },
  });
  const events = readEvents(text);
  const shown = events.flatMap(({ json }) => (json?.usage === undefined ? [] : [json.usage]));
  return { events, shown, row };
}

async function whole(answer: object, on: Setting = {}) {
  const { target = sampleTarget(), headers = {} } = on;
  const settled: { microUsd: number; rowJson: string }[] = [];
  const fake = fakePorts({ fetch: answering(200, JSON.stringify(answer), headers) });
  const mailbox = {
    post(_: unknown, { command }: { command: { kind: string } }) {
      if (command.kind === "settle") settled.push(command as never); // narrowed by its kind
    },
  };
  const inference = sampleInference({ stream: false, maxOutputTokens: 10 });
  const accepted: Accepted = sampleAccepted({
    inference,
    reservation,
    route: sampleRoute([target]),
    ...on.accepted,
  });
  const [endpoint] = openai.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const response = await answerWhole({ ...fake.ports, mailbox }, accepted, endpoint);
  if (!(response instanceof Response)) throw new Error("no answer");
  const [settlement] = settled;
  const row = settlement === undefined ? null : unpackRow(settlement.rowJson);
  if (row === null || settlement === undefined) throw new Error("no row");
  const body = (await response.json()) as { readonly usage?: unknown };
  return { body, row, posted: settlement.microUsd, cost: response.headers.get("x-inferroute-cost-usd") };
}

const answer = (usage?: unknown) => ({
  choices: [{ index: 0, message: { role: "assistant", content: "Hi there" }, finish_reason: "stop" }],
  ...(usage === undefined ? {} : { usage }),
});
const shownOf = (row: { input_tokens: number; output_tokens: number }) => ({
  prompt_tokens: row.input_tokens,
  completion_tokens: row.output_tokens,
  total_tokens: row.input_tokens + row.output_tokens,
});
const costOfRow = (row: { input_tokens: number; cached_input_tokens: number; output_tokens: number }) =>
  costOf(sampleTarget().model.price, {
    inputTokens: row.input_tokens,
    cachedInputTokens: row.cached_input_tokens,
    outputTokens: row.output_tokens,
    gpuMs: 0,
    estimated: true,
  });

describe("a claim above the hold", () => {
  it.each(ABSURD)("costs a stream no more than was held: %j", async (usage) => {
    const { row, shown } = await stream([STOP, counted(usage), DONE]);
    expect(row.cost_micro_usd).toBeLessThanOrEqual(HELD);
    expect(row.cost_micro_usd).toBe(costOfRow(row));
    expect(row.estimated).toBe(true);
    expect(shown).toEqual([shownOf(row)]);
    expect(row.attempts[0]).toMatchObject({ inputTokens: row.input_tokens, outputTokens: row.output_tokens });
  });

  it.each(ABSURD)("costs a whole answer no more than was held: %j", async (usage) => {
    const { row, body, posted, cost } = await whole(answer(usage));
    expect(row.cost_micro_usd).toBeLessThanOrEqual(HELD);
    expect(row.cost_micro_usd).toBe(costOfRow(row));
    expect([posted, Number(cost) * 1_000_000]).toEqual([row.cost_micro_usd, row.cost_micro_usd]);
    expect(row.estimated).toBe(true);
    expect(body.usage).toEqual(shownOf(row));
  });

  it("costs no more on two legs, nor where the caller leaves", async () => {
    const [absurd] = ABSURD;
    const { row } = await streamed({
      origins: [
        streaming([ROLE, WORD, counted(absurd)], { ending: "break" }),
        streaming([ROLE, WORD, STOP, counted(absurd), DONE]),
      ],
      inference: { maxOutputTokens: 10, body: { messages: [{ role: "user", content: "hello" }] } },
      accepted: { reservation },
    });
    expect(row).toMatchObject({ outcome: "ok", origin: "o1", estimated: true, cost_micro_usd: HELD });
    const left = await streamed({
      origins: [streaming([ROLE, WORD, counted(absurd), WORD], { ending: "hang" })],
      inference: { maxOutputTokens: 10 },
      accepted: { reservation },
      async read(body) {
        const reader = body.getReader();
        for (let at = 0; at < 3; at++) await reader.read();
        await reader.cancel();
        return "";
      },
    });
    expect(left.row).toMatchObject({ outcome: "cancelled", estimated: true, cost_micro_usd: HELD });
  });

  it("of GPU time costs what the request could have used", async () => {
    const accepted = holding(HELD_MS, 8);
    const headers = { "x-gpu-ms": "99999999" };
    const { row } = await whole(answer(DETAILED), { target: TIMED, accepted, headers });
    expect(row).toMatchObject({ estimated: true, cost_micro_usd: row.gpu_ms });
    // Eight milliseconds and what the test took, on eight cards.
    expect(row.gpu_ms).toBeLessThan(400);
    const streamedRow = (await stream([STOP, counted(SLOW), DONE], {}, { target: TIMED, accepted })).row;
    expect(streamedRow).toMatchObject({ estimated: true, cost_micro_usd: streamedRow.gpu_ms });
    expect(streamedRow.gpu_ms).toBeLessThan(400);
  });

  it("of GPU time costs no more than was held, however long the request took", async () => {
    const accepted = holding(HELD_MS, 60_000);
    const bill = { estimated: true, cost_micro_usd: HELD_MS, gpu_ms: HELD_MS };
    const headers = { "x-gpu-ms": "99999999" };
    const told = await whole(answer(DETAILED), { target: TIMED, accepted, headers });
    expect(told.row).toMatchObject(bill);
    expect([told.posted, told.cost]).toEqual([HELD_MS, "0.000502"]);
    const { row, shown } = await stream([STOP, counted(SLOW), DONE], {}, { target: TIMED, accepted });
    expect(row).toMatchObject(bill);
    expect(shown).toEqual([shownOf(row)]);
  });
});

describe("counts that make no sense", () => {
  it.each(SENSELESS.map((usage) => [usage]))("are replaced by ours in a stream, once: %j", async (usage) => {
    for (const chunks of [
      [STOP, counted(usage), DONE],
      [finished(usage), DONE],
      [finished(usage), counted(usage), DONE],
    ]) {
      const { shown, row, events } = await stream(chunks);
      expect(shown).toEqual([shownOf(row)]);
      expect(terminalOf(events)).toBe("done");
    }
  });

  it.each(SENSELESS.map((usage) => [usage]))("are replaced by ours in a whole answer: %j", async (usage) => {
    const { body, row } = await whole(answer(usage));
    expect(body.usage).toEqual(shownOf(row));
  });

  it("are ours where a whole answer has none", async () => {
    const { body, row } = await whole(answer());
    expect(body.usage).toEqual(shownOf(row));
    expect(row.estimated).toBe(true);
  });
});

describe("sound counts", () => {
  it("reach their caller with all their members, once, wherever the origin wrote them", async () => {
    for (const chunks of [
      [STOP, counted(DETAILED), DONE],
      [finished(DETAILED), DONE],
      [finished(DETAILED), counted(DETAILED), DONE],
      [finished({ ...DETAILED, completion_tokens: 1 }), counted(DETAILED)],
    ]) {
      const { shown, row } = await stream(chunks);
      expect(shown).toEqual([DETAILED]);
      expect(row).toMatchObject({
        input_tokens: 9,
        cached_input_tokens: 3,
        output_tokens: 2,
        estimated: false,
      });
    }
    expect((await whole(answer(DETAILED))).body.usage).toEqual(DETAILED);
  });

  it("that went out are what is billed, whatever the origin says behind them", async () => {
    const less = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 };
    const { shown, row } = await stream([finished(less), counted(DETAILED), DONE]);
    expect(shown).toEqual([less]);
    expect(row).toMatchObject({ cached_input_tokens: 0, output_tokens: 1 });
  });

  it("come once though the origin counts along, and along where that was asked for", async () => {
    const along = [1, 2].map((completion_tokens) =>
      WORD.replace(/\}\n\n$/, `,"usage":${JSON.stringify({ prompt_tokens: 9, completion_tokens })}}\n\n`),
    );
    const senseless = WORD.replace(/\}\n\n$/, ',"usage":{"prompt_tokens":"9"}}\n\n');
    const chunks = [...along, senseless, STOP, counted(DETAILED), DONE];
    expect((await stream(chunks)).shown).toEqual([DETAILED]);
    const body = { stream_options: { include_usage: true, continuous_usage_stats: true } };
    const { shown } = await stream(chunks, { body });
    expect(shown).toEqual([
      { prompt_tokens: 9, completion_tokens: 1 },
      { prompt_tokens: 9, completion_tokens: 2 },
      DETAILED,
    ]);
  });

  it("reach nobody who did not ask, and cost the same", async () => {
    const asked = await stream([finished(DETAILED), counted(DETAILED), DONE]);
    const { shown, row, events } = await stream([finished(DETAILED), counted(DETAILED), DONE], {
      includeUsage: false,
    });
    expect(shown).toEqual([]);
    expect(terminalOf(events)).toBe("done");
    const { input_tokens, cached_input_tokens, output_tokens, cost_micro_usd, estimated } = asked.row;
    expect(row).toMatchObject({
      input_tokens,
      cached_input_tokens,
      output_tokens,
      cost_micro_usd,
      estimated,
    });
  });
});
