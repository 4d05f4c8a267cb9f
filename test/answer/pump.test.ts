import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STREAMS } from "../fixtures/stream-fixtures.ts";
import { streaming } from "../origins/fake-origin.ts";
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
