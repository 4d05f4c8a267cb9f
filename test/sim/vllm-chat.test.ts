import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countTokens } from "../../sim/tokens.ts";
import {
  CHAT,
  chunksOf,
  contentOf,
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

const streamed = async (body: Record<string, unknown>) =>
  (await region.chat({ stream: true, stream_options: { include_usage: true }, ...body })).text();

const WEATHER = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: { type: "object", properties: { city: { type: "string" } } },
    },
  },
];
const ASK_WEATHER = [{ role: "user", content: "How is the weather in Oslo?" }];

describe("a whole chat completion", () => {
  it("has vLLM's fields in vLLM's order", async () => {
    const answer = await wholeOf(region.chat({}));
    expect(Object.keys(answer)).toEqual([
      "id",
      "object",
      "created",
      "model",
      "choices",
      "service_tier",
      "system_fingerprint",
      "usage",
      "prompt_logprobs",
      "prompt_token_ids",
      "kv_transfer_params",
    ]);
    expect(answer.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
    expect(answer).toMatchObject({ object: "chat.completion", model: CHAT });
    const [choice] = answer.choices;
    expect(choice).toMatchObject({ index: 0, finish_reason: "stop", stop_reason: null, logprobs: null });
    expect(choice?.message).toMatchObject({ role: "assistant", tool_calls: [], reasoning: null });
  });

  it("counts tokens by its own tokenizer", async () => {
    const { usage, choices } = await wholeOf(region.chat({}));
    expect(usage).toEqual({
      prompt_tokens: countTokens("Tell me something about lighthouses.") + 4,
      completion_tokens: countTokens(choices[0]?.message.content ?? ""),
      total_tokens: usage.prompt_tokens + usage.completion_tokens,
      prompt_tokens_details: null,
    });
  });

  it("depends on messages and seed alone, not on the region", async () => {
    const other = await openRegion({ region: "eu-west" });
    const text = async (client: RegionClient, body: Record<string, unknown>) =>
      (await wholeOf(client.chat(body))).choices[0]?.message.content;
    const here = await text(region, { seed: 5, temperature: 1 });
    expect(await text(other, { seed: 5 })).toBe(here);
    expect(await text(other, { seed: 6 })).not.toBe(here);
    expect(await text(other, { seed: 5, messages: [{ role: "user", content: "Else" }] })).not.toBe(here);
    await other.running.close();
  });

  it("has n different choices, the first as if alone", async () => {
    const alone = await wholeOf(region.chat({}));
    const several = await wholeOf(region.chat({ n: 3 }));
    expect(several.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(several.choices.map((choice) => choice.message.content)).size).toBe(3);
    expect(several.choices[0]).toEqual(alone.choices[0]);
    expect(several.usage.completion_tokens).toBeGreaterThan(alone.usage.completion_tokens);
  });

  it("obeys both names of the token limit, the newer one first", async () => {
    const finishOf = async (body: Record<string, unknown>) => {
      const { choices, usage } = await wholeOf(region.chat(body));
      return [choices[0]?.finish_reason, usage.completion_tokens];
    };
    expect(await finishOf({ max_tokens: 3 })).toEqual(["length", 3]);
    expect(await finishOf({ max_tokens: 3, max_completion_tokens: 7 })).toEqual(["length", 7]);
    expect(await finishOf({ ignore_eos: true, max_tokens: 600 })).toEqual(["length", 600]);
    expect(await finishOf({ ignore_eos: true })).toEqual(["length", 1024]);
  });

  it("stops at a stop string and says which", async () => {
    const full = (await wholeOf(region.chat({}))).choices[0]?.message.content ?? "";
    const stop = full.slice(10, 15);
    const [choice] = (await wholeOf(region.chat({ stop: [stop] }))).choices;
    expect(choice).toMatchObject({ finish_reason: "stop", stop_reason: stop });
    expect(choice?.message.content).toBe(full.slice(0, full.indexOf(stop)));
  });

  it("shows log probabilities of every token", async () => {
    const { choices, usage } = await wholeOf(region.chat({ logprobs: true, top_logprobs: 2 }));
    const content = choices[0]?.logprobs?.content;
    expect(content).toHaveLength(usage.completion_tokens);
    expect(content).toContainEqual({
      token: expect.any(String),
      logprob: expect.toSatisfy((value: number) => value <= 0),
      bytes: expect.any(Array),
      top_logprobs: [expect.anything(), expect.anything()],
    });
  });

  it("writes JSON when asked, by schema or any", async () => {
    const schema = { type: "object", properties: { city: { type: "string" }, size: { type: "integer" } } };
    const bySchema = await wholeOf(
      region.chat({ response_format: { type: "json_schema", json_schema: { name: "city", schema } } }),
    );
    const value = JSON.parse(bySchema.choices[0]?.message.content ?? "");
    expect(value).toEqual({ city: expect.any(String), size: expect.any(Number) });
    const any = await wholeOf(region.chat({ response_format: { type: "json_object" } }));
    expect(JSON.parse(any.choices[0]?.message.content ?? "")).toBeTypeOf("object");
  });

  it("calls tools: chosen, required and named", async () => {
    const chosen = await wholeOf(region.chat({ tools: WEATHER, messages: ASK_WEATHER }));
    expect(chosen.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    const [call] = chosen.choices[0]?.message.tool_calls ?? [];
    expect(call).toEqual({
      id: expect.stringMatching(/^chatcmpl-tool-[0-9a-f]{32}$/),
      type: "function",
      function: { name: "get_weather", arguments: '{"city":"Oslo"}' },
    });
    const required = await wholeOf(region.chat({ tools: WEATHER, tool_choice: "required" }));
    expect(required.choices[0]?.finish_reason).toBe("tool_calls");
    const name = { type: "function", function: { name: "get_weather" } };
    const named = await wholeOf(region.chat({ tools: WEATHER, tool_choice: name }));
    expect(named.choices[0]?.finish_reason).toBe("stop");
    expect(named.choices[0]?.message.tool_calls).toHaveLength(1);
  });

  it("answers a tool's result in words", async () => {
    const messages = [
      ...ASK_WEATHER,
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "1", content: "4 degrees" },
    ];
    expect((await wholeOf(region.chat({ tools: WEATHER, messages }))).choices[0]?.finish_reason).toBe("stop");
  });
});

describe("a streamed chat completion", () => {
  it("is role, one frame a token, finish, usage and terminator", async () => {
    const text = await streamed({});
    const events = eventsOf(text);
    const chunks = chunksOf(text);
    expect(events.at(-1)).toBe("[DONE]");
    expect(events[0]).toMatch(
      /^\{"id":"chatcmpl-[0-9a-f]{32}","object":"chat\.completion\.chunk","created":\d+,"model":"qwen3-14b","choices":\[\{"index":0,"delta":\{"role":"assistant","content":""\},"logprobs":null,"finish_reason":null\}\]/,
    );
    expect(chunks.at(-2)?.choices[0]).toMatchObject({
      delta: { content: "" },
      finish_reason: "stop",
      stop_reason: null,
    });
    const usage = chunks.at(-1)?.usage;
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(usage?.completion_tokens).toBe(chunks.length - 3);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  it("says what the whole answer says", async () => {
    expect(contentOf(await streamed({}))).toBe((await wholeOf(region.chat({}))).choices[0]?.message.content);
  });

  it("ends in its last token when the limit cuts it", async () => {
    const chunks = chunksOf(await streamed({ max_tokens: 3 }));
    expect(chunks.at(-2)?.choices[0]).toMatchObject({
      delta: { content: expect.stringMatching(/./) },
      finish_reason: "length",
    });
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(3);
  });

  it("reports usage only when asked, and after every token when asked for that", async () => {
    const silent = await (await region.chat({ stream: true })).text();
    expect(chunksOf(silent).filter((chunk) => chunk.usage !== undefined)).toEqual([]);
    const options = { include_usage: true, continuous_usage_stats: true };
    const counted = chunksOf(await streamed({ stream_options: options, max_tokens: 4 }));
    expect(counted.map((chunk) => chunk.usage?.completion_tokens)).toEqual([0, 1, 2, 3, 4, 4]);
  });

  it("streams a call as name first, then pieces of its arguments", async () => {
    const chunks = chunksOf(await streamed({ tools: WEATHER, messages: ASK_WEATHER }));
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(deltas[0]).toEqual({
      id: expect.stringMatching(/^chatcmpl-tool-/),
      type: "function",
      index: 0,
      function: { name: "get_weather" },
    });
    expect(
      deltas
        .slice(1)
        .map((delta) => delta.function.arguments)
        .join(""),
    ).toBe('{"city":"Oslo"}');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("interleaves choices and finishes each once", async () => {
    const chunks = chunksOf(await streamed({ n: 2 }));
    const finished = chunks.flatMap((chunk) =>
      chunk.choices.filter((choice) => choice.finish_reason !== null),
    );
    expect(finished.map((choice) => choice.index).sort()).toEqual([0, 1]);
    const order = chunks.slice(0, 6).map((chunk) => chunk.choices[0]?.index);
    expect(order).toEqual([0, 1, 0, 1, 0, 1]);
  });
});
