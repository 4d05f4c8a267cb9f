import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { SMALL, sharedRouter, WEATHER_TOOL } from "../../support/router.ts";

const router = sharedRouter();
const client = new OpenAI({ apiKey: router.apiKey, baseURL: router.inferbase, maxRetries: 0 });
const plain = new OpenAI({ apiKey: router.apiKey, baseURL: router.openai, maxRetries: 0 });
const messages = [{ role: "user" as const, content: "Write a Python function to sort a list" }];

describe.each([
  ["inferbase", client],
  ["openai", plain],
])("openai-node against %s", (_name, openai) => {
  test.each(["auto", SMALL])("whole answer from %s", async (model) => {
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 20 });
    expect(answer.id).toMatch(/^chatcmpl-/);
    expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(0);
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
    if (model !== "auto") expect(answer.model).toBe(model);
  });

  test.each(["auto", SMALL])("iterated stream from %s ends with a finish reason", async (model) => {
    const stream = await openai.chat.completions.create({ model, messages, max_tokens: 20, stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("").length).toBeGreaterThan(0);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toMatch(/stop|length/);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(chunks.every((chunk) => chunk.usage === undefined || chunk.usage === null)).toBe(true);
  });

  test.each(["auto", SMALL])(".stream() of %s assembles the message", async (model) => {
    const runner = openai.chat.completions.stream({ model, messages, max_tokens: 20 });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.role).toBe("assistant");
    expect(final.choices[0]?.message.content?.length).toBeGreaterThan(0);
  });

  test("usage comes when it is asked for, in a last frame without choices", async () => {
    const stream = await openai.chat.completions.create({
      model: SMALL,
      messages,
      max_tokens: 10,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(10);
  });

  test("tools, streamed: one call with its arguments whole", async () => {
    const runner = openai.chat.completions.stream({
      model: SMALL,
      messages: [{ role: "user", content: "What is the weather in Paris?" }],
      tools: [WEATHER_TOOL],
      tool_choice: "required",
    });
    const final = await runner.finalChatCompletion();
    const call = final.choices[0]?.message.tool_calls?.[0];
    expect(final.choices[0]?.finish_reason).toBe("tool_calls");
    expect(call?.type === "function" && call.function.name).toBe("get_weather");
    expect(JSON.parse(call?.type === "function" ? call.function.arguments : "")).toHaveProperty("city");
  });

  test("completions and embeddings", async () => {
    const completion = await openai.completions.create({ model: SMALL, prompt: "Once upon", max_tokens: 8 });
    expect(completion.choices[0]?.text.length).toBeGreaterThan(0);
    const embeddings = await openai.embeddings.create({ model: "BAAI/bge-m3", input: ["a", "b"] });
    expect(embeddings.data).toHaveLength(2);
    expect(embeddings.model).toBe("BAAI/bge-m3");
  });

  test("models are listed and retrieved, with a slash in their names", async () => {
    const list = await openai.models.list();
    expect(list.data.map((model) => model.id)).toContain(SMALL);
    expect((await openai.models.retrieve(SMALL)).id).toBe(SMALL);
  });
});

describe("errors map to the client's classes", () => {
  const keyless = new OpenAI({ apiKey: "inf_wrong", baseURL: router.openai, maxRetries: 0 });

  test("a bad key is an AuthenticationError", async () => {
    const failing = keyless.chat.completions.create({ model: SMALL, messages });
    await expect(failing).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  test("a bad value is a BadRequestError that names its parameter", async () => {
    const failing = plain.chat.completions.create({ model: SMALL, messages, temperature: 3 });
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, param: "temperature", code: "invalid_value" });
    expect((error as InstanceType<typeof OpenAI.APIError>).requestID).toMatch(/^req_/);
  });

  test("an unknown model is a NotFoundError", async () => {
    const failing = plain.chat.completions.create({ model: "nobody/nothing", messages });
    await expect(failing).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("a missing scope is a PermissionDeniedError", async () => {
    const management = new OpenAI({ apiKey: router.apiKey, baseURL: router.inferbase, maxRetries: 0 });
    const failing = management.post("/keys", { body: { name: "no" } });
    await expect(failing).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
  });
});
