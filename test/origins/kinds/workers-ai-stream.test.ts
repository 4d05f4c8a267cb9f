import { describe, expect, it } from "vitest";
import type { Frame } from "../../../src/domain/frame.ts";
import type { Call } from "../../../src/origins/kinds/kind.ts";
import { workersAiFrameReader } from "../../../src/origins/kinds/workers-ai-stream.ts";
import { sampleInference } from "../../domain/sample-target.ts";
import { NOW_S, sampleCall } from "./sample-call.ts";

const USAGE = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };

function read(events: readonly (object | string)[], fields: Partial<Call> = {}): readonly Frame[] {
  const reader = workersAiFrameReader(sampleCall({ maxOutputTokens: 8, ...fields }), NOW_S);
  return events.map((event) => reader(typeof event === "string" ? event : JSON.stringify(event)));
}

const shown = (frames: readonly Frame[]) =>
  frames.filter((frame) => frame.kind === "content").map((frame) => JSON.parse(frame.text));
const NATIVE = [
  { response: "Hel", p: "abdef" },
  { response: "lo", p: "abdefghij" },
  { response: "", usage: USAGE, p: "ab" },
  "[DONE]",
];

describe("a stream in the models' own wire", () => {
  it("becomes OpenAI's: a role, pieces, and the finish that [DONE] stood for", () => {
    const frames = read(NATIVE);
    expect(frames.map((frame) => frame.kind)).toEqual(["content", "content", "usage", "content"]);
    expect(shown(frames).map((chunk) => chunk.choices[0])).toEqual([
      { index: 0, delta: { role: "assistant", content: "Hel" }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: "lo" }, logprobs: null, finish_reason: null },
      { index: 0, delta: {}, logprobs: null, finish_reason: "stop" },
    ]);
    expect(frames.map((frame) => frame.finishedChoices)).toEqual([0, 0, 0, 1]);
    expect(frames.map((frame) => frame.hasContent)).toEqual([true, true, false, false]);
    expect(frames.map((frame) => frame.said?.text ?? null)).toEqual(["Hel", "lo", null, null]);
    expect(frames[2]?.usage).toMatchObject({ inputTokens: 9, outputTokens: 2 });
  });

  it("shows its counts in a frame of their own, for those who asked for them", () => {
    const [, , counted] = read(NATIVE);
    expect(JSON.parse(counted?.text ?? "")).toMatchObject({ created: NOW_S, choices: [], usage: USAGE });
  });

  it("carries nothing of the padding against guessed lengths", () => {
    for (const { text } of read(NATIVE)) expect(text).not.toContain("abdef");
  });

  it("ends with length where the limit is used up", () => {
    expect(shown(read(NATIVE, { maxOutputTokens: 2 })).at(-1).choices[0].finish_reason).toBe("length");
  });

  it("ends once, however often it says so", () => {
    expect(read([...NATIVE, "[DONE]"]).at(-1)?.kind).toBe("done");
  });

  it("that breaks off has no finish: whoever reads on makes it an error", () => {
    expect(read(NATIVE.slice(0, 2)).reduce((sum, frame) => sum + frame.finishedChoices, 0)).toBe(0);
  });

  it.each([
    [7, "7"],
    [{ a: 1 }, '{"a":1}'],
  ])("says %j as text", (response, content) => {
    expect(shown(read([{ response }]))[0].choices[0].delta.content).toBe(content);
  });

  it("of a completion holds text", () => {
    const inference = sampleInference({ wire: "openai-completions", body: { prompt: "x" } });
    const chunks = shown(read(NATIVE, { inference }));
    expect(chunks.map((chunk) => chunk.object)).toEqual(Array(3).fill("text_completion"));
    expect(chunks.map((chunk) => chunk.choices[0].text)).toEqual(["Hel", "lo", ""]);
  });
});

describe("tool calls in the models' own wire", () => {
  const calls = [
    { response: null, tool_calls: [{ name: "a", arguments: { x: 1 } }] },
    { tool_calls: [{ id: "call_9", type: "function", function: { name: "b", arguments: "{}" } }] },
    "[DONE]",
  ];

  it("get an index and, where they have none, an id of the request", () => {
    const frames = read(calls);
    expect(shown(frames).map((chunk) => chunk.choices[0].delta.tool_calls?.[0] ?? null)).toEqual([
      { index: 0, id: "call_req_1_0", type: "function", function: { name: "a", arguments: '{"x":1}' } },
      { index: 1, id: "call_9", type: "function", function: { name: "b", arguments: "{}" } },
      null,
    ]);
    expect(shown(frames).at(-1).choices[0].finish_reason).toBe("tool_calls");
    expect(frames.map((frame) => frame.said)).toEqual([null, null, null]);
  });
});

describe("a stream in OpenAI's wire", () => {
  it("goes on byte for byte, its own finish and [DONE] too", () => {
    const delta = {
      id: "c",
      choices: [{ index: 0, delta: { reasoning_content: "Hm" }, finish_reason: null }],
    };
    const ended = { id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    const frames = read([delta, ended, { choices: [], usage: USAGE }, "[DONE]"]);
    expect(frames.map((frame) => frame.kind)).toEqual(["content", "content", "usage", "done"]);
    expect(frames[0]?.text).toBe(JSON.stringify(delta));
    expect(frames[1]?.finishedChoices).toBe(1);
    expect(frames[2]?.usage?.outputTokens).toBe(2);
  });
});

it.each([{ errors: [{ code: 3040, message: "CANARY" }] }, { error: "CANARY" }, "3040: CANARY"])(
  "an event of %j fails",
  (event) => {
    const [frame] = read([event]);
    expect(frame?.kind).toBe("failed");
    expect(JSON.stringify(frame)).not.toContain("CANARY");
  },
);
