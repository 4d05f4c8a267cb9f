import { afterEach, describe, expect, it, vi } from "vitest";
import { after } from "../src/lib/alarm-clock.ts";
import { room } from "../src/lib/room.ts";
import { checkLength, dropUnread, readJson } from "../src/read-json.ts";

const MAX_BYTES = 1024;
const roomOf = (bytes: number) => {
  const guest = room({ guests: 2, bytes });
  const [first, second] = [guest(), guest()];
  first.enter();
  second.enter();
  return { first, second };
};
const CLOCK = { after, room: roomOf(10_000_000).first };
const JSON_TYPE = { "content-type": "application/json" };

const request = (body: BodyInit | null, headers: Record<string, string> = JSON_TYPE): Request =>
  new Request("http://router.invalid/", { method: "POST", headers, body, duplex: "half" } as RequestInit); // duplex: undici's

const refusalOf = (read: Promise<unknown>) =>
  read.then(
    (value) => ({ value }),
    (error) => `${error.status} ${error.code}`,
  );
const verdictOn = (body: BodyInit | null, headers?: Record<string, string>) =>
  refusalOf(readJson(CLOCK, request(body, headers), MAX_BYTES));

/** A body that comes in these chunks and then stays away. */
function trickling(...chunks: readonly string[]) {
  const seen = { cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return { stream, seen };
}

afterEach(() => void vi.useRealTimers());

describe("the media type", () => {
  it.each([
    "application/json",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    " application/json ; charset = utf-8 ",
  ])("may be %j", async (type) => {
    expect(await verdictOn("{}", { "content-type": type })).toEqual({ value: {} });
  });

  it.each([
    "text/plain",
    "application/json; charset=utf-16",
    "application/jsonx",
    "text/json",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/json, text/plain",
  ])("may not be %j: 31, 32", async (type) => {
    expect(await verdictOn("{}", { "content-type": type })).toBe("415 unsupported_media_type");
  });

  it("may not be missing: 30", async () => {
    const bare = request(new Uint8Array([123, 125]), {});
    bare.headers.delete("content-type");
    expect(await refusalOf(readJson(CLOCK, bare, MAX_BYTES))).toBe("415 unsupported_media_type");
  });

  it.each(["gzip", "br", "GZIP", "identity, gzip"])("may not be encoded with %s: 47", async (encoding) => {
    expect(await verdictOn("{}", { ...JSON_TYPE, "content-encoding": encoding })).toBe(
      "415 unsupported_media_type",
    );
  });

  it("may say that it is not encoded", async () => {
    expect(await verdictOn("{}", { ...JSON_TYPE, "content-encoding": "identity" })).toEqual({ value: {} });
  });
});

describe("the text", () => {
  it("may be any JSON, with a BOM too: 40", async () => {
    expect(await verdictOn('\ufeff{"a":[1,"é😀"]}')).toEqual({ value: { a: [1, "é😀"] } });
    for (const [text, value] of [
      ["null", null],
      ["[]", []],
      ['"s"', "s"],
    ] as const) {
      expect(await verdictOn(text)).toEqual({ value });
    }
  });

  it.each(["", " ", "{", "{'a':1}", '{"a":NaN}', '{"a":1,}', "undefined", "<html>", '{"a":1}x', '{"a":01}'])(
    "may not be %j: 33, 68",
    async (text) => expect(await verdictOn(text)).toBe("400 invalid_json"),
  );

  it("may not be missing", async () => expect(await verdictOn(null)).toBe("400 invalid_json"));

  it("must be UTF-8: 39", async () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc3, 0x22],
      [0xfe, 0xff, 0x00, 0x7b],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(await verdictOn(Uint8Array.from(bytes))).toBe("400 invalid_json");
    }
  });

  it("keeps __proto__ a plain member", async () => {
    const verdict = await verdictOn('{"__proto__":{"polluted":1}}');
    expect(JSON.stringify(verdict)).toBe('{"value":{"__proto__":{"polluted":1}}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("the depth", () => {
  const nested = (depth: number, [open, close]: readonly [string, string]) =>
    open.repeat(depth) + close.repeat(depth);

  it("may be 64 and no more", async () => {
    expect(await verdictOn(nested(64, ["[", "]"]))).toHaveProperty("value");
    expect(await verdictOn(nested(65, ["[", "]"]))).toBe("400 invalid_json");
    expect(await verdictOn(`${'{"a":'.repeat(64)}1${"}".repeat(64)}`)).toHaveProperty("value");
    expect(await verdictOn(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toBe("400 invalid_json");
  });

  it("of a million is refused like any other", async () => {
    const deep = readJson(CLOCK, request(nested(1_000_000, ["[", "]"])), 4_000_000);
    expect(await refusalOf(deep)).toBe("400 invalid_json");
  });
});

describe("the size", () => {
  it("may be the limit and no more, with a length or without: 41, 42", async () => {
    const text = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
    expect(await verdictOn(text(MAX_BYTES))).toHaveProperty("value");
    expect(await verdictOn(text(MAX_BYTES + 1))).toBe("413 request_too_large");
    const stream = new Blob([text(MAX_BYTES + 1)]).stream();
    expect(await verdictOn(stream)).toBe("413 request_too_large");
  });

  it("counts bytes, not characters", async () => {
    expect(await verdictOn(`"${"é".repeat(MAX_BYTES / 2)}"`)).toBe("413 request_too_large");
  });

  it("is refused by its length alone, in words that name the limit", () => {
    const announcing = (length: string) => () =>
      checkLength(
        new Request("http://router.invalid/", { headers: { "content-length": length } }),
        4 * 1024 * 1024,
      );
    expect(announcing("4194305")).toThrow("4 MiB");
    for (const length of ["4194304", "0", "many", ""]) expect(announcing(length)).not.toThrow();
  });
});

describe("room", () => {
  const body = `"${"x".repeat(98)}"`;
  const stream = () => new Blob([body]).stream();

  it.each([
    ["with a length", () => body],
    ["without", stream],
  ])("that others have taken is told as 503 overloaded, %s", async (_, bodyOf) => {
    const { first, second } = roomOf(150);
    expect(second.take(51)).toBe(true);
    const headers = { ...JSON_TYPE, ...(typeof bodyOf() === "string" ? { "content-length": "100" } : {}) };
    const read = () => refusalOf(readJson({ after, room: first }, request(bodyOf(), headers), MAX_BYTES));
    expect(await read()).toBe("503 overloaded");
    second.leave();
    expect(await read()).toHaveProperty("value");
  });

  it("is taken by the bytes that came, not by those announced", async () => {
    const { first, second } = roomOf(150);
    await readJson({ after, room: first }, request(stream()), MAX_BYTES);
    expect([second.take(51), second.take(50)]).toEqual([false, true]);
  });
});

describe("a body that does not come", () => {
  it("is refused after half a minute: 408", async () => {
    vi.useFakeTimers();
    const { stream, seen } = trickling('{"a":');
    const verdict = verdictOn(stream);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await verdict).toBe("408 request_timeout");
    expect(seen.cancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("to its end is the caller's fault, not ours: 43", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError("reset")) });
    expect(await verdictOn(broken)).toBe("400 invalid_json");
  });
});

describe("dropUnread", () => {
  it("reads what a refused caller is still sending", async () => {
    const sent = request(new Blob(["x".repeat(100_000)]).stream());
    await dropUnread(sent);
    expect(sent.bodyUsed).toBe(true);
  });

  it("does not wait for long, nor for ever more", async () => {
    vi.useFakeTimers();
    const { stream, seen } = trickling("x");
    const dropped = dropUnread(request(stream));
    await vi.advanceTimersByTimeAsync(5_000);
    await dropped;
    expect(seen.cancelled).toBe(true);
  });

  it("leaves a body alone that was read, and none at all", async () => {
    const read = request("{}");
    await read.json();
    await dropUnread(read);
    await dropUnread(new Request("http://router.invalid/"));
  });

  it("does not throw when the caller is gone", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError("reset")) });
    await expect(dropUnread(request(broken))).resolves.toBeUndefined();
  });
});
