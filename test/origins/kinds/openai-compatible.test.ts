import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/origins/kinds/kind.ts";
import { openaiCompatible } from "../../../src/origins/kinds/openai-compatible.ts";
import { sampleInference, sampleTarget } from "../../domain/sample-target.ts";
import { sampleCall as call, goodAnswer, taskCall, taskRequest, wholeCall } from "./sample-call.ts";

const { readProbe, readWhole, refusalOf, toProbe, toRequest } = openaiCompatible;

describe("a request", () => {
  const sent = (fields: Partial<Call> = {}) => {
    const { url, init } = toRequest(call(fields));
    return { url, body: JSON.parse(String(init.body)), headers: new Headers(init.headers), init };
  };

  it("goes to the wire's own path, asks for the origin's own name, and follows no redirect", () => {
    const { url, body, init } = sent();
    expect(url).toBe("http://origin.invalid/v1/chat/completions");
    expect(body.model).toBe("qwen3-14b");
    expect([init.method, init.redirect]).toEqual(["POST", "manual"]);
    expect(sent({ inference: sampleInference({ wire: "openai-completions" }) }).url).toMatch(
      /v1\/completions$/,
    );
    expect(sent({ inference: sampleInference({ wire: "openai-embeddings" }) }).url).toMatch(
      /v1\/embeddings$/,
    );
  });

  it("sets the limit that is paid, under the name the caller used and under any other it gave", () => {
    expect(sent().body.max_tokens).toBe(100);
    const both = { model: "m", max_tokens: 5_000, max_completion_tokens: 900 };
    const inference = sampleInference({ outputLimitField: "max_completion_tokens", body: both });
    expect(sent({ inference }).body).toMatchObject({ max_tokens: 100, max_completion_tokens: 100 });
    expect(sent({ maxOutputTokens: null }).body.max_tokens).toBeUndefined();
  });

  it("asks for usage whatever the caller asked for, and keeps the caller's other options", () => {
    const body = { model: "m", stream: true, stream_options: { include_usage: false, x: 1 } };
    expect(sent({ inference: sampleInference({ body }) }).body.stream_options).toEqual({
      include_usage: true,
      x: 1,
    });
    expect(sent({ inference: sampleInference({ stream: false, body: { model: "m" } }) }).body).toEqual({
      model: "qwen3-14b",
      max_tokens: 100,
    });
  });

  it("changes nothing of what it was given, so that a retry begins afresh", () => {
    const inference = sampleInference();
    const before = structuredClone(inference);
    toRequest(call({ inference }));
    expect(inference).toEqual(before);
  });

  it("bears our secret and nothing of the caller's but the trace", () => {
    const { headers } = sent({ secret: "s3cret", traceparent: "00-ab-cd-01" });
    expect(Object.fromEntries(headers)).toEqual({
      accept: "text/event-stream",
      authorization: "Bearer s3cret",
      "content-type": "application/json",
      traceparent: "00-ab-cd-01",
      "x-request-id": "req_1",
    });
    expect([...sent().headers.keys()]).not.toContain("authorization");
  });

  it("keeps names that mean something to JavaScript as plain members", () => {
    const body = JSON.parse('{"model":"m","__proto__":{"a":1},"constructor":2}');
    const { init } = toRequest(call({ inference: sampleInference({ body, stream: false }) }));
    expect(init.body).toBe('{"model":"qwen3-14b","__proto__":{"a":1},"constructor":2,"max_tokens":100}');
  });

  it("replaces lone surrogates, which are no text, and nothing that looks like them", () => {
    const texts = ["\ud800", "a\udfffb", "\ud800\ud800\udc00", "\\ud800", "\\\ud800", "😀", "\u0000\u2028"];
    const body = { model: "m", texts, "\udbff": 1 };
    const { init } = toRequest(call({ inference: sampleInference({ body, stream: false }) }));
    const replaced = [
      "\ufffd",
      "a\ufffdb",
      "\ufffd\ud800\udc00",
      "\\ud800",
      "\\\ufffd",
      "😀",
      "\u0000\u2028",
    ];
    expect(JSON.parse(String(init.body))).toEqual({
      model: "qwen3-14b",
      texts: replaced,
      "\ufffd": 1,
      max_tokens: 100,
    });
    expect(String(init.body).isWellFormed()).toBe(true);
  });
});

describe("a probe", () => {
  const answer = (status: number, text: string) => ({ status, headers: new Headers(), text });
  const LIST = '{"object":"list","data":[{"id":"other"},{"id":"qwen3-14b"}]}';

  it("asks for the list of models, with the secret where there is one", () => {
    const { url, init } = toProbe(sampleTarget(), "s3cret");
    expect(url).toBe("http://origin.invalid/v1/models");
    expect(new Headers(init.headers).get("authorization")).toBe("Bearer s3cret");
    expect(init.redirect).toBe("manual");
  });

  it.each([
    [200, LIST, "ready"],
    [200, '{"data":[{"id":"other"}]}', "unavailable"],
    [200, "<html>", "unavailable"],
    [200, '{"data":[null,5]}', "unavailable"],
    [503, "", "loading"],
    [500, LIST, "unavailable"],
    [302, LIST, "unavailable"],
  ])("answered %d %s is %s", (status, text, readiness) => {
    expect(readProbe(sampleTarget(), answer(status, text))).toBe(readiness);
  });
});

describe("a public host", () => {
  const at = (base_url: string) => sampleTarget({ origin: { base_url } });
  const sentTo = (base_url: string, fields: object = {}) => {
    const body = { messages: [], seed: 0, max_tokens: 7, ...fields };
    const { init } = toRequest(
      call({ target: at(base_url), inference: sampleInference({ body }), secret: "k" }),
    );
    return { body: JSON.parse(String(init.body)), headers: new Headers(init.headers) };
  };

  it("is asked in its own words and with its own header, whatever stands in the row", () => {
    const { body } = sentTo("https://api.openai.com/v1");
    expect(body).toMatchObject({
      max_completion_tokens: 100,
      seed: 0,
      stream_options: { include_usage: true },
    });
    expect(body).not.toHaveProperty("max_tokens");
    const mistral = sentTo("https://api.mistral.ai/v1", { max_completion_tokens: 9 }).body;
    expect(mistral).toMatchObject({ max_tokens: 100, random_seed: 0 });
    for (const name of ["max_completion_tokens", "seed", "stream_options"]) {
      expect(mistral).not.toHaveProperty(name);
    }
    const azure = sentTo("https://acme.openai.azure.com/openai/v1").headers;
    expect(azure.get("api-key")).toBe("k");
    expect(azure.has("authorization")).toBe(false);
  });

  it("is found ready by the names it lists, and one without a list by answering at all", () => {
    const probed = (base_url: string, status: number, text: string) =>
      readProbe(at(base_url), { status, headers: new Headers(), text });
    const google = "https://generativelanguage.googleapis.com/v1beta/openai";
    expect(probed(google, 200, '{"data":[{"id":"models/qwen3-14b"}]}')).toBe("ready");
    expect(probed("http://origin.invalid/v1", 200, '{"data":[{"id":"models/qwen3-14b"}]}')).toBe(
      "unavailable",
    );
    expect(probed("https://api.perplexity.ai", 404, "")).toBe("ready");
    expect(probed("http://origin.invalid/v1", 404, "")).toBe("unavailable");
  });
});

describe("a task", () => {
  it("is refused, for another kind to do, where the wire has no words for it", () => {
    expect(refusalOf(taskCall(taskRequest("fill-mask", "a [MASK]")))).toMatchObject({
      code: "invalid_value",
      isRetryable: true,
    });
    expect(refusalOf(taskCall(taskRequest("embeddings", "a")))).toBeNull();
    expect(refusalOf(wholeCall({}))).toBeNull();
  });

  it("goes its own way, and comes back as one", () => {
    const asked = taskCall(taskRequest("embeddings", ["a"]));
    const { url, init } = toRequest(asked);
    expect(url).toBe("http://origin.invalid/v1/embeddings");
    expect(new Headers(init.headers).get("content-type")).toBe("application/json");
    const answer = goodAnswer({ data: [{ index: 0, embedding: [0.5] }], usage: { prompt_tokens: 1 } });
    expect(readWhole(answer, asked)).toMatchObject({ kind: "whole", usage: { inputTokens: 1 } });
  });
});
