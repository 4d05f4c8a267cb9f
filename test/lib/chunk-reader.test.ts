import { describe, expect, it } from "vitest";
import { chunkReader } from "../../src/lib/chunk-reader.ts";

const PIECES = ["data: one\n\n", "", "data: ", "x".repeat(50_000), "\n\n"];

/** Made by JavaScript, as a binding's answer may be: it cannot be read into given memory. */
const plainBody = () =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of PIECES) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });

/** A platform's own, as every fetched one is. */
const byteBody = () => new Response(PIECES.join("")).body as ReadableStream<Uint8Array>;

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = chunkReader(body);
  const decoder = new TextDecoder();
  let text = "";
  for (let chunk = await reader.read(); chunk !== null; chunk = await reader.read()) {
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

describe.each([
  ["a byte stream", byteBody],
  ["a stream made by JavaScript", plainBody],
] as const)("chunkReader of %s", (_, body) => {
  it("reads every byte in order, and null at the end however often it is asked", async () => {
    expect(await textOf(body())).toBe(PIECES.join(""));
    const reader = chunkReader(body());
    while ((await reader.read()) !== null);
    expect(await reader.read()).toBeNull();
  });

  it("lets go of the body", async () => {
    const reader = chunkReader(body());
    await reader.read();
    await reader.cancel();
    expect(await reader.read()).toBeNull();
  });
});

describe("chunkReader", () => {
  it("reads a byte stream into one piece of memory", async () => {
    const asked: ArrayBufferLike[] = [];
    const body = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const view = controller.byobRequest?.view;
        if (view === null || view === undefined) throw new Error("nobody gave memory");
        asked.push(view.buffer);
        new Uint8Array(view.buffer)[0] = 7;
        controller.byobRequest?.respond(1);
        if (asked.length === 3) controller.close();
      },
    });
    const reader = chunkReader(body as ReadableStream<Uint8Array>);
    const lengths: number[] = [];
    for (let chunk = await reader.read(); chunk !== null; chunk = await reader.read()) {
      expect(chunk[0]).toBe(7);
      lengths.push(chunk.buffer.byteLength);
    }
    expect(new Set(lengths).size).toBe(1);
    expect(lengths).toHaveLength(3);
  });

  it("fails as the body does", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("reset")),
    });
    await expect(chunkReader(body).read()).rejects.toThrow("reset");
  });
});
