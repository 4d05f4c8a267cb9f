import { describe, expect, it } from "vitest";
import { readOpenaiWhole } from "../../../src/origins/kinds/openai-whole.ts";

describe("a whole answer", () => {
  const CHOICE = { index: 0, message: { role: "assistant", content: "x".repeat(9) }, finish_reason: "stop" };

  it("is its text, its usage, and a guess for where there is none", () => {
    const text = JSON.stringify({ choices: [CHOICE], usage: { prompt_tokens: 1, completion_tokens: 2 } });
    expect(readOpenaiWhole(text, "openai-chat")).toMatchObject({
      kind: "whole",
      text,
      usage: { inputTokens: 1, outputTokens: 2 },
      guessedOutputTokens: 3,
    });
    const bare = JSON.stringify({
      choices: [CHOICE, { text: "abc" }, { message: { content: null } }],
      error: null,
    });
    expect(readOpenaiWhole(bare, "openai-chat")).toMatchObject({
      kind: "whole",
      usage: null,
      guessedOutputTokens: 3,
    });
  });

  it("counts the choices that came to their end", () => {
    const finished = (...reasons: readonly unknown[]) =>
      readOpenaiWhole(
        JSON.stringify({ choices: reasons.map((finish_reason) => ({ ...CHOICE, finish_reason })) }),
        "openai-chat",
      );
    expect(finished("stop", "length")).toMatchObject({ finishedChoices: 2 });
    expect(finished("stop", null, "", undefined, 1)).toMatchObject({ finishedChoices: 1 });
  });

  it("is guessed by all that was written, its tool calls and reasoning too", () => {
    const tool_calls = [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }];
    const message = { role: "assistant", content: null, reasoning: "x".repeat(8), tool_calls, refusal: null };
    const text = JSON.stringify({ choices: [{ message }, { message: { content: "", tool_calls: [] } }] });
    const characters = 8 + JSON.stringify(tool_calls).length;
    expect(readOpenaiWhole(text, "openai-chat")).toMatchObject({
      guessedOutputTokens: Math.ceil(characters / 4),
    });
  });

  it("of embeddings is a list of them", () => {
    expect(
      readOpenaiWhole('{"object":"list","data":[{"embedding":[0.1]}]}', "openai-embeddings"),
    ).toMatchObject({
      kind: "whole",
    });
    expect(readOpenaiWhole('{"choices":[]}', "openai-embeddings")).toMatchObject({
      code: "upstream_disconnected",
    });
  });

  it.each([
    "",
    "<html>CANARY</html>",
    "null",
    "[]",
    '"CANARY"',
    "{}",
    '{"error":"CANARY"}',
    '{"choices":null}',
  ])("of %j is a failure, in our words", (text) => {
    const failure = readOpenaiWhole(text, "openai-chat");
    expect(failure).toMatchObject({ code: "upstream_disconnected", isRetryable: true });
    expect(JSON.stringify(failure)).not.toContain("CANARY");
  });
});
