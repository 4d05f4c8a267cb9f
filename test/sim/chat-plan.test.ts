import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMBEDDER, errorOf, HELLO, openRegion, type RegionClient, wholeOf } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());

describe("continue_final_message", () => {
  const continued = (prefill: string, body: Record<string, unknown> = {}) =>
    region.chat({
      messages: [...HELLO, { role: "assistant", content: prefill }],
      add_generation_prompt: false,
      continue_final_message: true,
      ...body,
    });

  it("goes on where the unbroken answer would have gone on", async () => {
    const full = (await wholeOf(region.chat({ seed: 9 }))).choices[0]?.message.content ?? "";
    for (const share of [0.1, 0.5, 0.93]) {
      const prefill = full.slice(0, Math.floor(full.length * share));
      const rest = await wholeOf(continued(prefill, { seed: 9 }));
      expect(prefill + rest.choices[0]?.message.content).toBe(full);
    }
  });

  it("does so in another region under another name of the same root", async () => {
    const other = await openRegion({
      models: [
        {
          servedAs: "other-name",
          root: "Qwen/Qwen3-14B",
          task: "text-generation",
          parametersB: 14,
          contextLength: 4096,
          maxOutputTokens: 512,
        },
      ],
    });
    const full = (await wholeOf(region.chat({}))).choices[0]?.message.content ?? "";
    const messages = [...HELLO, { role: "assistant", content: full.slice(0, 40) }];
    const rest = await wholeOf(
      other.chat({
        model: "other-name",
        messages,
        add_generation_prompt: false,
        continue_final_message: true,
      }),
    );
    expect(full.slice(0, 40) + rest.choices[0]?.message.content).toBe(full);
    await other.running.close();
  });

  it("is refused together with a generation prompt", async () => {
    const error = await errorOf(continued("x", { add_generation_prompt: true }));
    expect(error.message).toBe(
      "Cannot set both `continue_final_message` and `add_generation_prompt` to True.",
    );
  });
});

describe("a refused chat request", () => {
  it("has vLLM's error form", async () => {
    const answer = await region.chat({ model: "nope" });
    expect(answer.status).toBe(404);
    expect(await errorOf(answer)).toEqual({
      message: "The model `nope` does not exist.",
      type: "NotFoundError",
      param: "model",
      code: 404,
    });
  });

  it("says how long the context is", async () => {
    const messages = [{ role: "user", content: "word ".repeat(5000) }];
    const error = await errorOf(region.chat({ messages, max_tokens: 10 }));
    expect(error).toMatchObject({ type: "BadRequestError", code: 400, param: "input_tokens" });
    expect(error.message).toMatch(
      /^This model's maximum context length is 4096 tokens\. However, you requested 10 output tokens/,
    );
  });

  it.each([
    ["messages missing", { messages: undefined }],
    ["messages empty", { messages: [] }],
    ["no token", { max_tokens: 0 }],
    ["half a token", { max_tokens: 1.5 }],
    ["no choice", { n: 0 }],
    ["negative temperature", { temperature: -1 }],
    ["top_p over 1", { top_p: 1.1 }],
    ["top_logprobs without logprobs", { top_logprobs: 2 }],
    ["stream options without a stream", { stream_options: { include_usage: true } }],
    ["an empty stop", { stop: [""] }],
    ["a schema missing", { response_format: { type: "json_schema" } }],
    ["a model that writes no text", { model: EMBEDDER }],
  ])("%s: 400", async (_, body) => {
    const answer = await region.chat(body);
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ message: expect.any(String), code: 400 });
  });
});
