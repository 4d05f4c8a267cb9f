import { describe, expect, it } from "vitest";
import { chooseTool, readToolWish } from "../../sim/tool-choice.ts";

const tool = (name: string, description: string, parameters = {}) => ({
  type: "function",
  function: { name, description, parameters },
});
const TOOLS = [
  tool("send_mail", "Sends a letter by electronic post"),
  tool("get_weather", "Current conditions", {
    type: "object",
    properties: {
      city: { type: "string" },
      unit: { enum: ["kelvin", "celsius"] },
      days: { type: "integer", maximum: 9 },
    },
  }),
];

function called(body: Record<string, unknown>, ask: string) {
  const wish = readToolWish({ tools: TOOLS, ...body });
  if (!wish.ok) throw new Error("refused");
  return chooseTool(wish.value, ask, "key");
}

describe("a model that may choose", () => {
  it("calls the tool that is plainly asked for, by name or description", () => {
    expect(called({}, "How is the weather in Paris?")?.name).toBe("get_weather");
    expect(called({ tool_choice: "auto" }, "Please put this letter in the electronic post")?.name).toBe(
      "send_mail",
    );
  });

  it("answers in words otherwise", () => {
    expect(called({}, "Get me a poem about current affairs")).toBeNull();
    expect(called({ tool_choice: "none" }, "How is the weather in Paris?")).toBeNull();
    expect(called({ tools: [] }, "How is the weather in Paris?")).toBeNull();
  });

  it("takes arguments from what was said", () => {
    const call = called({}, "The weather in São Paulo for 3 days, in celsius");
    expect(JSON.parse(call?.arguments ?? "")).toEqual({ city: "São Paulo", unit: "celsius", days: 3 });
  });
});

describe("a model that must call", () => {
  it("calls the likeliest, or the one named", () => {
    expect(called({ tool_choice: "required" }, "Hello")?.name).toBe("send_mail");
    const named = { type: "function", function: { name: "get_weather" } };
    expect(called({ tool_choice: named }, "Hello")?.name).toBe("get_weather");
  });

  it("is refused without tools, or with a name that is none of them", () => {
    expect(readToolWish({ tool_choice: "required" }).ok).toBe(false);
    expect(
      readToolWish({ tools: TOOLS, tool_choice: { type: "function", function: { name: "x" } } }).ok,
    ).toBe(false);
  });
});
