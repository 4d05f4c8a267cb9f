import { describe, expect, it } from "vitest";
import { workersAiFailure } from "../../../src/origins/kinds/workers-ai-failure.ts";

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  workersAiFailure({
    status,
    headers: new Headers(headers),
    text: typeof body === "string" ? body : JSON.stringify(body),
  });

/** In the form that models answer, and the one that stands before them. */
const forms = (code: number, text: string) => [
  { internalCode: code, name: "AiError", description: text, message: `AiError: ${text}` },
  { success: false, errors: [{ code, message: text }] },
  `InferenceUpstreamError: ${code}: ${text}`,
];

describe("the errors that Workers AI documents", () => {
  it.each([
    [400, 5007, "No such model CANARY or task", "upstream_failed", true],
    [400, 5004, "Invalid data type for base64 input", "invalid_value", false],
    [400, 3003, "Request is missing headers or body", "invalid_value", false],
    [403, 5018, "The account is not allowed to access this model", "upstream_failed", true],
    [403, 3023, "Service unavailable for account", "upstream_failed", true],
    [404, 3042, "The model name is invalid", "upstream_failed", true],
    [405, 5005, "The model does not support LoRa inference", "upstream_failed", true],
    [413, 3006, "Request is too large", "request_too_large", false],
    [408, 3007, "Request timeout", "upstream_timeout", true],
    [429, 3040, "No more data centers to forward the request to", "overloaded", true],
    [500, 1031, "error code: 1031", "upstream_failed", true],
  ] as const)("%d %d %s", (status, code, text, told, isRetryable) => {
    for (const body of forms(code, text)) {
      const failure = read(status, body);
      expect(failure).toMatchObject({ code: told, isRetryable, status });
      expect(JSON.stringify(failure)).not.toContain("CANARY");
    }
  });

  it("an allowance that is used up is no business of the next second", () => {
    for (const body of forms(3036, "You have used up your daily free allocation of 10,000 neurons.")) {
      expect(read(429, body)).toMatchObject({ code: "overloaded", retryAfterMs: 600_000 });
    }
    expect(read(429, forms(3036, "")[0], { "retry-after": "60" })).toMatchObject({ retryAfterMs: 60_000 });
  });

  it("a prompt beyond the model's window is the caller's", () => {
    const text =
      "The estimated number of input and maximum output tokens (9000) exceeded this model context window limit";
    for (const body of forms(5021, text)) {
      expect(read(400, body)).toMatchObject({ code: "context_length_exceeded", isRetryable: false });
    }
  });
});
