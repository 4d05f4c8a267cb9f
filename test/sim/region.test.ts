import { request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_TIMING, INSTANT_TIMING } from "../../sim/gpu.ts";
import { type RegionOptions, startRegion } from "../../sim/region.ts";
import {
  CHAT,
  chunksOf,
  errorOf,
  eventually,
  HELLO,
  OPTIONS,
  openRegion,
  type RegionClient,
  wholeOf,
} from "./region-client.ts";

const open: RegionClient[] = [];
async function regionWith(options: Partial<RegionOptions> = {}): Promise<RegionClient> {
  const region = await openRegion(options);
  open.push(region);
  return region;
}
afterEach(() => Promise.all(open.splice(0).map((region) => region.running.close())));

async function state(region: RegionClient) {
  return JSON.parse(await (await region.admin("GET", "/state")).text());
}

describe("starting a region", () => {
  it("says where it listens", async () => {
    const { running } = await regionWith();
    expect(running).toMatchObject({
      region: "us-east",
      baseUrl: `http://127.0.0.1:${running.port}/v1`,
      adminUrl: `http://127.0.0.1:${running.port}/admin`,
    });
  });

  it("fails with EADDRINUSE when the port is taken, and not once it is free again", async () => {
    const first = await startRegion(OPTIONS);
    await expect(startRegion({ ...OPTIONS, port: first.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.close();
    const second = await startRegion({ ...OPTIONS, port: first.port });
    await second.close();
  });

  it("closes with requests under way", async () => {
    const region = await openRegion();
    await region.fault({ kind: "hang" });
    const hanging = region.chat({}).catch(() => "closed");
    await eventually(async () => (await region.lastRequest())?.fault === "hang");
    await region.running.close();
    expect(await hanging).toBe("closed");
  });
});

describe("the door of a region", () => {
  it("asks for the key under /v1 and /hf, not for health and metrics", async () => {
    const region = await regionWith({ apiKey: "secret" });
    for (const path of ["/v1/chat/completions", "/hf/models/ner", "/v1/nothing"]) {
      const answer = await region.post(path, {});
      expect([answer.status, await answer.text()]).toEqual([401, '{"error":"Unauthorized"}']);
    }
    const headers = { authorization: "bearer secret" };
    expect((await region.post("/hf/models/ner", { inputs: "x" }, headers)).status).toBe(200);
    expect((await region.get("/health")).status).toBe(200);
    expect((await region.get("/metrics")).status).toBe(200);
  });

  it("answers wrong paths, methods and bodies as vLLM does", async () => {
    const region = await regionWith();
    expect(await errorOf(region.get("/v1/nothing"))).toMatchObject({ type: "Not Found", code: 404 });
    const wrong = await region.get("/v1/chat/completions");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    const broken = await region.post("/v1/chat/completions", new Uint8Array([0x7b]));
    expect([broken.status, (await errorOf(broken)).type]).toEqual([400, "Bad Request"]);
  });
});

describe("optional reports", () => {
  it("GPU time stands in a header or in the usage frame, only where it is on", async () => {
    const region = await regionWith({ gpuTime: true });
    const usageOf = async (client: RegionClient) => {
      const text = await (
        await client.chat({ stream: true, stream_options: { include_usage: true } })
      ).text();
      return chunksOf(text).at(-1)?.usage;
    };
    expect(Number((await region.chat({})).headers.get("x-gpu-ms"))).toBeGreaterThan(100);
    expect((await usageOf(region))?.gpu_ms).toBeGreaterThan(100);
    const silent = await regionWith();
    expect((await silent.chat({})).headers.get("x-gpu-ms")).toBeNull();
    expect(await usageOf(silent)).not.toHaveProperty("gpu_ms");
  });

  it("repeated turns are cached tokens, in whole blocks, only where it is on", async () => {
    const region = await regionWith({ prefixCache: true });
    const long = { role: "user", content: "word ".repeat(30) };
    const messages = [long, { role: "assistant", content: "yes" }, ...HELLO];
    expect((await wholeOf(region.chat({ messages }))).usage.prompt_tokens_details).toEqual({
      cached_tokens: 32,
    });
    expect((await wholeOf((await regionWith()).chat({ messages }))).usage.prompt_tokens_details).toBeNull();
  });
});

describe("a client that leaves", () => {
  const SLOW = { ...DEFAULT_TIMING, decodeBaseMs: 50 };

  function leave(region: RegionClient, body: object, how: (socket: Socket) => void): Promise<void> {
    return new Promise((resolve) => {
      const request = httpRequest(`${region.running.baseUrl}/chat/completions`, { method: "POST" });
      request.on("error", () => {});
      request.on("response", (response) => response.on("error", () => {}));
      request.end(JSON.stringify({ model: CHAT, messages: HELLO, ...body }));
      void eventually(async () => (await state(region)).running === 1).then(() => {
        if (request.socket !== null) how(request.socket);
        resolve();
      });
    });
  }

  it.each([
    ["a reset, streamed", { stream: true }, (socket: Socket) => void socket.resetAndDestroy()],
    ["a clean end, streamed", { stream: true }, (socket: Socket) => void socket.destroy()],
    ["a reset, whole", {}, (socket: Socket) => void socket.resetAndDestroy()],
    ["a clean end, whole", {}, (socket: Socket) => void socket.destroy()],
  ])("stops the GPU at once: %s", async (_, body, how) => {
    const region = await regionWith({ timing: SLOW });
    await leave(region, body, how);
    const left = performance.now();
    expect(await eventually(async () => (await state(region)).running === 0)).toBe(true);
    expect(performance.now() - left).toBeLessThan(500);
    expect(await region.lastRequest()).toMatchObject({ outcome: "aborted", ended_at: expect.any(Number) });
  });
});

describe("a busy GPU", () => {
  it("queues beyond its slots and refuses beyond its queue", async () => {
    const region = await regionWith({ timing: { ...INSTANT_TIMING, slots: 2, queueLimit: 1 } });
    await region.admin("POST", "/hold", { held: true });
    const answers = [region.chat({}), region.chat({}), region.chat({})];
    await eventually(async () => (await state(region)).waiting === 1);
    const refused = await region.chat({});
    expect([refused.status, (await errorOf(refused)).type]).toEqual([503, "ServiceUnavailableError"]);
    await region.admin("POST", "/hold", { held: false });
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200, 200]);
  });

  it("answers 503 while a model loads, and serves it after", async () => {
    const region = await regionWith({ timing: { ...DEFAULT_TIMING, scale: 0.01, coldStartMs: 5_000 } });
    const cold = await region.chat({});
    expect(cold.status).toBe(503);
    expect(await errorOf(cold)).toMatchObject({
      message: `The model \`${CHAT}\` is currently loading.`,
      code: 503,
    });
    expect(await eventually(async () => (await region.chat({ max_tokens: 1 })).status === 200)).toBe(true);
  });

  it("keeps its pace without drifting", async () => {
    // 1,000 steps of a quarter of a millisecond, which no timer can wait for one by one.
    const timing = { ...DEFAULT_TIMING, decodeBaseMs: 0.25, decodeMsPerB: 0 };
    const region = await regionWith({ timing });
    const started = performance.now();
    await (await region.chat({ stream: true, ignore_eos: true, max_tokens: 1000 })).text();
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(250);
    expect(tookMs).toBeLessThan(800);
  });
});
