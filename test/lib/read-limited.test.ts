import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readLimited } from "../../src/lib/read-limited.ts";

const LIMITS = { maxBytes: 10, timeoutMs: 1_000 };

/** A body that the test feeds by hand. */
function body() {
  const seen = { cancelled: false };
  const feeds: ReadableStreamDefaultController<Uint8Array>[] = [];
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        feeds.push(controller);
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const [feed] = feeds;
  if (feed === undefined) throw new Error("a stream starts at once");
  return { stream, seen, feed };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("readLimited", () => {
  it("reads a body in one chunk and in many", async () => {
    for (const chunks of [[[1, 2, 3]], [[1], [2], [3]], [[], [1, 2], [3]]]) {
      const { stream, feed } = body();
      for (const chunk of chunks) feed.enqueue(Uint8Array.from(chunk));
      feed.close();
      expect(await readLimited(stream, LIMITS)).toEqual({ kind: "whole", bytes: Uint8Array.of(1, 2, 3) });
    }
  });

  it("reads no body as an empty one", async () => {
    expect(await readLimited(null, LIMITS)).toEqual({ kind: "whole", bytes: new Uint8Array(0) });
  });

  it("takes exactly the limit", async () => {
    const { stream, feed } = body();
    feed.enqueue(new Uint8Array(10));
    feed.close();
    expect((await readLimited(stream, LIMITS)).kind).toBe("whole");
  });

  it("stops a body without a length as soon as it is over the limit, and lets it go", async () => {
    const { stream, feed, seen } = body();
    for (let i = 0; i < 11; i++) feed.enqueue(new Uint8Array(1));
    expect(await readLimited(stream, LIMITS)).toEqual({ kind: "too-large" });
    expect(seen.cancelled).toBe(true);
  });

  it("reads on and forgets where it is told to, and then stops all the same", async () => {
    const drop = { ...LIMITS, dropBytes: 5 };
    const within = body();
    for (let i = 0; i < 15; i++) within.feed.enqueue(new Uint8Array(1));
    within.feed.close();
    expect(await readLimited(within.stream, drop)).toEqual({ kind: "too-large" });
    expect(within.seen.cancelled).toBe(false);
    const beyond = body();
    for (let i = 0; i < 16; i++) beyond.feed.enqueue(new Uint8Array(1));
    expect(await readLimited(beyond.stream, drop)).toEqual({ kind: "too-large" });
    expect(beyond.seen.cancelled).toBe(true);
  });

  it("stops a body that trickles, and lets it go", async () => {
    const { stream, feed, seen } = body();
    const drip = setInterval(() => feed.enqueue(Uint8Array.of(1)), 300);
    const read = readLimited(stream, LIMITS);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await read).toEqual({ kind: "too-slow" });
    expect(seen.cancelled).toBe(true);
    clearInterval(drip);
  });

  it("throws what the body throws", async () => {
    const { stream, feed } = body();
    const read = readLimited(stream, LIMITS);
    feed.error(new TypeError("reset"));
    await expect(read).rejects.toThrow("reset");
  });

  it("leaves no rejection behind when a slow body breaks off later", async () => {
    const seen: unknown[] = [];
    const stream = new ReadableStream<Uint8Array>({
      pull: () => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 2_000)),
      cancel: () => Promise.reject(new Error("cannot be cancelled")),
    });
    const onRejection = (cause: unknown) => void seen.push(cause);
    process.on("unhandledRejection", onRejection);
    const read = readLimited(stream, LIMITS);
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await read).kind).toBe("too-slow");
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", onRejection);
    vi.useFakeTimers();
    expect(seen).toEqual([]);
  });
});
