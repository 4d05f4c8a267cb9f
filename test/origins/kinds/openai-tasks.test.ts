import { describe, expect, it } from "vitest";
import type { TaskRequest } from "../../../src/domain/task.ts";
import type { Whole } from "../../../src/origins/kinds/kind.ts";
import { openaiTask, readOpenaiTask } from "../../../src/origins/kinds/openai-tasks.ts";
import { media, taskRequest } from "./sample-call.ts";

const SPEECH = taskRequest("automatic-speech-recognition", media([1, 2], "audio/x-wav;codecs=1"));
const outputsOf = (value: unknown, request: TaskRequest) => {
  const whole = readOpenaiTask(value, request);
  return "kind" in whole ? JSON.parse(whole.text).outputs : whole.code;
};

describe("embeddings", () => {
  const request = taskRequest("embeddings", ["a", "b"]);

  it("are asked for as numbers", () => {
    const form = openaiTask(request, "bge");
    expect(form?.path).toBe("/embeddings");
    expect(JSON.parse(String(form?.body))).toEqual({
      model: "bge",
      input: ["a", "b"],
      encoding_format: "float",
    });
  });

  it("stand in the order of their texts, whatever order they come in", () => {
    const data = [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ];
    expect(outputsOf({ data }, request)).toEqual([[1], [2]]);
  });

  it.each([
    null,
    {},
    { data: [] },
    { data: [{ embedding: [1] }] },
    { data: [{ embedding: [1] }, { embedding: "AA" }] },
  ])("are none in %j", (value) => expect(outputsOf(value, request)).toBe("upstream_disconnected"));
});

describe("a transcription", () => {
  it("is asked for in a form, whose file is named for its codec", () => {
    const parameters = { language: "en", temperature: 0, return_timestamps: true, words: ["x"] };
    const { path, body } = openaiTask({ ...SPEECH, parameters }, "whisper") ?? {};
    if (!(body instanceof FormData)) throw new Error("no form");
    const { file, ...fields } = Object.fromEntries(body);
    expect(path).toBe("/audio/transcriptions");
    expect(fields).toEqual({
      model: "whisper",
      response_format: "verbose_json",
      language: "en",
      temperature: "0",
    });
    expect((file as File).name).toBe("sound.wav");
  });

  it("has segments where they are told, and counts in either of its units", () => {
    expect(
      outputsOf({ text: "a", language: "en", segments: [{ start: 0, end: 1, text: "a", id: 0 }] }, SPEECH),
    ).toEqual([{ text: "a", language: "en", segments: [{ start: 0, end: 1, text: "a" }] }]);
    expect(outputsOf({ text: "a" }, SPEECH)).toEqual([{ text: "a", language: null, segments: null }]);
    const counted = readOpenaiTask(
      { text: "a", usage: { type: "tokens", input_tokens: 5, output_tokens: 2 } },
      SPEECH,
    );
    expect((counted as Whole).usage).toMatchObject({ inputTokens: 5, outputTokens: 2 });
    const timed = readOpenaiTask({ text: "a", usage: { type: "duration", seconds: 9 } }, SPEECH);
    expect((timed as Whole).usage).toMatchObject({ inputTokens: null, outputTokens: null });
  });

  it("without a text is none", () =>
    expect(outputsOf({ error: null }, SPEECH)).toBe("upstream_disconnected"));
});
