import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { SMALL, sharedRouter, WEATHER_TOOL } from "../../support/router.ts";

const router = sharedRouter();
const configuration = { baseURL: router.inferbase };

function chat(model: string, more: object = {}) {
  return new ChatOpenAI({
    model,
    apiKey: router.apiKey,
    configuration,
    maxTokens: 20,
    maxRetries: 0,
    ...more,
  });
}

/** LangChain's own type of this field depends on a type parameter that ChatOpenAI leaves open. */
function outputTokensOf(message: object): number {
  const { usage_metadata: usage } = message as { usage_metadata?: { output_tokens: number } };
  return usage?.output_tokens ?? 0;
}

describe("@langchain/openai", () => {
  test.each(["auto", SMALL])("invoke with %s", async (model) => {
    const answer = await chat(model).invoke([new HumanMessage("Write a Python function to sort a list")]);
    expect(String(answer.content).length).toBeGreaterThan(0);
    expect(outputTokensOf(answer)).toBeGreaterThan(0);
  });

  test.each([true, false])("stream from auto with usage %s", async (streamUsage) => {
    let text = "";
    let outputTokens = 0;
    for await (const chunk of await chat("auto", { streamUsage }).stream("Tell me a story")) {
      text += String(chunk.content);
      outputTokens += outputTokensOf(chunk);
    }
    expect(text.length).toBeGreaterThan(0);
    expect(outputTokens > 0).toBe(streamUsage);
  });

  test("tools", async () => {
    const bound = chat(SMALL, { maxTokens: 200 }).bindTools([WEATHER_TOOL], { tool_choice: "required" });
    const answer = await bound.invoke("What is the weather in Paris?");
    expect(answer.tool_calls?.[0]).toMatchObject({ name: "get_weather", args: { city: expect.any(String) } });
  });

  test("embeddings", async () => {
    const embeddings = new OpenAIEmbeddings({ model: "BAAI/bge-m3", apiKey: router.apiKey, configuration });
    const [first] = await embeddings.embedDocuments(["hello"]);
    expect(first?.length).toBeGreaterThan(10);
  });

  test("a wrong key is refused with 401", async () => {
    const failing = chat(SMALL, { apiKey: "inf_wrong" }).invoke("hello");
    await expect(failing).rejects.toMatchObject({ status: 401 });
  });
});
