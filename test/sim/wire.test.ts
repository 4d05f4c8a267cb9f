import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chunksOf, contentOf, eventsOf, openRegion, type RegionClient } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());
afterEach(() => region.admin("DELETE", "/faults"));

const STREAM = { stream: true, stream_options: { include_usage: true } };
const stream = () => region.chat(STREAM);

/** What arrives before the connection ends, and whether it ended in an error. */
async function readAll(answer: Response): Promise<{ readonly bytes: Buffer; readonly broke: boolean }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of answer.body ?? []) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), broke: false };
  } catch {
    return { bytes: Buffer.concat(pieces), broke: true };
  }
}

async function streamedWith(fault: Record<string, unknown>): Promise<string> {
  await region.fault(fault);
  return (await stream()).text();
}

describe("faults of the connection", () => {
  it("refuse: no answer, for streams, whole answers and probes", async () => {
    await region.fault({ kind: "refuse" });
    await expect(stream()).rejects.toThrow();
    await expect(region.chat({})).rejects.toThrow();
    await expect(region.get("/health")).rejects.toThrow();
  });

  it("hang: accepted and never answered", async () => {
    await region.fault({ kind: "hang", count: 1 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    const answer = fetch(`${region.running.baseUrl}/chat/completions`, {
      method: "POST",
      body: "{}",
      signal: controller.signal,
    });
    await expect(answer).rejects.toThrow(/abort/i);
    expect(await region.lastRequest()).toMatchObject({ fault: "hang", status: null, bytes_sent: 0 });
  });

  it.each([STREAM, {}])("hang_after_headers: status and headers, then silence (%j)", async (body) => {
    await region.fault({ kind: "hang_after_headers", count: 1 });
    const answer = await region.chat(body);
    expect(answer.status).toBe(200);
    const read = answer.body?.getReader().read();
    const silence = new Promise((resolve) => setTimeout(resolve, 60, "silence"));
    expect(await Promise.race([read, silence])).toBe("silence");
    await answer.body?.cancel().catch(() => {});
  });

  // An end that its caller can see gives the connection back to be used again, and the next request on it waits
  // behind an answer that never ends.
  it("hang_after_headers: not an end, even of an answer that says nothing", async () => {
    await region.fault({ kind: "hang_after_headers" });
    const answer = await region.get("/health");
    expect(answer.status).toBe(200);
    const read = answer.text().catch(() => "broken off");
    const silence = new Promise((resolve) => setTimeout(resolve, 60, "silence"));
    expect(await Promise.race([read, silence])).toBe("silence");
  });

  it.each([0, 1, 300, 777])("die: a reset after exactly %i bytes", async (afterBytes) => {
    await region.fault({ kind: "die", after_bytes: afterBytes, count: 1 });
    const { bytes, broke } = await readAll(await stream());
    expect([bytes.length, broke]).toEqual([afterBytes, true]);
  });

  it("die: in the middle where no place is named, of whole answers too", async () => {
    const full = Buffer.byteLength(await (await region.chat({})).text());
    await region.fault({ kind: "die", count: 1 });
    const { bytes, broke } = await readAll(await region.chat({}));
    expect(broke).toBe(true);
    expect(bytes.length).toBe(Math.floor(full / 2));
  });

  it("end: a clean end without finish or terminator", async () => {
    await region.fault({ kind: "end", count: 2 });
    const { bytes, broke } = await readAll(await stream());
    expect(broke).toBe(false);
    expect(bytes.toString()).not.toContain("[DONE]");
    expect(bytes.toString()).not.toContain('"stop_reason"');
    const whole = await readAll(await region.chat({}));
    expect(whole.broke).toBe(false);
    expect(() => JSON.parse(whole.bytes.toString())).toThrow();
  });

  it("slow: so many bytes a second", async () => {
    await region.fault({ kind: "slow", bytes_per_s: 1_000, count: 1 });
    const started = performance.now();
    const answer = await stream();
    const reader = answer.body?.getReader();
    let read = 0;
    while (read < 100) read += (await reader?.read())?.value?.length ?? 1000;
    expect(performance.now() - started).toBeGreaterThan(80);
    expect(read).toBeLessThan(2000);
    await reader?.cancel();
  });

  it("slow: by a factor of real time", async () => {
    await region.fault({ kind: "slow", factor: 0.5, count: 1 });
    const started = performance.now();
    await (await region.chat({ ...STREAM, max_tokens: 20 })).text();
    // 20 steps of 11 ms at half their length.
    expect(performance.now() - started).toBeGreaterThan(100);
  });

  it("split: every byte its own write, the text unharmed", async () => {
    const plain = contentOf(await (await stream()).text());
    expect(contentOf(await streamedWith({ kind: "split", count: 1 }))).toBe(plain);
  });

  it("crlf: other line ends, the same events", async () => {
    const plain = contentOf(await (await stream()).text());
    const text = await streamedWith({ kind: "crlf", count: 1 });
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(contentOf(text.replaceAll("\r\n", "\n"))).toBe(plain);
  });
});

describe("faults of the status", () => {
  it.each([
    ["status_429", 429, "1"],
    ["status_503", 503, null],
    ["status_500", 500, null],
    ["loading", 503, "20"],
  ])("%s is %i", async (kind, status, retryAfter) => {
    await region.fault({ kind, count: 1 });
    const answer = await stream();
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter]);
    expect(JSON.parse(await answer.text()).error).toMatchObject({ code: status });
  });

  it("Retry-After is sent as given, even if it is nonsense", async () => {
    await region.fault({ kind: "status_429", retry_after: "soon", count: 1 });
    expect((await stream()).headers.get("retry-after")).toBe("soon");
  });

  it("garbage: a page of HTML with status 200", async () => {
    await region.fault({ kind: "garbage", count: 1 });
    const answer = await stream();
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain("<html>");
  });
});

describe("faults of frames", () => {
  it("garbage_frame: one frame that is no JSON", async () => {
    const broken = eventsOf(await streamedWith({ kind: "garbage_frame", count: 1 })).filter((event) => {
      try {
        JSON.parse(event);
        return false;
      } catch {
        return event !== "[DONE]";
      }
    });
    expect(broken).toHaveLength(1);
  });

  it("error_event: an error after content, then the terminator, as vLLM does", async () => {
    const events = eventsOf(await streamedWith({ kind: "error_event", count: 1 }));
    expect(JSON.parse(events.at(-2) ?? "")).toMatchObject({
      error: { type: "InternalServerError", code: 500 },
    });
    expect(events.at(-1)).toBe("[DONE]");
    expect(events.length).toBeGreaterThan(4);
    await region.fault({ kind: "error_event", count: 1 });
    expect((await region.chat({})).status).toBe(500);
  });

  it("no_done and no_usage leave these out", async () => {
    expect(await streamedWith({ kind: "no_done", count: 1 })).not.toContain("[DONE]");
    expect(await streamedWith({ kind: "no_usage", count: 1 })).not.toContain('"usage"');
    await region.fault({ kind: "no_usage", count: 1 });
    expect(await (await region.chat({})).text()).not.toContain('"usage"');
  });

  it("usage_beside_finish: counts in the frame of the finish reason, none after it", async () => {
    const last = chunksOf(await streamedWith({ kind: "usage_beside_finish", count: 1 })).at(-1);
    expect(last?.choices[0]?.finish_reason).toBe("stop");
    expect(last?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it("empty_role: the first role is empty", async () => {
    const [first] = chunksOf(await streamedWith({ kind: "empty_role", count: 1 }));
    expect(first?.choices[0]?.delta.role).toBe("");
  });

  it("long_line: one line of megabytes", async () => {
    const events = eventsOf(await streamedWith({ kind: "long_line", count: 1 }));
    expect(Math.max(...events.map((event) => event.length))).toBeGreaterThan(5 * 1024 * 1024);
  });

  it("absurd_usage: counts nobody may be billed for", async () => {
    const last = chunksOf(await streamedWith({ kind: "absurd_usage", count: 1 })).at(-1);
    expect(last?.usage).toEqual({ prompt_tokens: 1e18, total_tokens: "many", completion_tokens: -5 });
    await region.fault({ kind: "absurd_usage", count: 1 });
    expect(JSON.parse(await (await region.chat({})).text()).usage.completion_tokens).toBe(-5);
  });
});
