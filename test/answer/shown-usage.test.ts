import { describe, expect, it } from "vitest";
import { bareOf, isAsBilled, withShownUsage } from "../../src/answer/shown-usage.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { readOpenaiFrame } from "../../src/origins/kinds/openai-frame.ts";

const BILLED = { ...NO_USAGE, inputTokens: 12, outputTokens: 3, cachedInputTokens: 4, gpuMs: 50 };
const OWN = '{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}';
const SOUND = '{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}';
const finish = (more: string) => `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]${more}}`;

describe("an origin's usage object is shown", () => {
  const shown = (more: object) => {
    const usage = { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };
    return isAsBilled(JSON.stringify({ ...usage, ...more }), BILLED);
  };

  it.each([
    [{}],
    [{ total_tokens: 15 }],
    [{ gpu_ms: 50 }],
    [{ completion_tokens_details: { reasoning_tokens: 2, audio_tokens: null }, queue_time: 0.01 }],
  ])("where it says what is billed: %j", (more) => {
    expect(shown(more)).toBe(true);
  });

  it.each([
    [{ prompt_tokens: "12" }],
    [{ prompt_tokens: 13 }],
    [{ completion_tokens: "many" }],
    [{ completion_tokens: -3 }],
    [{ completion_tokens: 3.5 }],
    [{ completion_tokens: null }],
    [{ total_tokens: 1e15 }],
    [{ gpu_ms: 51 }],
    [{ prompt_tokens_details: { cached_tokens: "4" } }],
    [{ prompt_tokens_details: null }],
    [{ completion_tokens_details: { reasoning_tokens: -1 } }],
    [{ completion_tokens_details: { reasoning_tokens: 16 } }],
  ])("nowhere else: %j", (more) => {
    expect(shown(more)).toBe(false);
  });
});

describe("a frame without its counts", () => {
  it("is the same one where it has none, whatever words are in it", () => {
    for (const text of [
      finish(""),
      finish(',"usage":null'),
      finish(',"usage" : null'),
      '{"choices":[{"index":0,"delta":{"content":"\\"usage\\":{} \\u00e9"},"finish_reason":null}]}',
    ]) {
      const frame = readOpenaiFrame(text);
      expect(bareOf(frame)).toEqual({ frame, told: null });
      expect(bareOf(frame).frame).toBe(frame);
    }
  });

  it.each([
    ["beside the finish reason", finish(`,"usage":${SOUND}`), finish("")],
    ["under an escaped name", finish(`,"us\\u0061ge":${SOUND}`), finish("")],
    ["as Groq writes it", finish(`,"x_groq":{"id":"r","usage":${SOUND}}`), finish(',"x_groq":{"id":"r"}')],
    ["named twice", finish(`,"usage":{},"usage":${SOUND}`), finish("")],
  ])("goes on: %s", (_where, text, bare) => {
    const { frame, told } = bareOf(readOpenaiFrame(text));
    expect(frame?.text).toBe(bare);
    expect(told).toMatchObject({ usage: SOUND, event: null });
  });

  it("goes on without senseless ones, of which nothing is kept", () => {
    const { frame, told } = bareOf(readOpenaiFrame(finish(',"usage":{"prompt_tokens":"12"}')));
    expect([frame?.text, told]).toEqual([finish(""), null]);
    const moonshot = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"a":1}}]}';
    expect(bareOf(readOpenaiFrame(moonshot)).frame?.text).toBe(finish(""));
  });

  it("is nothing where it held nothing else; its event is kept if it was understood", () => {
    const text = `{"id":"x","choices":[],"usage":${SOUND}}`;
    expect(bareOf(readOpenaiFrame(text))).toEqual({
      frame: null,
      told: { usage: SOUND, isPlain: true, event: text },
    });
    const senseless = '{"choices":[],"usage":{"prompt_tokens":"12","completion_tokens":"many"}}';
    expect(bareOf(readOpenaiFrame(senseless))).toEqual({ frame: null, told: null });
  });
});

describe("a whole answer", () => {
  it("keeps its origin's counts to the byte where they are billed", () => {
    const text = `{"choices":[], "usage" : ${SOUND}}`;
    expect(withShownUsage(text, BILLED, OWN)).toBe(text);
  });

  it.each([
    ["none", "{}", `{"usage":${OWN}}`],
    ["null", '{"usage":null}', `{"usage":${OWN}}`],
    ["a senseless one", '{"usage":{"prompt_tokens":1e15}}', `{"usage":${OWN}}`],
    ["one elsewhere", `{"n":1.0,"x_groq":{"usage":${SOUND}}}`, `{"usage":${OWN},"n":1.0,"x_groq":{}}`],
    [
      "two",
      `{"choices":[{"index":0,"usage":{"a":-1}}],"usage":${SOUND}}`,
      `{"choices":[{"index":0}],"usage":${SOUND}}`,
    ],
  ])("with %s has one behind it", (_what, text, expected) => {
    expect(withShownUsage(text, BILLED, OWN)).toBe(expected);
  });
});
