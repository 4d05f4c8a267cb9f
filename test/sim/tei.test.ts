import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRegion, type RegionClient } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());

async function ask(path: string, body: unknown) {
  const answer = await region.post(`/tei/${path}`, body);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, value: JSON.parse(text) };
}

describe("/embed", () => {
  it("gives a vector a text, in a list even for one, and counts in headers", async () => {
    const one = await ask("bge-small/embed", { inputs: "a text" });
    const two = await ask("bge-small/embed", { inputs: ["a text", "another"] });
    expect(one.value).toHaveLength(1);
    expect(two.value).toEqual([one.value[0], expect.any(Array)]);
    expect(Number(two.headers.get("x-compute-tokens"))).toBeGreaterThan(
      Number(one.headers.get("x-compute-tokens")),
    );
  });

  it("takes at most 32 texts, and none longer than its model reads", async () => {
    const many = await ask("bge-small/embed", { inputs: Array(33).fill("a") });
    expect(many).toMatchObject({ status: 413, value: { error_type: "validation" } });
    const long = await ask("bge-small/embed", { inputs: "word ".repeat(600) });
    expect(long.status).toBe(413);
    expect(long.value.error).toMatch(/must have less than 512 tokens\. Given: \d+/);
    expect(await ask("bge-small/embed", { inputs: [] })).toMatchObject({ status: 400 });
  });
});

describe("/predict", () => {
  it("takes a list of two texts for one pair, and a list of lists for several", async () => {
    const pair = await ask("org/sentiment/predict", { inputs: ["good", "bad"] });
    expect(pair.value).toEqual(Array(3).fill({ score: expect.any(Number), label: expect.any(String) }));
    const batch = await ask("org/sentiment/predict", { inputs: [["good"], ["bad"]] });
    expect(batch.value).toHaveLength(2);
    const alone = await ask("org/sentiment/predict", { inputs: "good" });
    expect(batch.value[0]).toEqual(alone.value);
  });

  it("of a model that classifies nothing is a failed dependency", async () => {
    expect(await ask("bge-small/predict", { inputs: "a" })).toMatchObject({
      status: 424,
      value: { error_type: "backend" },
    });
  });
});

describe("its health page", () => {
  it("stands beside the pages of each model", async () => {
    expect((await region.get("/tei/org/sentiment/health")).status).toBe(200);
    expect((await region.get("/tei/nope/health")).status).toBe(404);
  });
});
