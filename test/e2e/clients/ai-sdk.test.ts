import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, jsonSchema, streamText, type ToolSet, tool } from "ai";
import { describe, expect, test } from "vitest";
import { SMALL, sharedRouter } from "../../support/router.ts";

const router = sharedRouter();
const settings = { apiKey: router.apiKey, baseURL: router.inferbase };
const compatible = createOpenAICompatible({ name: "inferroute", includeUsage: true, ...settings });
const openai = createOpenAI(settings);
const weather = tool({
  description: "The weather of a city now",
  inputSchema: jsonSchema<{ city: string }>({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  }),
});
const prompt = "Write a Python function to sort a list";

describe.each([
  ["@ai-sdk/openai-compatible", (id: string) => compatible.chatModel(id)],
  ["@ai-sdk/openai", (id: string) => openai.chat(id)],
])("%s", (_name, modelOf) => {
  test.each(["auto", SMALL])("generateText with %s", async (id) => {
    const result = await generateText({ model: modelOf(id), prompt, maxOutputTokens: 20, maxRetries: 0 });
    expect(result.text.length).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBeGreaterThan(0);
  });

  test.each(["auto", SMALL])("streamText with %s", async (id) => {
    const result = streamText({ model: modelOf(id), prompt, maxOutputTokens: 20, maxRetries: 0 });
    let text = "";
    for await (const delta of result.textStream) text += delta;
    expect(text.length).toBeGreaterThan(0);
    expect(await result.finishReason).toMatch(/stop|length/);
    expect((await result.usage).outputTokens).toBeGreaterThan(0);
  });

  test("tools, whole and streamed", async () => {
    const call = {
      model: modelOf(SMALL),
      prompt: "What is the weather in Paris?",
      tools: { get_weather: weather } as unknown as ToolSet,
      toolChoice: "required" as const,
      maxRetries: 0,
    };
    const whole = await generateText(call);
    expect(whole.toolCalls[0]).toMatchObject({
      toolName: "get_weather",
      input: { city: expect.any(String) },
    });
    const streamed = streamText(call);
    await streamed.consumeStream();
    expect((await streamed.toolCalls)[0]).toMatchObject({ toolName: "get_weather" });
  });

  test("an error carries its status and is not retried when it is hopeless", async () => {
    const failing = generateText({ model: modelOf("nobody/nothing"), prompt, maxRetries: 0 });
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false });
  });
});
