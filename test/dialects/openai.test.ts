import { describe, expect, it } from "vitest";
import type { Endpoint, RoutingFacts } from "../../src/dialects/dialect.ts";
import { inferbase, openai } from "../../src/dialects/openai.ts";
import { RouterError } from "../../src/domain/errors.ts";
import type { DecisionId, RequestId } from "../../src/domain/ids.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { SAMPLE_PROFILE } from "../domain/sample-target.ts";

const REQUEST = "req_0000000000000000000001" as RequestId;
const STAMP = { id: "chatcmpl-1", model: "Qwen/Qwen3-14B", createdS: 1_712_345_678 };
const FACTS: RoutingFacts = {
  profile: SAMPLE_PROFILE,
  region: "us-east",
  reason: "Cheapest of three that can do it.",
  decisionId: "rt_0000000000000000000001" as DecisionId,
  routingTimeMs: 0.21,
};

function endpoint(path: string): Endpoint {
  const found = inferbase.endpoints.find((each) => each.path === path);
  if (found === undefined) throw new Error(`no endpoint ${path}`);
  return found;
}
const chat = endpoint("/chat/completions");
const completions = endpoint("/completions");
const embeddings = endpoint("/embeddings");

describe("the routing event", () => {
  it("has exactly the form that real clients were run against: wire.md §1", () => {
    expect(chat.renderRoutingEvent(STAMP, FACTS)).toBe(
      '{"object":"routing","id":"chatcmpl-1","created":1712345678,"model":"Qwen/Qwen3-14B",' +
        '"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],' +
        '"task":"code_generation","complexity":"simple","confidence":0.95,"routing_time_ms":0.21,' +
        '"region":"us-east","reason":"Cheapest of three that can do it.","decision_id":"rt_0000000000000000000001"}',
    );
  });

  it("has a choice of text for completions", () => {
    const { choices } = JSON.parse(completions.renderRoutingEvent(STAMP, FACTS));
    expect(choices).toEqual([{ index: 0, text: "", finish_reason: null }]);
  });
});

describe("stamps", () => {
  const FRAME =
    '{"id":"","object":"chat.completion.chunk","model":"qwen3-14b","choices":[{"index":0,"delta":{"tool_calls":[{"id":"call_1","model":1.0}]}}]}';

  it("put our id and model on a frame and leave every other byte alone", () => {
    const stamped = chat.renderFrame(FRAME, STAMP);
    expect(stamped).toBe(
      FRAME.replace('"id":""', '"id":"chatcmpl-1"').replace('"qwen3-14b"', '"Qwen/Qwen3-14B"'),
    );
  });

  it("put them on a whole answer", () => {
    expect(JSON.parse(chat.renderWhole('{"choices":[]}', STAMP))).toEqual({
      id: "chatcmpl-1",
      model: "Qwen/Qwen3-14B",
      choices: [],
    });
  });

  it("give an embedding list its model and no id: the OpenAI API has none there", () => {
    expect(embeddings.renderWhole('{"object":"list","model":"m","data":[]}', STAMP)).toBe(
      '{"object":"list","model":"Qwen/Qwen3-14B","data":[]}',
    );
  });
});

describe("the usage event", () => {
  it("has no choices and adds the counts up", () => {
    const usage = { ...NO_USAGE, inputTokens: 3, outputTokens: 4 };
    expect(JSON.parse(chat.renderUsage(STAMP, usage))).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_712_345_678,
      model: "Qwen/Qwen3-14B",
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
    expect(JSON.parse(completions.renderUsage(STAMP, usage)).object).toBe("text_completion");
  });
});

describe("errors", () => {
  const error = new RouterError("budget_exceeded", "Raise it.", {
    param: "x",
    body: { url: "https://example.com/top-up" },
    cause: new Error("canary"),
  });

  it("have five members, and those of their own: wire.md §1", () => {
    expect(openai.renderError(error, REQUEST)).toEqual({
      status: 402,
      body: {
        error: {
          message: "Raise it.",
          type: "insufficient_quota",
          param: "x",
          code: "budget_exceeded",
          request_id: REQUEST,
          url: "https://example.com/top-up",
        },
      },
    });
  });

  it("have a null for a param that is not there, in a stream too", () => {
    const plain = new RouterError("internal_error", "Sorry.");
    expect(JSON.parse(chat.renderStreamError(plain, REQUEST))).toEqual({
      error: {
        message: "Sorry.",
        type: "api_error",
        param: null,
        code: "internal_error",
        request_id: REQUEST,
      },
    });
  });

  it("of a cold model are 502 at Inferbase, 503 at OpenAI, with one code", () => {
    const loading = new RouterError("model_loading", "Wait.", { retryAfterMs: 5_000 });
    expect(inferbase.renderError(loading, REQUEST).status).toBe(502);
    expect(openai.renderError(loading, REQUEST).status).toBe(503);
    expect(inferbase.renderError(loading, REQUEST).body).toEqual(openai.renderError(loading, REQUEST).body);
    const busy = new RouterError("overloaded", "Wait.");
    expect(inferbase.renderError(busy, REQUEST).status).toBe(503);
  });

  it("never show their cause", () => {
    expect(JSON.stringify(openai.renderError(error, REQUEST))).not.toContain("canary");
    expect(chat.renderStreamError(error, REQUEST)).not.toContain("canary");
  });
});

describe("limits of size", () => {
  it("are 24 MiB for chat and 4 MiB elsewhere: wire.md §0", () => {
    const mib = (each: Endpoint) => each.maxBodyBytes / (1024 * 1024);
    expect([chat, completions, embeddings].map(mib)).toEqual([24, 4, 4]);
  });
});

describe("mounts", () => {
  it("are those of wire.md §0", () => {
    expect(inferbase.bases).toEqual(["/api/v1/inference"]);
    expect(openai.bases).toEqual(["/v1", "/v1/openai"]);
    const paths = ["/chat/completions", "/completions", "/embeddings"];
    for (const dialect of [inferbase, openai])
      expect(dialect.endpoints.map((each) => each.path)).toEqual(paths);
  });
});
