import { describe, expect, it } from "vitest";
import { sseParser } from "../../../src/lib/sse.ts";
import type { Call } from "../../../src/origins/kinds/kind.ts";
import { openaiCompatible } from "../../../src/origins/kinds/openai-compatible.ts";
import { sampleInference, sampleTarget } from "../../domain/sample-target.ts";
import { STREAMS } from "../../fixtures/stream-fixtures.ts";

const { readFrame, readWhole, readProbe, toProbe, toRequest } = openaiCompatible;

function framesOf(stream: keyof typeof STREAMS) {
  const parser = sseParser(1_000_000);
  const bytes = new TextEncoder().encode(STREAMS[stream]);
  return [...parser.push(bytes), ...parser.end()].map(readFrame);
}

const kindsOf = (stream: keyof typeof STREAMS) => framesOf(stream).map((frame) => frame.kind);
const read = (value: unknown) => readFrame(JSON.stringify(value));
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
    const { text, kind } = readFrame(pretty);
    expect(kind).toBe("content");
    expect(text).not.toContain("\n");
    expect(JSON.parse(text)).toEqual(delta({ content: "two\nlines" }));
  });

  it("with an empty role gets one, however it is spaced, and content that speaks of roles stays", () => {
    const { text } = readFrame('{"choices":[{"delta":{"role" : "","content":"\\"role\\":\\"\\""}}]}');
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
    const frame = readFrame(data);
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
    for (const data of ["[DONE]", " [DONE] "]) expect(readFrame(data).kind).toBe("done");
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
    const { usage } = readFrame('{"choices":[],"usage":{"prompt_tokens":1e999,"completion_tokens":2}}');
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

describe("a whole answer", () => {
  const CHOICE = { index: 0, message: { role: "assistant", content: "x".repeat(9) }, finish_reason: "stop" };

  it("is its text, its usage, and a guess for where there is none", () => {
    const text = JSON.stringify({ choices: [CHOICE], usage: { prompt_tokens: 1, completion_tokens: 2 } });
    expect(readWhole(text, "openai-chat")).toMatchObject({
      kind: "whole",
      text,
      usage: { inputTokens: 1, outputTokens: 2 },
      guessedOutputTokens: 3,
    });
    const bare = JSON.stringify({
      choices: [CHOICE, { text: "abc" }, { message: { content: null } }],
      error: null,
    });
    expect(readWhole(bare, "openai-chat")).toMatchObject({
      kind: "whole",
      usage: null,
      guessedOutputTokens: 3,
    });
  });

  it("is guessed by all that was written, its tool calls and reasoning too", () => {
    const tool_calls = [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }];
    const message = { role: "assistant", content: null, reasoning: "x".repeat(8), tool_calls, refusal: null };
    const text = JSON.stringify({ choices: [{ message }, { message: { content: "", tool_calls: [] } }] });
    const characters = 8 + JSON.stringify(tool_calls).length;
    expect(readWhole(text, "openai-chat")).toMatchObject({ guessedOutputTokens: Math.ceil(characters / 4) });
  });

  it("of embeddings is a list of them", () => {
    expect(readWhole('{"object":"list","data":[{"embedding":[0.1]}]}', "openai-embeddings")).toMatchObject({
      kind: "whole",
    });
    expect(readWhole('{"choices":[]}', "openai-embeddings")).toMatchObject({ code: "upstream_disconnected" });
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
    const failure = readWhole(text, "openai-chat");
    expect(failure).toMatchObject({ code: "upstream_disconnected", isRetryable: true });
    expect(JSON.stringify(failure)).not.toContain("CANARY");
  });
});

describe("a request", () => {
  const call = (fields: Partial<Call> = {}): Call => ({
    target: sampleTarget(),
    inference: sampleInference(),
    maxOutputTokens: 100,
    secret: null,
    requestId: "req_1",
    traceparent: null,
    ...fields,
  });
  const sent = (fields: Partial<Call> = {}) => {
    const { url, init } = toRequest(call(fields));
    return { url, body: JSON.parse(String(init.body)), headers: new Headers(init.headers), init };
  };

  it("goes to the wire's own path, asks for the origin's own name, and follows no redirect", () => {
    const { url, body, init } = sent();
    expect(url).toBe("http://origin.invalid/v1/chat/completions");
    expect(body.model).toBe("qwen3-14b");
    expect([init.method, init.redirect]).toEqual(["POST", "manual"]);
    expect(sent({ inference: sampleInference({ wire: "openai-completions" }) }).url).toMatch(
      /v1\/completions$/,
    );
    expect(sent({ inference: sampleInference({ wire: "openai-embeddings" }) }).url).toMatch(
      /v1\/embeddings$/,
    );
  });

  it("sets the limit that is paid, under the name the caller used and under any other it gave", () => {
    expect(sent().body.max_tokens).toBe(100);
    const both = { model: "m", max_tokens: 5_000, max_completion_tokens: 900 };
    const inference = sampleInference({ outputLimitField: "max_completion_tokens", body: both });
    expect(sent({ inference }).body).toMatchObject({ max_tokens: 100, max_completion_tokens: 100 });
    expect(sent({ maxOutputTokens: null }).body.max_tokens).toBeUndefined();
  });

  it("asks for usage whatever the caller asked for, and keeps the caller's other options", () => {
    const body = { model: "m", stream: true, stream_options: { include_usage: false, x: 1 } };
    expect(sent({ inference: sampleInference({ body }) }).body.stream_options).toEqual({
      include_usage: true,
      x: 1,
    });
    expect(sent({ inference: sampleInference({ stream: false, body: { model: "m" } }) }).body).toEqual({
      model: "qwen3-14b",
      max_tokens: 100,
    });
  });

  it("changes nothing of what it was given, so that a retry begins afresh", () => {
    const inference = sampleInference();
    const before = structuredClone(inference);
    toRequest(call({ inference }));
    expect(inference).toEqual(before);
  });

  it("bears our secret and nothing of the caller's but the trace", () => {
    const { headers } = sent({ secret: "s3cret", traceparent: "00-ab-cd-01" });
    expect(Object.fromEntries(headers)).toEqual({
      accept: "text/event-stream",
      authorization: "Bearer s3cret",
      "content-type": "application/json",
      traceparent: "00-ab-cd-01",
      "x-request-id": "req_1",
    });
    expect([...sent().headers.keys()]).not.toContain("authorization");
  });

  it("keeps names that mean something to JavaScript as plain members", () => {
    const body = JSON.parse('{"model":"m","__proto__":{"a":1},"constructor":2}');
    const { init } = toRequest(call({ inference: sampleInference({ body, stream: false }) }));
    expect(init.body).toBe('{"model":"qwen3-14b","__proto__":{"a":1},"constructor":2,"max_tokens":100}');
  });

  it("replaces lone surrogates, which are no text, and nothing that looks like them", () => {
    const texts = ["\ud800", "a\udfffb", "\ud800\ud800\udc00", "\\ud800", "\\\ud800", "😀", "\u0000\u2028"];
    const body = { model: "m", texts, "\udbff": 1 };
    const { init } = toRequest(call({ inference: sampleInference({ body, stream: false }) }));
    const replaced = [
      "\ufffd",
      "a\ufffdb",
      "\ufffd\ud800\udc00",
      "\\ud800",
      "\\\ufffd",
      "😀",
      "\u0000\u2028",
    ];
    expect(JSON.parse(String(init.body))).toEqual({
      model: "qwen3-14b",
      texts: replaced,
      "\ufffd": 1,
      max_tokens: 100,
    });
    expect(String(init.body).isWellFormed()).toBe(true);
  });
});

describe("a probe", () => {
  const answer = (status: number, text: string) => ({ status, headers: new Headers(), text });
  const LIST = '{"object":"list","data":[{"id":"other"},{"id":"qwen3-14b"}]}';

  it("asks for the list of models, with the secret where there is one", () => {
    const { url, init } = toProbe(sampleTarget(), "s3cret");
    expect(url).toBe("http://origin.invalid/v1/models");
    expect(new Headers(init.headers).get("authorization")).toBe("Bearer s3cret");
    expect(init.redirect).toBe("manual");
  });

  it.each([
    [200, LIST, "ready"],
    [200, '{"data":[{"id":"other"}]}', "unavailable"],
    [200, "<html>", "unavailable"],
    [200, '{"data":[null,5]}', "unavailable"],
    [503, "", "loading"],
    [500, LIST, "unavailable"],
    [302, LIST, "unavailable"],
  ])("answered %d %s is %s", (status, text, readiness) => {
    expect(readProbe(sampleTarget(), answer(status, text))).toBe(readiness);
  });
});
