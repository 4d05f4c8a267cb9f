import { describe, expect, test } from "vitest";
import type { Reply } from "../../chaos/client.ts";
import { costOf, usageOf } from "../../chaos/wire.ts";
import { parseJson, recordOf } from "../../src/lib/record.ts";

function reply(text: string): Reply {
  const json = recordOf(parseJson(text));
  return { end: "whole", status: 200, headers: {}, text, json, sentAtMs: 0, endedAtMs: 0 };
}

describe("the cost of usage", () => {
  const price = { input: 230_000, cached: 23_000, output: 400_000 };

  test("is rounded up once", () => {
    expect(costOf(price, { prompt_tokens: 12, completion_tokens: 100 })).toBe(43);
    expect(costOf(price, { prompt_tokens: 0, completion_tokens: 0 })).toBe(0);
  });

  test("counts cached tokens at their own price", () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 0,
      prompt_tokens_details: { cached_tokens: 900 },
    };
    expect(costOf(price, usage)).toBe(Math.ceil((100 * 230 + 900 * 23) / 1_000));
  });

  test("is unknown without usage", () => {
    expect(costOf(price, {})).toBeNull();
  });
});

describe("usage", () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 };

  test("stands in a whole answer", () => {
    expect(usageOf(reply(JSON.stringify({ usage })))).toEqual(usage);
  });

  test("stands in a stream's last frame", () => {
    const stream = `data: {"choices":[{}]}\n\ndata: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
    expect(usageOf(reply(stream))).toEqual(usage);
  });

  test("is not known of a stream that broke off", () => {
    expect(usageOf(reply(`data: ${JSON.stringify({ usage })}\n\n`))).toEqual({});
  });
});
