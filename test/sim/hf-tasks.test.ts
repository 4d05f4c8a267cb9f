import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRegion, type RegionClient } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion({ gpuTime: true });
});
afterAll(() => region.running.close());

async function ask(model: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await region.post(`/hf/models/${model}`, body, headers);
  return { status: answer.status, value: JSON.parse(await answer.text()) };
}

const PICTURE = new Uint8Array([0xff, 0xd8, 0xff, 1, 2, 3]);
const SOUND = new Uint8Array(320_000);

describe("text tasks", () => {
  it("classify: nested for a text, flat with top_k, a list each for several; names with slashes either way", async () => {
    const nested = await ask("org/sentiment", { inputs: "I love it" });
    expect(nested.value).toEqual([Array(3).fill({ label: expect.any(String), score: expect.any(Number) })]);
    const scores = nested.value[0].map((row: { score: number }) => row.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.reduce((sum: number, score: number) => sum + score, 0)).toBeCloseTo(1);
    const flat = await ask("org%2Fsentiment", { inputs: "I love it", parameters: { top_k: 1 } });
    expect(flat.value).toEqual([nested.value[0][0]]);
    expect((await ask("org/sentiment", { inputs: ["a", "b"] })).value).toHaveLength(2);
  });

  it("find entities where they stand", async () => {
    const text = "She saw Ada Lovelace in London.";
    const { value } = await ask("ner", { inputs: text });
    expect(value.map((entity: { word: string }) => entity.word)).toEqual(["She", "Ada Lovelace", "London"]);
    for (const entity of value) expect(text.slice(entity.start, entity.end)).toBe(entity.word);
    expect(value[0]).toMatchObject({ entity_group: expect.any(String), score: expect.any(Number) });
  });

  it("answer questions with a span of the context", async () => {
    const context = "The bridge opened in 1932. Its architect was Bradfield.";
    const { value } = await ask("roberta", { inputs: { question: "Who was the architect?", context } });
    expect(value.answer).toBe("Bradfield");
    expect(context.slice(value.start, value.end)).toBe("Bradfield");
    expect((await ask("roberta", { inputs: "text" })).status).toBe(400);
  });

  it("fill masks, and insist on one", async () => {
    const { value } = await ask("bert", { inputs: "Paris is the [MASK] of France." });
    expect(value).toHaveLength(5);
    expect(value[0].sequence).toBe(`Paris is the ${value[0].token_str} of France.`);
    expect((await ask("bert", { inputs: "no mask" })).value.error).toContain("No mask_token");
  });

  it("go on with a text, with or without the prompt", async () => {
    const full = await ask("qwen3-14b", { inputs: "My name is", parameters: { max_new_tokens: 5 } });
    const rest = await ask("qwen3-14b", {
      inputs: "My name is",
      parameters: { max_new_tokens: 5, return_full_text: false },
    });
    expect(full.value).toEqual([{ generated_text: `My name is ${rest.value[0].generated_text}` }]);
  });

  it("embed one vector a text", async () => {
    const { value } = await ask("bge-small", { inputs: ["a", "b"] });
    expect(value.map((vector: number[]) => vector.length)).toEqual([384, 384]);
    expect((await ask("bge-small", { inputs: "a" })).value).toEqual([value[0]]);
  });
});

describe("media tasks", () => {
  it("classify a picture, raw or as base64, the same", async () => {
    const raw = await ask("vit", PICTURE, { "content-type": "image/jpeg" });
    expect(raw.value).toHaveLength(5);
    expect(raw.value[0]).toEqual({ label: expect.any(String), score: expect.any(Number) });
    const base64 = await ask("vit", { inputs: Buffer.from(PICTURE).toString("base64") });
    expect(base64.value).toEqual(raw.value);
    expect((await ask("vit", { inputs: "/etc/passwd?" })).status).toBe(400);
  });

  it("score given labels without training", async () => {
    const inputs = Buffer.from(PICTURE).toString("base64");
    const { value } = await ask("clip", { inputs, parameters: { candidate_labels: ["cat", "dog"] } });
    expect(value.map((row: { label: string }) => row.label).sort()).toEqual(["cat", "dog"]);
    expect((await ask("clip", { inputs })).status).toBe(400);
  });

  it("find objects in boxes", async () => {
    const { value } = await ask("detr", PICTURE, { "content-type": "image/png" });
    expect(value[0]).toEqual({
      label: expect.any(String),
      score: expect.any(Number),
      box: {
        xmin: expect.any(Number),
        ymin: expect.any(Number),
        xmax: expect.any(Number),
        ymax: expect.any(Number),
      },
    });
  });

  it("transcribe, with timestamps when asked", async () => {
    const plain = await ask("whisper", SOUND, { "content-type": "audio/wav" });
    expect(plain.value).toEqual({ text: expect.stringMatching(/^ \S/) });
    const timed = await ask("whisper?return_timestamps=true", SOUND, { "content-type": "audio/wav" });
    expect(timed.value.text).toBe(plain.value.text);
    expect(timed.value.chunks.map((chunk: { text: string }) => chunk.text).join("")).toBe(plain.value.text);
    expect(timed.value.chunks.at(-1).timestamp[1]).toBeCloseTo(10);
  });

  it("paint a valid PNG of the size asked for", async () => {
    const answer = await region.post("/hf/models/sdxl", {
      inputs: "a lighthouse",
      parameters: { width: 32, height: 16 },
    });
    expect(answer.headers.get("content-type")).toBe("image/png");
    const png = Buffer.from(await answer.arrayBuffer());
    expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([32, 16]);
    const length = png.readUInt32BE(33);
    expect(inflateSync(png.subarray(41, 41 + length))).toHaveLength((1 + 3 * 32) * 16);
  });
});

describe("Hugging Face's errors", () => {
  it("are one sentence", async () => {
    expect(await ask("nope", { inputs: "x" })).toEqual({
      status: 404,
      value: { error: "Model nope does not exist" },
    });
    const missing = await ask("ner", { text: "x" });
    expect(missing.status).toBe(400);
    expect(missing.value.error).toContain("Body needs to provide a inputs key");
    expect((await ask("ner", PICTURE, { "content-type": "image/png" })).status).toBe(400);
  });

  it("name the loading model and the time it takes", async () => {
    await region.fault({ kind: "loading", count: 1 });
    const { status, value } = await ask("ner", { inputs: "x" });
    expect(status).toBe(503);
    expect(value).toEqual({ error: "Model ner is currently loading", estimated_time: 20 });
  });
});

describe("GPU time", () => {
  it("stands in a header where the region reports it", async () => {
    const answer = await region.post("/hf/models/ner", { inputs: "x" });
    expect(Number(answer.headers.get("x-gpu-ms"))).toBeGreaterThan(0);
  });
});
