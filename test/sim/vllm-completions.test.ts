import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CHAT,
  chunksOf,
  errorOf,
  eventsOf,
  openRegion,
  type RegionClient,
  wholeOf,
} from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());

const complete = (body: Record<string, unknown>) =>
  region.post("/v1/completions", { model: CHAT, prompt: "Once upon a time", ...body });

describe("a text completion", () => {
  it("has vLLM's form and its default of 16 tokens", async () => {
    const answer = await wholeOf(complete({}));
    expect(answer.id).toMatch(/^cmpl-[0-9a-f]{32}$/);
    expect(answer).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, logprobs: null, finish_reason: "length", stop_reason: null }],
      usage: { prompt_tokens: 4, completion_tokens: 16, total_tokens: 20 },
    });
    expect(answer.choices[0]?.text).toMatch(/^ \S/);
  });

  it("counts choices through all prompts, the prompt outermost", async () => {
    const several = await wholeOf(complete({ prompt: ["a", "b"], n: 2 }));
    expect(several.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3]);
    const second = await wholeOf(complete({ prompt: "b", n: 2 }));
    expect(several.choices.slice(2).map((choice) => choice.text)).toEqual(
      second.choices.map((choice) => choice.text),
    );
    expect(several.usage.prompt_tokens).toBe(2);
  });

  it("takes token ids, single and in lists", async () => {
    const one = await wholeOf(complete({ prompt: [11, 12, 13] }));
    expect(one.usage.prompt_tokens).toBe(3);
    const two = await wholeOf(complete({ prompt: [[11, 12, 13], [4]] }));
    expect(two.choices).toHaveLength(2);
    expect(two.choices[0]?.text).toBe(one.choices[0]?.text);
  });

  it("echoes the prompt", async () => {
    const plain = await wholeOf(complete({}));
    const echoed = await wholeOf(complete({ echo: true }));
    expect(echoed.choices[0]?.text).toBe(`Once upon a time${plain.choices[0]?.text}`);
    const streamed = chunksOf(await (await complete({ echo: true, stream: true })).text());
    expect(streamed.map((chunk) => chunk.choices[0]?.text).join("")).toBe(echoed.choices[0]?.text);
  });

  it("shows log probabilities in four lists", async () => {
    const { choices } = await wholeOf(complete({ logprobs: 2, max_tokens: 3 }));
    const logprobs = choices[0]?.logprobs;
    expect(Object.keys(logprobs ?? {})).toEqual(["text_offset", "token_logprobs", "tokens", "top_logprobs"]);
    for (const list of Object.values(logprobs ?? {})) expect(list).toHaveLength(3);
  });

  it("streams one token a frame", async () => {
    const text = await (
      await complete({ stream: true, stream_options: { include_usage: true }, max_tokens: 5 })
    ).text();
    const chunks = chunksOf(text);
    expect(eventsOf(text).at(-1)).toBe("[DONE]");
    expect(chunks).toHaveLength(6);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 5 } });
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ finish_reason: "length", stop_reason: null });
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? "").join("")).toBe(
      (await wholeOf(complete({ max_tokens: 5 }))).choices[0]?.text,
    );
  });

  it("is refused without a prompt", async () => {
    expect(await errorOf(complete({ prompt: "" }))).toMatchObject({ type: "BadRequestError", code: 400 });
    expect((await complete({ prompt: [{}] })).status).toBe(400);
  });
});
