import { describe, expect, it } from "vitest";
import { sseParser } from "../../../src/lib/sse.ts";
import { readOpenaiFrame } from "../../../src/origins/kinds/openai-frame.ts";
import { STREAMS } from "../../fixtures/stream-fixtures.ts";

function framesOf(stream: keyof typeof STREAMS) {
  const parser = sseParser(1_000_000);
  const bytes = new TextEncoder().encode(STREAMS[stream]);
  return [...parser.push(bytes), ...parser.end()].map(readOpenaiFrame);
}

const kindsOf = (stream: keyof typeof STREAMS) => framesOf(stream).map((frame) => frame.kind);
const read = (value: unknown) => readOpenaiFrame(JSON.stringify(value));
const delta = (fields: object) => ({ choices: [{ index: 0, delta: fields, finish_reason: null }] });

describe("the frames of vLLM", () => {
  it("are content, usage in a frame of its own, and [DONE]", () => {
    expect(kindsOf("vllm-chat")).toEqual(["content", "content", "content", "content", "usage", "done"]);
    const frames = framesOf("vllm-chat");
    expect(frames.map((frame) => frame.hasContent)).toEqual([false, true, true, false, false, false]);
    expect(frames.map((frame) => frame.finishedChoices)).toEqual([0, 0, 0, 1, 0, 0]);
    expect(frames[4]?.usage).toEqual({
      inputTokens: 11,
      cachedInputTokens: 4,
      outputTokens: 7,
      gpuMs: 0,
    });
    expect(frames[0]?.createdS).toBe(1_712_345_678);
  });

  it("keep their text byte for byte: reasoning, emoji, logprobs", () => {
    const texts = framesOf("vllm-chat").map((frame) => frame.text);
    const sent = STREAMS["vllm-chat"].split("\n\n").map((event) => event.slice("data: ".length));
    expect(texts.slice(0, 5)).toEqual(sent.slice(0, 5));
  });

  it("count pieces of tool calls as content and finish with tool_calls", () => {
    const frames = framesOf("vllm-tools");
    expect(frames.map((frame) => frame.hasContent)).toEqual([false, true, true, false, false, false]);
    expect(frames[3]?.finishedChoices).toBe(1);
    expect(frames[2]?.text).toContain(String.raw`{\"role\":\"\",\"model\":\"x\"}`);
  });

  it("of completions hold text", () => {
    const frames = framesOf("vllm-completions");
    expect(frames.map((frame) => frame.hasContent)).toEqual([true, true, false, false]);
    expect(frames.map((frame) => frame.usage?.outputTokens ?? null)).toEqual([null, null, 3, null]);
  });
});

describe("the frames of TGI", () => {
  it("have usage beside the finish reason, chunks without one, no [DONE] and a comment", () => {
    const frames = framesOf("tgi-chat");
    expect(frames.map((frame) => frame.kind)).toEqual(["content", "content", "content"]);
    expect(frames.map((frame) => frame.finishedChoices)).toEqual([0, 0, 1]);
    expect(frames.map((frame) => frame.usage?.outputTokens ?? null)).toEqual([null, null, 2]);
  });

  it("get a role where theirs is empty, and nothing else is touched", () => {
    const [frame] = framesOf("tgi-chat");
    const [sent] = STREAMS["tgi-chat"].split("\n\n");
    expect(frame?.text).toBe(sent?.slice("data:".length).replace('"role":""', '"role":"assistant"'));
  });
});

describe("the frames of llama.cpp", () => {
  it("begin with null content and end with usage beside the reason", () => {
    const frames = framesOf("llama-cpp-chat");
    expect(frames.map((frame) => frame.kind)).toEqual(["content", "content", "content", "done"]);
    expect(frames.map((frame) => frame.hasContent)).toEqual([false, true, false, false]);
    expect(frames[2]).toMatchObject({ finishedChoices: 1, usage: { inputTokens: 9, outputTokens: 1 } });
  });
});

describe("a frame", () => {
  it.each([
    ["null", { choices: null }],
    ["missing", { id: "x" }],
    ["empty", { choices: [] }],
    ["of another type", { choices: {} }],
  ])("whose choices are %s is for nobody's eyes", (_, value) => {
    expect(read(value)).toMatchObject({ kind: "usage", usage: null, hasContent: false, failure: null });
  });

  it("written over several lines becomes one", () => {
    const pretty = JSON.stringify(delta({ content: "two\nlines" }), null, 2);
    const { text, kind } = readOpenaiFrame(pretty);
    expect(kind).toBe("content");
    expect(text).not.toContain("\n");
    expect(JSON.parse(text)).toEqual(delta({ content: "two\nlines" }));
  });

  it("with an empty role gets one, however it is spaced, and content that speaks of roles stays", () => {
    const { text } = readOpenaiFrame('{"choices":[{"delta":{"role" : "","content":"\\"role\\":\\"\\""}}]}');
    expect(text).toBe('{"choices":[{"delta":{"role":"assistant","content":"\\"role\\":\\"\\""}}]}');
  });

  it.each([
    [{ content: "x" }, true],
    [{ role: "assistant", content: "x" }, true],
    [{ reasoning: "x" }, true],
    [{ refusal: "x" }, true],
    [{ tool_calls: [{ index: 0 }] }, true],
    [{ audio: { id: "a" } }, true],
    [{ role: "assistant" }, false],
    [{ role: "assistant", content: "", tool_calls: [], refusal: null }, false],
    [{}, false],
  ])("with %j has content: %s", (fields, hasContent) => {
    expect(read(delta(fields)).hasContent).toBe(hasContent);
  });

  it("counts the choices that end in it", () => {
    const ended = { index: 0, delta: {}, finish_reason: "stop" };
    expect(read({ choices: [ended, { ...ended, index: 1, finish_reason: "length" }] }).finishedChoices).toBe(
      2,
    );
    expect(read({ choices: [{ ...ended, finish_reason: null }, { delta: {} }] }).finishedChoices).toBe(0);
  });

  it("does not end with an empty reason, which some servers send with every frame", () => {
    expect(read({ choices: [{ delta: { content: "x" }, finish_reason: "" }] }).finishedChoices).toBe(0);
  });

  it.each([
    ["not JSON", "<html>busy</html>"],
    ["half of JSON", '{"choices":['],
    ["an error", '{"error":{"message":"CANARY","code":500}}'],
    ["an error in one word", '{"error":"CANARY"}'],
    ["an error beside choices", '{"choices":[],"error":{"message":"CANARY"}}'],
  ])("that is %s fails, in our words", (_, data) => {
    const frame = readOpenaiFrame(data);
    expect(frame).toMatchObject({
      kind: "failed",
      failure: { code: "upstream_disconnected", isRetryable: true },
    });
    expect(JSON.stringify(frame)).not.toMatch(/CANARY|busy/);
  });

  it("with an error of null is as good as any", () => {
    expect(read({ ...delta({ content: "x" }), error: null }).kind).toBe("content");
  });

  it("ends the answer when it says [DONE], with white space too", () => {
    for (const data of ["[DONE]", " [DONE] "]) expect(readOpenaiFrame(data).kind).toBe("done");
  });
});

describe("usage", () => {
  const usageOf = (usage: unknown) => read({ choices: [], usage }).usage;

  it.each([null, undefined, "many", 5, [], {}, { total_tokens: 5 }, { prompt_tokens: "5" }])(
    "of %j is none: the answer is not free for that",
    (usage) => expect(usageOf(usage)).toBeNull(),
  );

  it.each([-5, 1.5, Number.MAX_VALUE, "7", null, [], undefined])(
    "takes %j for no count, rather than for a count of nothing",
    (count) => {
      const counts = (fields: object) => usageOf({ prompt_tokens: 3, completion_tokens: 4, ...fields });
      expect(counts({ prompt_tokens: count })).toMatchObject({ inputTokens: null, outputTokens: 4 });
      expect(counts({ completion_tokens: count })).toMatchObject({ inputTokens: 3, outputTokens: null });
      expect(counts({ prompt_tokens: count, completion_tokens: count })).toBeNull();
    },
  );

  it("takes a number beyond all numbers for no count", () => {
    const { usage } = readOpenaiFrame('{"choices":[],"usage":{"prompt_tokens":1e999,"completion_tokens":2}}');
    expect(usage).toMatchObject({ inputTokens: null, outputTokens: 2 });
  });

  it("has no more cached tokens than tokens", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } };
    expect(usageOf(usage)).toMatchObject({ inputTokens: 3, cachedInputTokens: 3 });
    expect(usageOf({ ...usage, prompt_tokens: "3" })).toMatchObject({ cachedInputTokens: 0 });
  });

  it("of embeddings has no output", () => {
    expect(usageOf({ prompt_tokens: 8, total_tokens: 8 })).toMatchObject({
      inputTokens: 8,
      outputTokens: null,
    });
  });

  it("tells GPU time", () => {
    expect(usageOf({ prompt_tokens: 1, completion_tokens: 1, gpu_ms: 120 })?.gpuMs).toBe(120);
  });
});

describe("what single hosts do", () => {
  it("Groq counts beside its own id", () => {
    const ended = {
      ...delta({}),
      x_groq: { id: "req_x", usage: { prompt_tokens: 3, completion_tokens: 2 } },
    };
    expect(read(ended)).toMatchObject({ kind: "content", usage: { inputTokens: 3, outputTokens: 2 } });
  });

  it("Google reports errors within a list", () => {
    expect(read([{ error: { code: 503, message: "CANARY", status: "UNAVAILABLE" } }])).toMatchObject({
      kind: "failed",
    });
  });

  it("OpenRouter ends a stream that failed with an error beside a last choice", () => {
    const choice = { index: 0, delta: { content: "" }, finish_reason: "error" };
    const event = { id: "gen-1", choices: [choice], error: { code: 502, message: "CANARY" } };
    expect(read(event)).toMatchObject({ kind: "failed", failure: { isRetryable: true } });
  });
});

describe("the plain words of a frame", () => {
  it.each([
    [{ content: "x" }, { text: "x", reasoning: "" }],
    [
      { role: "assistant", content: "x", refusal: null, tool_calls: [] },
      { text: "x", reasoning: "" },
    ],
    [{ reasoning: "x" }, { text: "", reasoning: "x" }],
    [
      { reasoning_content: "x", reasoning: "x" },
      { text: "", reasoning: "x" },
    ],
    [
      { reasoning: "x", content: "y" },
      { text: "y", reasoning: "x" },
    ],
    [{ role: "assistant", content: "", reasoning_content: "" }, null],
    [{ content: "x", tool_calls: [{ index: 0 }] }, null],
    [{ content: "x", refusal: "y" }, null],
    [{ content: [{ type: "text", text: "x" }] }, null],
    [{ content: "x", audio: { id: "a" } }, null],
  ])("%j → %j", (fields, said) => {
    expect(read(delta(fields)).said).toEqual(said);
  });

  it("are those of an only choice of a chat", () => {
    const choice = { index: 0, delta: { content: "x" } };
    expect(read({ choices: [choice, { ...choice, index: 1 }] }).said).toBeNull();
    expect(read({ choices: [{ index: 0, text: "x" }] }).said).toBeNull();
  });
});
