import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inlineImages } from "../../src/origins/inline-images.ts";
import { sampleInference } from "../domain/sample-target.ts";
import { type FakeFetch, fakePorts } from "../support/fake-ports.ts";
import { answering, hanging, inTurn, refused, silentBody, streaming } from "./fake-origin.ts";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13);
const PNG_URL = `data:image/png;base64,${Buffer.from(PNG).toString("base64")}`;
const png = streaming([PNG]);
const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const part = (url: string) => ({ type: "image_url", image_url: { url, detail: "low" } });

async function inline(origin: FakeFetch, urls: readonly string[], passMs = 0) {
  const caller = new AbortController();
  const fake = fakePorts({ fetchPublic: origin, callerGone: caller.signal });
  const messages = [
    { role: "system", content: "look" },
    { role: "user", content: [{ type: "text", text: "see" }, ...urls.map(part)] },
  ];
  const remoteImages = urls.filter((url) => !url.startsWith("data:"));
  const inference = sampleInference({ remoteImages, body: { model: "m", messages, seed: 7 } });
  const pending = inlineImages(fake.ports, inference).catch((error) => error);
  await vi.advanceTimersByTimeAsync(passMs);
  return { fake, caller, inference, result: await pending };
}

const refusal = (what: RegExp) => ({
  code: "invalid_value",
  message: expect.stringMatching(what),
  details: { param: "messages" },
});

describe("inlineImages", () => {
  it("puts the images in the place of their URLs and leaves all else alone", async () => {
    const { result, fake, inference } = await inline(png, [
      "https://example.com/a",
      PNG_URL,
      "https://example.com/b",
    ]);
    const content = [{ type: "text", text: "see" }, part(PNG_URL), part(PNG_URL), part(PNG_URL)];
    expect(result.body).toEqual({
      model: "m",
      seed: 7,
      messages: [
        { role: "system", content: "look" },
        { role: "user", content },
      ],
    });
    expect(fake.fetches.map((call) => call.url)).toEqual(["https://example.com/a", "https://example.com/b"]);
    expect(JSON.stringify(inference.body)).toContain("https://example.com/a");
  });

  it("fetches an image once, however often it stands there", async () => {
    const { fake, result } = await inline(png, Array(8).fill("https://example.com/a"));
    expect(fake.fetches).toHaveLength(1);
    expect(JSON.stringify(result.body)).not.toContain("example.com");
  });

  it("does nothing where there are none", async () => {
    const inference = sampleInference();
    expect(await inlineImages(fakePorts().ports, inference)).toBe(inference);
  });

  it("sends nothing of ours or the caller's to a stranger's host", async () => {
    const { fake } = await inline(png, ["https://example.com/a"]);
    const [call] = fake.fetches;
    expect(Object.fromEntries(new Headers(call?.init.headers))).toEqual({ accept: "image/*" });
    expect(call?.init.redirect).toBe("manual");
    expect(call?.signal.aborted).toBe(true);
  });
});

describe("a redirect", () => {
  const to = (location: string) => answering(302, "", { location });

  it("is followed twice, relative ones too, and each hop is checked", async () => {
    const { fake, result } = await inline(inTurn(to("/b"), to("https://cdn.example.net/c"), png), [
      "https://example.com/a",
    ]);
    expect(fake.fetches.map((call) => call.url)).toEqual([
      "https://example.com/a",
      "https://example.com/b",
      "https://cdn.example.net/c",
    ]);
    expect(result.body).toBeDefined();
  });

  it("is not followed a third time", async () => {
    const { fake, result } = await inline(to("https://example.com/again"), ["https://example.com/a"]);
    expect(fake.fetches).toHaveLength(3);
    expect(result).toMatchObject(refusal(/too often/));
  });

  it.each([
    "http://169.254.169.254/",
    "https://127.0.0.1/",
    "//10.0.0.1/",
    "file:///etc/passwd",
    "http://example.com/",
  ])("to %s is not followed", async (location) => {
    const { fake, result } = await inline(to(location), ["https://example.com/a"]);
    expect(fake.fetches).toHaveLength(1);
    expect(result).toMatchObject(refusal(/not public/));
  });
});

describe("an image that cannot be had is the caller's to mend", () => {
  it.each<[string, FakeFetch, RegExp, number]>([
    ["its host refuses", refused, /reached/, 0],
    ["it is not there", answering(404, "no"), /404/, 0],
    ["it is a page", answering(200, "<html>"), /not a PNG/, 0],
    ["it is empty", answering(200, ""), /not a PNG/, 0],
    ["it breaks off", streaming([PNG], { ending: "break" }), /broke off/, 0],
    ["it is larger than 8 MiB", streaming([PNG, new Uint8Array(8 * MIB)]), /8 MiB/, 0],
    ["its host never answers", hanging, /reached/, 15_000],
    ["its body never comes", silentBody(200), /slow|broke off/, 15_000],
    ["its body trickles", streaming(Array(60).fill(PNG), { ending: "end", waitMs: 1_000 }), /slow/, 15_000],
  ])("because %s", async (_, origin, what, passMs) => {
    const { result, fake } = await inline(origin, ["https://example.com/a"], passMs);
    expect(result).toMatchObject(refusal(what));
    expect(result.message).not.toMatch(/example|ECONN|10\.0/);
    expect(fake.fetches.every((call) => call.signal.aborted)).toBe(true);
    // What a slow stream still waits for is no concern of the request.
    await vi.advanceTimersByTimeAsync(2_000);
  });

  it("because all are larger than 16 MiB together, each time one is used", async () => {
    const six = streaming([PNG, new Uint8Array(6 * MIB)]);
    const urls = ["https://example.com/a", "https://example.com/a", "https://example.com/a"];
    expect((await inline(six, urls)).result).toMatchObject(refusal(/16 MiB/));
    expect((await inline(six, urls.slice(1))).result.body).toBeDefined();
  });
});

describe("time", () => {
  it("is bounded for all images together: the request's lease is not renewed meanwhile", async () => {
    const slow = streaming([PNG], { ending: "end", waitMs: 4_000 });
    const urls = Array.from({ length: 8 }, (_, at) => `https://example.com/${at}`);
    const { result, fake } = await inline(slow, urls, 20_000);
    expect(result).toMatchObject({ code: "invalid_value" });
    expect(fake.fetches.length).toBeLessThan(4);
    await vi.advanceTimersByTimeAsync(20_000);
  });

  it("is not spent on a caller who left", async () => {
    const caller = new AbortController();
    const fake = fakePorts({ fetchPublic: hanging, callerGone: caller.signal });
    const remoteImages = ["https://example.com/a"];
    const pending = inlineImages(fake.ports, sampleInference({ remoteImages })).catch((error) => error);
    await vi.advanceTimersByTimeAsync(10);
    caller.abort();
    expect(fake.fetches[0]?.signal.aborted).toBe(true);
    expect(await pending).toBeInstanceOf(Error);
  });
});
