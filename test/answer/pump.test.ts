import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STREAMS } from "../fixtures/stream-fixtures.ts";
import { DONE, ROLE, STOP, streaming, WORD } from "../origins/fake-origin.ts";
import { readEvents, terminalOf } from "../support/events.ts";
import { streamed } from "./streamed.ts";

const encoder = new TextEncoder();
const recordings = Object.entries(STREAMS);

/** What the caller got, less what depends on the second it was sent in. */
async function outputOf(chunks: readonly Uint8Array[]): Promise<string> {
  const { text } = await streamed({ origins: [streaming(chunks)], inference: { includeUsage: true } });
  return text.replaceAll(/"created":\d+/g, '"created":0');
}

function splitAt(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const edges = [0, ...[...cuts].sort((left, right) => left - right), bytes.length];
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
}

describe("every split of every recording gives the same output", () => {
  it.each(recordings)("%s: in two, at every byte", async (_, recording) => {
    const bytes = encoder.encode(recording);
    const whole = await outputOf([bytes]);
    expect(terminalOf(readEvents(whole))).toBe("done");
    for (let at = 1; at < bytes.length; at++) expect(await outputOf(splitAt(bytes, [at]))).toBe(whole);
  });

  it.each(recordings)("%s: byte by byte, and with either line end", async (_, recording) => {
    const whole = await outputOf([encoder.encode(recording)]);
    for (const text of [recording, recording.replaceAll("\n", "\r\n"), recording.replaceAll("\n", "\r")]) {
      const bytes = encoder.encode(text);
      expect(await outputOf(Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1)))).toBe(whole);
    }
  });

  it.each(recordings)("%s: anywhere, any number of times", async (_, recording) => {
    const bytes = encoder.encode(recording);
    const whole = await outputOf([bytes]);
    const cuts = fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
    const holds = fc.asyncProperty(cuts, async (at) => {
      expect(await outputOf(splitAt(bytes, at))).toBe(whole);
    });
    await fc.assert(holds, { numRuns: 50 });
  });
});

describe("a caller who reads slowly", () => {
  const EVENT = encoder.encode(
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(10_000) }, finish_reason: null }] })}\n\n`,
  );

  it("slows the origin: never more than a few events are under way", async () => {
    let sent = 0;
    let read = 0;
    let most = 0;
    const endless = async () =>
      new Response(
        new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              most = Math.max(most, ++sent - read);
              if (sent > 300) controller.close();
              else controller.enqueue(EVENT);
            },
          },
          { highWaterMark: 0 },
        ),
      );
    await streamed({
      origins: [endless],
      async read(body) {
        const reader = body.getReader();
        for (let isDone = false; !isDone; ) {
          await new Promise((resolve) => setTimeout(resolve, read % 50 === 0 ? 5 : 0));
          ({ done: isDone } = await reader.read());
          read++;
        }
        return "";
      },
    });
    expect(read).toBeGreaterThan(300);
    expect(most).toBeLessThanOrEqual(4);
  });
});

describe("the usage row of a stream that broke", () => {
  it("says what its attempt had produced", async () => {
    const word = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x" }, finish_reason: null }] })}\n\n`;
    const { row } = await streamed({ origins: [streaming([word, word], { ending: "break" })] });
    expect(row).toMatchObject({
      outcome: "error",
      output_tokens: 2,
      attempts: [{ error: "upstream_disconnected", outputTokens: 2 }],
    });
  });
});

const COUNTS = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 1 } })}\n\n`;

describe("an origin that goes silent behind its finish reason", () => {
  const timed = async (chunks: readonly string[]) => {
    const sinceMs = Date.now();
    const { text, row } = await streamed({
      origins: [streaming(chunks, { ending: "hang" })],
      inference: { includeUsage: true },
    });
    return { events: readEvents(text), row, ms: Date.now() - sinceMs };
  };

  it("is waited for two seconds, then the answer ends well", async () => {
    const { events, row, ms } = await timed([ROLE, WORD, STOP]);
    expect(terminalOf(events)).toBe("done");
    expect(events.filter(({ json }) => json?.usage !== undefined)).toHaveLength(1);
    expect(row).toMatchObject({ outcome: "ok", attempts: [{ error: null }] });
    expect(ms).toBeGreaterThan(1_900);
    expect(ms).toBeLessThan(3_000);
    // The wait is not the GPU's.
    expect(row.gpu_ms).toBeLessThan(1_000);
  });

  it("is not waited for longer because it counts on and on", async () => {
    const dribble = Array<string>(40).fill(COUNTS);
    const sinceMs = Date.now();
    const { text } = await streamed({
      origins: [streaming([ROLE, WORD, STOP, ...dribble], { ending: "hang", waitMs: 150 })],
    });
    expect(terminalOf(readEvents(text))).toBe("done");
    expect(Date.now() - sinceMs).toBeLessThan(3_500);
  });

  it("is heard to its end where it speaks on", async () => {
    const { text } = await streamed({
      origins: [
        streaming([ROLE, STOP, ...Array<string>(6).fill(WORD), DONE], { ending: "end", waitMs: 450 }),
      ],
    });
    expect(readEvents(text).filter(({ data }) => data.includes('"Hi"'))).toHaveLength(6);
  });
});
