import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHAT, EMBEDDER, openRegion, type RegionClient } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());

const embed = (body: Record<string, unknown>) =>
  region.post("/v1/embeddings", { model: EMBEDDER, input: "hello", ...body });

async function read(body: Record<string, unknown>) {
  const answer = await embed(body);
  expect(answer.status).toBe(200);
  return JSON.parse(await answer.text());
}

describe("embeddings", () => {
  it("have vLLM's form", async () => {
    const answer = await read({ input: ["hello world", "x"] });
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^embd-/),
      object: "list",
      model: EMBEDDER,
      usage: { prompt_tokens: 3, total_tokens: 3, completion_tokens: 0 },
    });
    expect(answer.data.map((row: { index: number; object: string }) => [row.index, row.object])).toEqual([
      [0, "embedding"],
      [1, "embedding"],
    ]);
    expect(answer.data[0].embedding).toHaveLength(384);
  });

  it("are the same numbers in base64", async () => {
    const floats = (await read({ dimensions: 8 })).data[0].embedding;
    const base64 = (await read({ dimensions: 8, encoding_format: "base64" })).data[0].embedding;
    const bytes = Buffer.from(base64, "base64");
    expect(floats.map((_: number, index: number) => bytes.readFloatLE(index * 4))).toEqual(floats);
  });

  it.each([
    ["too many dimensions", { dimensions: 10_000 }],
    ["an unknown encoding", { encoding_format: "hex" }],
    ["nothing to embed", { input: [] }],
    ["too long a text", { input: "word ".repeat(600) }],
    ["a model that writes text", { model: CHAT }],
  ])("refuse %s", async (_, body) => {
    expect((await embed(body)).status).toBe(400);
  });
});
