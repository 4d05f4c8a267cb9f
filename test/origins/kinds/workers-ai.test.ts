import { describe, expect, it } from "vitest";
import type { Inference } from "../../../src/domain/inference.ts";
import type { Call, Whole } from "../../../src/origins/kinds/kind.ts";
import { workersAi } from "../../../src/origins/kinds/workers-ai.ts";
import { sampleInference, sampleTarget } from "../../domain/sample-target.ts";
import {
  embeddingsCall,
  goodAnswer,
  media,
  NOW_S,
  sampleCall,
  taskCall,
  taskRequest,
  wholeCall,
} from "./sample-call.ts";

const LLAMA = "@cf/meta/llama-3.1-8b-instruct";
const at = (servedAs: string) => ({
  target: { ...sampleTarget({ origin: { kind: "workers-ai" } }), servedAs },
});
const inputsOf = (call: Call) => workersAi.toRequest(call).workersAi?.inputs;
const chatOf = (body: object, more: Partial<Inference> = {}) =>
  sampleCall({ ...at(LLAMA), inference: sampleInference({ body: { ...body }, ...more }) });

describe("a chat", () => {
  it("is asked with the limit under the name that models know, and with a stream only where one is wanted", () => {
    const body = { model: "ours", messages: [], max_completion_tokens: 5, stream: true, top_k: 3 };
    expect(inputsOf(chatOf(body, { outputLimitField: "max_completion_tokens" }))).toEqual({
      messages: [],
      top_k: 3,
      max_tokens: 100,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(inputsOf(wholeCall({}, at(LLAMA)))).not.toHaveProperty("stream");
  });

  it("has plain texts for contents wherever they can be", () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } };
    const parts = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    const messages = [
      { role: "user", content: parts },
      { role: "assistant", content: null, tool_calls: [{ id: "c" }] },
      { role: "user", content: [...parts, image] },
    ];
    expect(inputsOf(chatOf({ messages }))?.messages).toEqual([
      { role: "user", content: "ab" },
      { role: "assistant", content: "", tool_calls: [{ id: "c" }] },
      { role: "user", content: [...parts, image] },
    ]);
  });

  it("without a template is a completion", () => {
    const call = chatOf({ prompt: "Once" }, { wire: "openai-completions" });
    expect(inputsOf(call)).toMatchObject({ prompt: "Once", raw: true });
    expect(inputsOf(call)).not.toHaveProperty("messages");
  });

  it.each([
    ["several answers", chatOf({ n: 2 }, { answers: 2, choices: 2 })],
    ["log probabilities", chatOf({ logprobs: true })],
    ["tokens to go on from", chatOf({ prompt: [[1]] }, { wire: "openai-completions" })],
    ["shortened vectors", embeddingsCall({ input: "a", dimensions: 64 }, at("@cf/baai/bge-m3"))],
  ])("of %s is refused, for another kind to answer", (_, call) => {
    expect(workersAi.refusalOf(call)).toMatchObject({
      code: "invalid_value",
      isRetryable: true,
      status: null,
    });
  });
});

describe("a whole answer of text", () => {
  const read = (body: unknown, call = wholeCall({}, at(LLAMA))) =>
    workersAi.readWhole(goodAnswer(body), call);
  const parsed = (body: unknown, call?: Call) => JSON.parse((read(body, call) as Whole).text);
  const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };

  it("in the models' own wire becomes OpenAI's, with its counts", () => {
    expect(parsed({ response: "Hello", usage })).toMatchObject({
      object: "chat.completion",
      created: NOW_S,
      choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
      usage,
    });
    expect(read({ response: "Hello", usage })).toMatchObject({ usage: { inputTokens: 9, outputTokens: 2 } });
    expect(read({ response: "x".repeat(9) })).toMatchObject({ usage: null, guessedOutputTokens: 3 });
  });

  it("may be an object, asked for JSON, and calls of tools alone", () => {
    expect(parsed({ response: { a: 1 } }).choices[0].message.content).toBe('{"a":1}');
    const tools = parsed({ response: null, tool_calls: [{ name: "f", arguments: { x: 1 } }] }).choices[0];
    expect(tools).toMatchObject({
      message: {
        content: null,
        tool_calls: [{ id: "call_req_1_0", type: "function", function: { name: "f", arguments: '{"x":1}' } }],
      },
      finish_reason: "tool_calls",
    });
  });

  it("in OpenAI's wire goes on byte for byte", () => {
    const answer = { id: "x", choices: [{ message: { content: "a", extra: 1 } }], usage };
    expect(read(answer)).toMatchObject({ text: JSON.stringify(answer) });
  });

  it("of nothing said is none", () => {
    for (const nothing of [{}, { response: null }, { usage }]) {
      expect(read(nothing)).toMatchObject({ code: "upstream_disconnected" });
    }
  });
});

describe("media", () => {
  const image = media([1, 2, 255], "image/png");
  const sound = media([1, 2, 255], "audio/wav");

  it("are numbers for the older models, base64 for the newer", () => {
    const classify = taskCall(taskRequest("image-classification", image), at("@cf/microsoft/resnet-50"));
    expect(inputsOf(classify)).toEqual({ image: [1, 2, 255] });
    const speech = taskRequest("automatic-speech-recognition", sound);
    expect(inputsOf(taskCall(speech, at("@cf/openai/whisper")))).toEqual({ audio: [1, 2, 255] });
    expect(inputsOf(taskCall(speech, at("@cf/openai/whisper-large-v3-turbo")))).toEqual({ audio: "AQL/" });
  });

  it("beyond what an isolate can hold in that form are refused", () => {
    const big = { kind: "media", bytes: new Uint8Array(3 * 1024 * 1024), type: "audio/wav" } as const;
    const speech = taskRequest("automatic-speech-recognition", big);
    expect(workersAi.refusalOf(taskCall(speech, at("@cf/openai/whisper")))).toMatchObject({
      isRetryable: true,
    });
    expect(workersAi.refusalOf(taskCall(speech, at("@cf/openai/whisper-large-v3-turbo")))).toBeNull();
  });

  it("to be painted are asked for in its own words", () => {
    const parameters = { num_inference_steps: 4, guidance_scale: 7.5, negative_prompt: "cats", width: 32 };
    const call = taskCall(taskRequest("text-to-image", "a dog", { parameters }), at("@cf/x/sdxl"));
    expect(inputsOf(call)).toEqual({
      prompt: "a dog",
      num_steps: 4,
      guidance: 7.5,
      negative_prompt: "cats",
      width: 32,
    });
  });
});

describe("labels", () => {
  it("are as many as were asked for, though the models know no such number", () => {
    const labels = [
      { label: "A", score: 0.1 },
      { label: "B", score: 0.9 },
    ];
    const call = taskCall(taskRequest("text-classification", "a", { parameters: { top_k: 1 } }));
    const whole = workersAi.readWhole(goodAnswer(labels), call) as Whole;
    expect(JSON.parse(whole.text).outputs).toEqual([[labels[1]]]);
  });
});

it("goes through the binding, whatever the URL says, and asks it nothing for a probe", () => {
  const { workersAi: call } = workersAi.toRequest(wholeCall({}, at(LLAMA)));
  expect(call?.model).toBe(LLAMA);
  expect(workersAi.toProbe(at(LLAMA).target, null).workersAi).toEqual({ model: LLAMA, inputs: null });
});
