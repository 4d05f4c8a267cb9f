import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Found } from "../../src/answer/cache.ts";
import { answerFromCache } from "../../src/answer/cache-hit.ts";
import { openai } from "../../src/dialects/openai.ts";
import type { Accepted } from "../../src/domain/accepted.ts";
import type { Command } from "../../src/domain/account-commands.ts";
import { unpackRow } from "../../src/domain/packed-row.ts";
import type { Ports } from "../../src/domain/ports.ts";
import type { CachedAnswer } from "../../src/domain/response-cache.ts";
import { textPacker } from "../../src/lib/packed-texts.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { readEvents, terminalOf } from "../support/events.ts";
import { fakeAnswers } from "../support/fake-answers.ts";
import { fakePorts } from "../support/fake-ports.ts";
import { sampleAccepted } from "./sample-accepted.ts";
import { Identity } from "./streamed.ts";

const TARGET = sampleTarget();
const WHOLE = '{"id":"cmpl-origin","model":"qwen3-14b","created":7,"choices":[],"x":1.0}';
const chunk = (content: string, finish: string | null = null) =>
  JSON.stringify({
    id: "chatcmpl-origin",
    created: 7,
    model: "qwen3-14b",
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  });
const CHUNKS = [chunk("Hel"), chunk("lo"), chunk("", "stop")];
const USAGE = { inputTokens: 3, cachedInputTokens: 0, outputTokens: 2, gpuMs: 0, estimated: true };

function packed(events: readonly string[]): string {
  const packer = textPacker();
  for (const event of events) packer.add(event);
  return packer.packed();
}

interface Scene {
  readonly inference?: Parameters<typeof sampleInference>[0];
  readonly accepted?: Partial<Accepted>;
  readonly answer?: Partial<CachedAnswer>;
  readonly callerGone?: AbortSignal;
  /** Of the lease: what `touch` hears. */
  readonly verdict?: "renewed" | "revoked" | "closed";
}

async function hit(scene: Scene = {}) {
  const inference = sampleInference({ stream: false, ...scene.inference });
  const accepted = sampleAccepted({ cachePlace: "place-1", inference, ...scene.accepted });
  const text = inference.stream ? packed(CHUNKS) : WHOLE;
  const answer: CachedAnswer = {
    model: TARGET.model.id,
    origin: TARGET.origin.id,
    servedAs: TARGET.servedAs,
    createdS: 7,
    usage: USAGE,
    isUsageReported: true,
    text,
    ...scene.answer,
  };
  const { callerGone } = scene;
  const commands: Command[] = [];
  const apply = async (list: readonly Command[]) => {
    commands.push(...list);
    return list.map(() => ({ ok: true })) as never; // as the object answers
  };
  const fake = fakePorts({ ...(callerGone === undefined ? {} : { callerGone }), apply });
  const mailbox: Ports["mailbox"] = {
    post(_, { command, onAnswer }) {
      commands.push(command);
      if (command.kind === "touch") onAnswer({ ok: true, verdict: scene.verdict ?? "renewed" });
    },
  };
  const kept = fakeAnswers();
  const [endpoint] = openai.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const ports = { ...fake.ports, mailbox, answers: kept.answers };
  const found: Found = { answer, target: TARGET };
  const response = await answerFromCache(ports, { accepted, found }, endpoint);
  const settlements = () => commands.filter((command) => command.kind === "settle");
  return { response, accepted, commands, settlements, kept, fake, row: () => rowOf(settlements()) };
}

function rowOf(settlements: readonly Extract<Command, { kind: "settle" }>[]) {
  expect(settlements).toHaveLength(1);
  return unpackRow(settlements[0]?.rowJson ?? "");
}

/** The one settlement of a hit: the place and the hold are given back. */
const NOTHING = { microUsd: 0, tokens: 0, gpuMs: 0 };

beforeEach(() => void vi.stubGlobal("IdentityTransformStream", Identity));
afterEach(() => void vi.unstubAllGlobals());

describe("a whole answer", () => {
  it("is the origin's, byte for byte, under our own new id and the model's own name", async () => {
    const { response, accepted } = await hit();
    const id = accepted.requestId.replace("req_", "chatcmpl-");
    expect(await response.text()).toBe(
      WHOLE.replace("cmpl-origin", id).replace('"qwen3-14b"', `"${TARGET.model.id}"`),
    );
  });

  it("says that it is a hit, who wrote it, that nobody was asked and that it cost nothing", async () => {
    const { response, accepted } = await hit();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-cache": "hit",
      "x-request-id": accepted.requestId,
      "x-inferroute-model": TARGET.model.id,
      "x-inferroute-origin": TARGET.origin.id,
      "x-inferroute-region": TARGET.origin.region,
      "x-inferroute-attempts": "0",
      "x-inferroute-cost-usd": "0.000000",
    });
  });

  it("is a row of usage, and settles the request for nothing", async () => {
    const { settlements, row } = await hit();
    expect(settlements()).toMatchObject([NOTHING]);
    expect(row()).toMatchObject({
      cache: "hit",
      outcome: "ok",
      status: 200,
      model: TARGET.model.id,
      origin: TARGET.origin.id,
      cost_micro_usd: 0,
      input_tokens: 0,
      output_tokens: 0,
      attempts: [],
      ttft_ms: null,
    });
  });

  it("is kept for the request's Idempotency-Key like any other", async () => {
    const { response, accepted, commands, kept } = await hit({ accepted: { idempotencyPlace: "path k-1" } });
    const [stored] = kept.stored.values();
    expect(stored).toMatchObject({ status: 200, body: await response.text() });
    expect(commands).toContainEqual({
      kind: "end-idempotency",
      requestId: accepted.requestId,
      end: { place: "path k-1", end: "stored", jurisdiction: "eu" },
    });
  });
});

describe("a streamed answer", () => {
  const stream = { stream: true } as const;
  const smart = { route: sampleRoute([TARGET], { isSmart: true }) };

  it("is the same events again, one id over all, and one terminal", async () => {
    const { response, accepted } = await hit({ inference: stream });
    const events = readEvents(await response.text());
    expect(terminalOf(events)).toBe("done");
    const ours = { id: accepted.requestId.replace("req_", "chatcmpl-"), model: TARGET.model.id };
    expect(events.slice(0, -1).map(({ json }) => json)).toEqual(
      CHUNKS.map((text) => ({ ...JSON.parse(text), ...ours })),
    );
  });

  it("comes as a stream, and says what a whole one says", async () => {
    const { response } = await hit({ inference: stream });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-cache": "hit",
      "x-inferroute-attempts": "0",
      "x-inferroute-cost-usd": "0.000000",
    });
  });

  it("settles once, for nothing, when it is over", async () => {
    const { response, settlements, fake, row } = await hit({ inference: stream });
    expect(settlements()).toEqual([]);
    await response.text();
    await fake.settled();
    expect(settlements()).toMatchObject([NOTHING]);
    expect(row()).toMatchObject({
      cache: "hit",
      outcome: "ok",
      status: 200,
      stream: true,
      cost_micro_usd: 0,
    });
  });

  it.each([
    ["opens with this request's own routing event where one is due", true, ["routing", undefined]],
    ["has none where the caller did not want it", false, [undefined, undefined]],
  ] as const)("%s", async (_, routingEvent, objects) => {
    const { response, accepted } = await hit({ inference: { ...stream, routingEvent }, accepted: smart });
    const events = readEvents(await response.text());
    expect(events.slice(0, 2).map(({ json }) => json?.object)).toEqual(objects);
    expect(new Set(events.slice(0, -1).map(({ json }) => json?.id)).size).toBe(1);
    if (routingEvent) {
      const { decisionId } = accepted.route;
      expect(events[0]?.json).toMatchObject({
        decision_id: decisionId,
        created: 7,
        region: TARGET.origin.region,
      });
    }
  });

  it.each([
    ["shows the counts of the first request where its origin sent none", false, true, 1],
    ["does not where they are among the events", true, true, 0],
    ["does not where nobody asked", false, false, 0],
  ] as const)("%s", async (_, isUsageReported, includeUsage, times) => {
    const { response } = await hit({ inference: { ...stream, includeUsage }, answer: { isUsageReported } });
    const usages = readEvents(await response.text()).filter(({ json }) => json !== null && "usage" in json);
    expect(usages).toHaveLength(times);
    for (const { json } of usages)
      expect(json?.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2 });
  });

  it("cannot be sent again for its Idempotency-Key, like any stream", async () => {
    const { response, commands } = await hit({
      inference: stream,
      accepted: { idempotencyPlace: "path k-1" },
    });
    await response.text();
    expect(commands).toContainEqual(expect.objectContaining({ end: { place: "path k-1", end: "unstored" } }));
  });

  it("that cannot be read is an error before the status, not half a stream", async () => {
    await expect(hit({ inference: stream, answer: { text: "[[" } })).rejects.toThrow(SyntaxError);
  });
});

describe("a caller who reads slowly", () => {
  const LONG = { text: packed(Array.from({ length: 50 }, (_, at) => chunk(`word ${at}`))) };
  const inference = { stream: true } as const;
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  async function readOne(response: Response) {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    return reader;
  }

  async function restOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  }

  it("and leaves is cancelled: nothing more is written, and the place is free", async () => {
    const gone = new AbortController();
    const scene = await hit({ inference, answer: LONG, callerGone: gone.signal });
    const reader = await readOne(scene.response);
    gone.abort();
    await reader.cancel();
    await vi.advanceTimersByTimeAsync(5_000);
    await scene.fake.settled();
    expect(scene.settlements()).toMatchObject([NOTHING]);
    expect(scene.row()).toMatchObject({ outcome: "cancelled", status: 499, cache: "hit" });
  });

  it("and outlives the time of any request gets one error event, like any stream", async () => {
    const scene = await hit({ inference: { ...inference, timeoutMs: 2_000 }, answer: LONG });
    const reader = await readOne(scene.response);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(scene.settlements()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    const events = readEvents(await restOf(reader));
    expect(terminalOf(events)).toBe("error");
    expect(events.at(-1)?.json).toMatchObject({ error: { code: "upstream_timeout" } });
    await scene.fake.settled();
    expect(scene.settlements()).toMatchObject([NOTHING]);
  });

  it("and whose key is revoked meanwhile gets one error event, and no terminal beside it", async () => {
    const scene = await hit({ inference, answer: LONG, verdict: "revoked" });
    const reader = await readOne(scene.response);
    await vi.advanceTimersByTimeAsync(8_300);
    const events = readEvents(await restOf(reader));
    expect(terminalOf(events)).toBe("error");
    expect(events.at(-1)?.json).toMatchObject({ error: { code: "key_revoked" } });
    expect(events.length).toBeLessThan(50);
    await scene.fake.settled();
    expect(scene.row()).toMatchObject({ outcome: "error", error: "key_revoked", cost_micro_usd: 0 });
  });
});
