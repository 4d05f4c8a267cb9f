import { describe, expect, it } from "vitest";
import * as z from "zod";
import { chatRequest, completionsRequest, embeddingsRequest } from "../../src/dialects/openai-schema.ts";

const shown = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input" });

describe("the schemas can be shown to callers", () => {
  it("with what a chat request must hold, and the forms of its content", () => {
    const schema = shown(chatRequest);
    expect(schema.required).toEqual(["model", "messages"]);
    const content = { anyOf: [{ type: "string" }, { type: "array" }] };
    const system = { properties: { content }, required: ["role", "content"] };
    expect(schema).toMatchObject({ properties: { messages: { items: { oneOf: expect.any(Array) } } } });
    expect(JSON.parse(JSON.stringify(schema)).properties.messages.items.oneOf[0]).toMatchObject(system);
  });

  it("with what the others must hold", () => {
    expect(shown(completionsRequest)).toMatchObject({
      required: ["model", "prompt"],
      properties: { prompt: { anyOf: [{ type: "string" }, { type: "array" }] } },
    });
    expect(shown(embeddingsRequest)).toMatchObject({ required: ["model", "input"] });
  });
});
