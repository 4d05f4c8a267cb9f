// Which answers of an origin come into the cache, from the accepted request to what the object is given.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerStream } from "../../src/answer/stream.ts";
import { answerWhole } from "../../src/answer/whole.ts";
import { openai } from "../../src/dialects/openai.ts";
import type { Accepted } from "../../src/domain/accepted.ts";
import type { CachedAnswer } from "../../src/domain/response-cache.ts";
import { unpackTexts } from "../../src/lib/packed-texts.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { answering, streaming } from "../origins/fake-origin.ts";
import { readEvents } from "../support/events.ts";
import { fakeAnswers } from "../support/fake-answers.ts";
import { type FakeFetch, fakePorts } from "../support/fake-ports.ts";
import { sampleAccepted } from "./sample-accepted.ts";
import { Identity } from "./streamed.ts";

const done = async (commands: readonly unknown[]) => commands.map(() => ({ ok: true })) as never; // as the object answers

/** What the caller got, and what the cache did. */
async function answered(origin: FakeFetch, fields: Partial<Accepted>) {
  const fake = fakePorts({ fetch: origin, apply: done });
  const { answers, cached } = fakeAnswers();
  const inference = sampleInference({ maxOutputTokens: 50, stream: false, ...fields.inference });
  const route = sampleRoute([sampleTarget()]);
  const accepted = sampleAccepted({ cachePlace: "p", route, ...fields, inference });
  const [endpoint] = openai.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const answer = inference.stream ? answerStream : answerWhole;
  const response = await answer({ ...fake.ports, answers }, accepted, endpoint);
  if (!(response instanceof Response)) throw new Error("no answer");
  const text = await response.text();
  await fake.settled();
  const [kept] = cached.values();
  return { text, headers: response.headers, kept: kept?.answer ?? null };
}

const wholeOf = (finish_reason: unknown) =>
  JSON.stringify({
    id: "cmpl-origin",
    model: "qwen3-14b",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason }],
    usage: { prompt_tokens: 3, completion_tokens: 1 },
  });

describe("a whole answer", () => {
  it("is kept as its origin wrote it, with its counts", async () => {
    const { kept, headers } = await answered(answering(200, wholeOf("stop")), {});
    const { usage, ...rest } = kept as CachedAnswer;
    expect(rest).toMatchObject({ text: wholeOf("stop"), origin: "us-east-1", servedAs: "qwen3-14b" });
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 1 });
    expect(headers.get("x-cache")).toBe("miss");
  });

  it.each([null, ""])(
    "whose choice did not come to its end (%j) is given to its caller alone",
    async (reason) => {
      const { kept, text } = await answered(answering(200, wholeOf(reason)), {});
      expect(text).toContain("Hello");
      expect(kept).toBeNull();
    },
  );

  it("with a choice too few is not kept", async () => {
    const inference = sampleInference({ stream: false, choices: 2, answers: 2, maxOutputTokens: 50 });
    expect((await answered(answering(200, wholeOf("stop")), { inference })).kept).toBeNull();
  });

  it("of a request that does not use the cache says nothing of it, and is not kept", async () => {
    const { kept, headers } = await answered(answering(200, wholeOf("stop")), { cachePlace: null });
    expect([kept, headers.get("x-cache")]).toEqual([null, null]);
  });
});

describe("a streamed answer", () => {
  beforeEach(() => void vi.stubGlobal("IdentityTransformStream", Identity));
  afterEach(() => void vi.unstubAllGlobals());

  const frame = (content: string, finish_reason: string | null = null) =>
    JSON.stringify({
      id: "x",
      model: "qwen3-14b",
      choices: [{ index: 0, delta: { content }, finish_reason }],
    });
  const COUNTS = JSON.stringify({ id: "x", choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } });
  const FRAMES = [frame("Hel"), frame("lo", "stop")];
  const sent = (...data: readonly string[]) => streaming(data.map((each) => `data: ${each}\n\n`));
  const inference = (includeUsage: boolean) =>
    sampleInference({ stream: true, maxOutputTokens: 50, includeUsage });
  const eventsOf = (kept: CachedAnswer | null) => [...unpackTexts(kept?.text ?? "[]")];

  it("is kept as the events that its caller got, without our id and our terminal", async () => {
    const { kept, text } = await answered(sent(...FRAMES, COUNTS, "[DONE]"), { inference: inference(false) });
    expect(eventsOf(kept)).toEqual(FRAMES);
    expect(readEvents(text)).toHaveLength(FRAMES.length + 1);
    expect(kept).toMatchObject({ isUsageReported: true, usage: { inputTokens: 3, outputTokens: 2 } });
  });

  it("is kept with its counts where the caller asked for them", async () => {
    const { kept } = await answered(sent(...FRAMES, COUNTS, "[DONE]"), { inference: inference(true) });
    expect(eventsOf(kept)).toEqual([...FRAMES, COUNTS]);
  });

  it("without counts is kept with ours beside it", async () => {
    const { kept } = await answered(sent(...FRAMES, "[DONE]"), { inference: inference(true) });
    expect(eventsOf(kept)).toEqual(FRAMES);
    expect(kept).toMatchObject({ isUsageReported: false, usage: { outputTokens: 2 } });
  });

  it("that ends before its finish reason is not kept", async () => {
    const { kept, text } = await answered(sent(frame("Hel"), "[DONE]"), { inference: inference(false) });
    expect(text).toContain("upstream_disconnected");
    expect(kept).toBeNull();
  });
});
