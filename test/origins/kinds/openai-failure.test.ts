import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disconnected } from "../../../src/origins/kinds/failures.ts";
import { readFailure } from "../../../src/origins/kinds/openai-failure.ts";

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readFailure({
    status,
    headers: new Headers(headers),
    text: typeof body === "string" ? body : JSON.stringify(body),
  });
const vllm = (message: string, param: string | null = null) => ({
  error: { message, type: "BadRequestError", param, code: 400 },
});

describe("a refusal of the request", () => {
  it.each([400, 422])("of status %d is the caller's, and nobody else is asked", (status) => {
    expect(read(status, vllm("temperature must be lower", "temperature"))).toMatchObject({
      code: "invalid_value",
      isRetryable: false,
      param: "temperature",
    });
  });

  it.each([
    vllm("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens"),
    vllm("The decoder prompt (length 9000) is longer than the maximum model length: max_model_len 8192"),
    {
      object: "error",
      message: "This model's maximum context length is 8192 tokens.",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
    { error: "Input validation error: `inputs` is too long", error_type: "validation" },
  ])("of a prompt that is too long says so: %j", (body) => {
    expect(read(400, body)).toMatchObject({ code: "context_length_exceeded", isRetryable: false });
  });

  it.each(["http://10.0.0.1/x", "a b", "/etc/passwd", "", "x".repeat(200), "$ref", "a-b"])(
    "keeps no param that is no field: %j",
    (param) => expect(read(400, vllm("no", param)).param).toBeUndefined(),
  );

  it("takes vLLM's older form, members on top", () => {
    expect(read(400, { object: "error", message: "no", param: "messages[0].role" }).param).toBe(
      "messages[0].role",
    );
  });

  it("of its size is not tried elsewhere", () => {
    expect(read(413, "")).toMatchObject({ code: "request_too_large", isRetryable: false });
  });
});

describe("a cold model", () => {
  it("is known by Hugging Face's estimate, which is its time to retry", () => {
    const body = { error: "Model meta-llama/X is currently loading", estimated_time: 20.5 };
    expect(read(503, body)).toMatchObject({ code: "model_loading", isRetryable: true, retryAfterMs: 20_500 });
  });

  it("is known by its words, with the header's time or five seconds", () => {
    expect(read(503, vllm("Model is loading"), { "retry-after": "9" })).toMatchObject({
      code: "model_loading",
      retryAfterMs: 9_000,
    });
    expect(read(503, { error: "warming up" })).toMatchObject({ code: "model_loading", retryAfterMs: 5_000 });
  });

  it.each([1e9, 1e308, 3_601])("is waited for at most an hour, whatever it claims: %d s", (seconds) => {
    expect(read(503, { error: "loading", estimated_time: seconds }).retryAfterMs).toBe(3_600_000);
  });

  it.each([0, -5, "20", null])("is not known by an estimate of %j", (seconds) => {
    expect(read(503, { error: "busy", estimated_time: seconds }).code).toBe("overloaded");
  });
});

describe("trouble of the origin", () => {
  it.each([
    [429, "overloaded"],
    [503, "overloaded"],
    [504, "upstream_timeout"],
    [408, "upstream_timeout"],
    [500, "upstream_failed"],
    [502, "upstream_failed"],
    [401, "upstream_failed"],
    [403, "upstream_failed"],
    [404, "upstream_failed"],
    [301, "upstream_failed"],
    [418, "upstream_failed"],
  ])("of status %d is %s, and another may be asked", (status, code) => {
    expect(read(status, vllm("no"))).toMatchObject({ code, status, isRetryable: true });
  });

  it("of too much load has a time to retry, its own or a second", () => {
    expect(read(429, "").retryAfterMs).toBe(1_000);
    expect(read(429, "", { "retry-after": "7" }).retryAfterMs).toBe(7_000);
    expect(read(429, "", { "retry-after": "garbage" }).retryAfterMs).toBe(1_000);
    expect(read(500, "").retryAfterMs).toBeNull();
  });

  it("that broke off may be tried again", () => {
    expect(disconnected("It broke off.")).toEqual({
      code: "upstream_disconnected",
      message: "It broke off.",
      isRetryable: true,
      status: null,
      retryAfterMs: null,
    });
  });
});

describe("the origin's own words", () => {
  const CANARY = "CANARY-http://10.0.0.1:9101/v1?key=sk-canary";
  const status = fc.constantFrom(400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504);
  const words = fc.constantFrom(
    CANARY,
    `${CANARY} is loading`,
    `${CANARY} context length`,
    `Traceback ${CANARY}`,
  );
  const body = words.chain((text) =>
    fc.constantFrom(
      text,
      `<html>${text}</html>`,
      JSON.stringify({ error: text }),
      JSON.stringify({ error: { message: text, type: text, param: text, code: text } }),
      JSON.stringify({ object: "error", message: text, param: text }),
      JSON.stringify({ detail: [{ msg: text, loc: [text] }] }),
      JSON.stringify({ error: text, estimated_time: 3, warnings: [text] }),
    ),
  );

  it("never reach a failure, whatever the status and form", () => {
    fc.assert(
      fc.property(status, body, (code, text) => {
        const failure = read(code, text, { "x-debug": "CANARY", location: CANARY });
        expect(JSON.stringify(failure)).not.toMatch(/canary/i);
      }),
    );
  });

  it.each(["", "null", "[]", "5", '"text"', "{", '{"error":null}', '{"error":[]}'])("may be %j", (text) => {
    expect(read(500, text)).toMatchObject({ code: "upstream_failed" });
    expect(read(400, text)).toMatchObject({ code: "invalid_value" });
  });
});

describe("the errors of public hosts", () => {
  it("Mistral's and FastAPI's name the field by its place", () => {
    const detail = [{ type: "extra_forbidden", loc: ["body", "messages", 0, "name"], msg: "CANARY" }];
    for (const body of [{ detail }, { object: "error", message: { detail } }]) {
      const failure = read(422, body);
      expect(failure).toMatchObject({ code: "invalid_value", param: "messages[0].name" });
      expect(JSON.stringify(failure)).not.toContain("CANARY");
    }
  });

  it("Google's stand in a list", () => {
    expect(read(400, [{ error: { code: 400, message: "exceeds the maximum context" } }])).toMatchObject({
      code: "context_length_exceeded",
    });
  });

  it("Groq's 413 is a request too large, or a minute's tokens used up", () => {
    const rate = {
      error: { message: "Request too large: tokens per minute (TPM): Limit 6000", type: "tokens" },
    };
    expect(read(413, rate)).toMatchObject({ code: "overloaded", isRetryable: true });
    expect(read(413, { error: { message: "Request Entity Too Large" } })).toMatchObject({
      code: "request_too_large",
      isRetryable: false,
    });
  });

  it.each([498, 529])("%d is a full queue", (status) => {
    expect(read(status, {})).toMatchObject({ code: "overloaded", isRetryable: true });
  });

  it("402 is between the host and us", () => {
    expect(read(402, { error: { message: "Insufficient credits" } })).toMatchObject({
      code: "upstream_failed",
      isRetryable: true,
    });
  });
});
