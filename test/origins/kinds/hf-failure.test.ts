import { describe, expect, it } from "vitest";
import { readHfFailure } from "../../../src/origins/kinds/hf-failure.ts";

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readHfFailure({
    status,
    headers: new Headers(headers),
    text: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("the toolkit's 400", () => {
  it.each([
    "Body needs to provide a inputs key, received: CANARY",
    "'inputs' for task 'image-classification' must be the media content itself",
    "No mask_token ([MASK]) found on the input",
  ])("is the caller's: %s", (error) => {
    expect(read(400, { error })).toMatchObject({ code: "invalid_value", isRetryable: false });
    expect(JSON.stringify(read(400, { error }))).not.toContain("CANARY");
  });

  it.each([
    "CUDA out of memory. Tried to allocate 2.00 GiB",
    "CUDA error: device-side assert triggered",
    "Bad Request: Invalid state: Endpoint is paused",
  ])("is the server's where its card gave up: %s", (error) => {
    expect(read(400, { error })).toMatchObject({ code: "upstream_failed", isRetryable: true });
  });

  it("names a text that is too long, in the words of transformers", () => {
    const error =
      "Token indices sequence length is longer than the specified maximum sequence length for this model (600 > 512)";
    expect(read(400, { error })).toMatchObject({ code: "context_length_exceeded", isRetryable: false });
  });

  it("of the hosted API may be a list", () => {
    expect(read(400, { error: ["Error in `parameters.top_k`: CUDA out of memory", "more"] })).toMatchObject({
      code: "upstream_failed",
    });
  });
});

describe("the statuses of text-embeddings-inference", () => {
  const error = (text: string, error_type: string) => ({ error: text, error_type });

  it.each([
    [400, error("`inputs` cannot be empty", "empty"), "invalid_value", false],
    [413, error("batch size 64 > maximum allowed batch size 32", "validation"), "request_too_large", false],
    [
      413,
      error("Input validation error: `inputs` must have less than 512 tokens. Given: 600", "validation"),
      "context_length_exceeded",
      false,
    ],
    [422, error("Tokenization error", "tokenizer"), "invalid_value", false],
    [424, error("Inference failed", "backend"), "upstream_failed", true],
    [429, error("Model is overloaded", "overloaded"), "overloaded", true],
  ] as const)("%d %j is %s", (status, body, code, isRetryable) => {
    expect(read(status, body)).toMatchObject({ code, isRetryable, status });
  });
});

describe("503", () => {
  it("of the hosted API names the time that loading takes, within reason", () => {
    const loading = (estimated_time: unknown) =>
      read(503, { error: "Model x is currently loading", estimated_time });
    expect(loading(20.5)).toMatchObject({ code: "model_loading", retryAfterMs: 20_500 });
    expect(loading(1e9)).toMatchObject({ retryAfterMs: 3_600_000 });
    for (const senseless of [-1, 0, "20", null])
      expect(loading(senseless)).toMatchObject({ retryAfterMs: 5_000 });
  });

  it("of a proxy is an endpoint that wakes, after the wait it names", () => {
    expect(read(503, "<html>503 Service Temporarily Unavailable</html>")).toMatchObject({
      code: "model_loading",
    });
    expect(read(503, "", { "retry-after": "30" })).toMatchObject({
      code: "model_loading",
      retryAfterMs: 30_000,
    });
  });

  it("of a server that says so is load", () => {
    expect(read(503, { error: "Model is overloaded" })).toMatchObject({ code: "overloaded" });
  });
});

it.each([401, 402, 403, 404, 500, 502])("%d is between the server and us", (status) => {
  expect(read(status, { error: "CANARY" })).toMatchObject({
    code: "upstream_failed",
    isRetryable: true,
    status,
  });
});

it.each([408, 504])("%d is a server that took too long", (status) => {
  expect(read(status, "")).toMatchObject({ code: "upstream_timeout", isRetryable: true });
});
