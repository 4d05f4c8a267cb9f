// What the fault suite takes for a complete, a refused and a broken answer, and what it takes for none of them.
import { describe, expect, test } from "vitest";
import { endingOf } from "../../../chaos/faults/ending.ts";
import { chunk } from "../../support/foreign-origin.ts";

const event = (data: string) => `data: ${data}\n\n`;
const WORD = event(chunk({ delta: { content: "Hi" }, finish_reason: null }));
const STOP = event(chunk({ delta: {}, finish_reason: "stop" }));
const DONE = event("[DONE]");
const ERROR = event(JSON.stringify({ error: { code: "upstream_timeout" } }));

function told(status: number, text: string, isWhole = true) {
  const json = text.startsWith("{") ? JSON.parse(text) : {};
  return { status, text, json, isWhole, headers: new Headers({ "x-request-id": "req_1" }) };
}

const refusal = (change: object = {}) =>
  JSON.stringify({
    error: {
      message: "The model's servers are busy: retry shortly.",
      type: "upstream_error",
      param: null,
      code: "overloaded",
      request_id: "req_1",
      ...change,
    },
  });

describe("a stream", () => {
  test("is complete with a finish reason and [DONE]", () => {
    expect(endingOf(told(200, WORD + STOP + DONE), "streamed")).toEqual({ ending: "complete", text: "Hi" });
  });

  test("broke off with one error event", () => {
    expect(endingOf(told(200, WORD + ERROR), "streamed")).toEqual({
      ending: "event upstream_timeout",
      text: "Hi",
    });
  });

  test.each([
    ["stops without a terminal", WORD + STOP],
    ["ends as if it were whole, without a finish reason", WORD + DONE],
    ["finishes twice", STOP + STOP + DONE],
    ["goes on behind its error", ERROR + WORD],
    ["has two terminals", WORD + STOP + DONE + DONE],
    ["is cut within an event", WORD.slice(0, -1)],
    ["breaks off with a code that is none of ours", event('{"error":{"code":"ECONNRESET"}}')],
  ])("that %s is a fault", (_, text) => {
    expect(() => endingOf(told(200, text), "streamed")).toThrow();
  });

  test("whose connection broke is a fault, whatever came before", () => {
    expect(() => endingOf(told(200, WORD + STOP + DONE, false), "streamed")).toThrow("connection broke");
  });
});

describe("a whole answer", () => {
  test("is complete with a finish reason", () => {
    const text = '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}';
    expect(endingOf(told(200, text), "whole")).toEqual({ ending: "complete", text: "Hi" });
  });

  test("without one is a fault", () => {
    expect(() => endingOf(told(200, '{"choices":[{"message":{"content":"Hi"}}]}'), "whole")).toThrow();
  });
});

describe("a refusal", () => {
  test("is told by its code", () => {
    expect(endingOf(told(503, refusal()), "streamed").ending).toBe("refused overloaded");
  });

  test.each([
    ["with another status than its code's", 500, {}],
    ["with another type", 503, { type: "api_error" }],
    ["with another request's id", 503, { request_id: "req_2" }],
    ["that says more than its form", 503, { origin: "eu-1" }],
    ["with a code of its own", 503, { code: "EPIPE" }],
  ] as const)("%s is a fault", (_, status, change) => {
    expect(() => endingOf(told(status, refusal(change)), "streamed")).toThrow();
  });
});
