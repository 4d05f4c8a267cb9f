import { describe, expect, it } from "vitest";
import type { OriginFeature } from "../../../src/domain/catalog.ts";
import { hfTasks } from "../../../src/origins/kinds/hf-tasks.ts";
import type { Call } from "../../../src/origins/kinds/kind.ts";
import { sampleTarget } from "../../domain/sample-target.ts";
import { embeddingsCall, goodAnswer, media, sampleCall, taskCall, taskRequest } from "./sample-call.ts";

const at = (features: readonly OriginFeature[], servedAs = "org/my model") => {
  return {
    ...sampleTarget({ origin: { kind: "hf-tasks", base_url: "http://hf.invalid/hf", features } }),
    servedAs,
  };
};
const HOSTED = { target: at([]) };
const TEI = { target: at(["tei"]) };

function sent(call: Call) {
  const { url, init } = hfTasks.toRequest(call);
  const { body } = init;
  return {
    url,
    headers: new Headers(init.headers),
    body: typeof body === "string" ? JSON.parse(body) : body,
  };
}

describe("where a server is asked", () => {
  const request = taskRequest("text-classification", "a");

  it("several models behind one address: each at its own path, nothing of a name outside its segments", () => {
    expect(sent(taskCall(request, HOSTED)).url).toBe("http://hf.invalid/hf/models/org/my%20model");
    const odd = { target: at([], "a?b#c/%2F") };
    expect(sent(taskCall(request, odd)).url).toBe("http://hf.invalid/hf/models/a%3Fb%23c/%252F");
  });

  it("a single model at the address itself", () => {
    expect(sent(taskCall(request, { target: at(["single_model"]) })).url).toBe("http://hf.invalid/hf");
  });

  it("text-embeddings-inference at the page of the task", () => {
    expect(sent(taskCall(request, TEI)).url).toBe("http://hf.invalid/hf/predict");
    expect(sent(taskCall(taskRequest("embeddings", "a"), TEI)).url).toBe("http://hf.invalid/hf/embed");
  });
});

describe("what a pipeline is sent", () => {
  it("one text, or as many as there are, with parameters where there are any", () => {
    expect(sent(taskCall(taskRequest("fill-mask", "a"), HOSTED)).body).toEqual({ inputs: "a" });
    expect(sent(taskCall(taskRequest("fill-mask", ["a"]), HOSTED)).body).toEqual({ inputs: ["a"] });
    const limited = taskRequest("fill-mask", ["a", "b"], { parameters: { top_k: 3 } });
    expect(sent(taskCall(limited, HOSTED)).body).toEqual({ inputs: ["a", "b"], parameters: { top_k: 3 } });
  });

  it("a picture as its bytes, and as base64 where parameters go with it", () => {
    const image = media([1, 2, 255], "image/jpeg");
    const bare = sent(taskCall(taskRequest("image-classification", image), HOSTED));
    expect(bare.headers.get("content-type")).toBe("image/jpeg");
    expect(bare.body).toEqual(new Uint8Array([1, 2, 255]));
    const limited = taskRequest("image-classification", image, { parameters: { top_k: 1 } });
    const { body, headers } = sent(taskCall(limited, HOSTED));
    expect(headers.get("content-type")).toBe("application/json");
    expect(body).toEqual({ inputs: "AQL/", parameters: { top_k: 1 } });
  });

  it("a question with its context", () => {
    const input = { kind: "question", question: "q", context: "c" } as const;
    const { body } = sent(taskCall(taskRequest("question-answering", input), HOSTED));
    expect(body).toEqual({ inputs: { question: "q", context: "c" } });
  });

  it("what it may answer with: a picture where one is painted, JSON for all else", () => {
    expect(sent(taskCall(taskRequest("text-to-image", "a"), HOSTED)).headers.get("accept")).toBe("image/png");
    expect(sent(taskCall(taskRequest("embeddings", "a"), HOSTED)).headers.get("accept")).toBe(
      "application/json",
    );
  });
});

describe("what text-embeddings-inference is sent", () => {
  it("a list of lists to classify, for two texts in a list would be one pair", () => {
    const several = taskRequest("text-classification", ["a", "b"], { parameters: { raw_scores: true } });
    expect(sent(taskCall(several, TEI)).body).toEqual({ inputs: [["a"], ["b"]], raw_scores: true });
    expect(sent(taskCall(taskRequest("text-classification", "a"), TEI)).body).toEqual({ inputs: [["a"]] });
  });

  it("texts to embed, with the dimensions that OpenAI's callers ask for", () => {
    const asked = embeddingsCall({ input: "a", dimensions: 64, encoding_format: "base64", user: "u" }, TEI);
    expect(sent(asked).body).toEqual({ inputs: ["a"], dimensions: 64 });
  });

  it("nothing that is none of its two tasks", () => {
    expect(hfTasks.refusalOf(taskCall(taskRequest("fill-mask", "a"), TEI))).toMatchObject({
      code: "invalid_value",
    });
    expect(hfTasks.refusalOf(taskCall(taskRequest("fill-mask", "a"), HOSTED))).toBeNull();
  });
});

describe("what it cannot say", () => {
  it.each([
    ["a chat", sampleCall(HOSTED)],
    ["tokens to embed", embeddingsCall({ input: [[1, 2]] }, HOSTED)],
  ])("is %s", (_, call) => {
    expect(hfTasks.refusalOf(call)).toMatchObject({ code: "invalid_value", isRetryable: true, status: null });
  });
});

describe("a whole answer", () => {
  const two = taskCall(taskRequest("text-classification", ["a", "b"]), HOSTED);

  it("of two texts in one list is their best labels, unless a server of pairs gave it", () => {
    const best = [
      { label: "A", score: 0.9 },
      { label: "B", score: 0.8 },
    ];
    expect(JSON.parse((hfTasks.readWhole(goodAnswer(best), two) as { text: string }).text)).toEqual({
      task: "text-classification",
      isList: true,
      outputs: best.map((one) => [one]),
    });
    expect(hfTasks.readWhole(goodAnswer(best, { "x-compute-tokens": "9" }), two)).toMatchObject({
      code: "upstream_disconnected",
    });
  });

  it.each(["-1", "1.5", "many", ""])("believes no count of %j tokens", (told) => {
    const call = embeddingsCall({ input: "a" }, TEI);
    const whole = hfTasks.readWhole(goodAnswer([[0.5]], { "x-compute-tokens": told }), call);
    expect(whole).toMatchObject({ kind: "whole" });
    expect(whole).not.toMatchObject({ usage: { inputTokens: expect.any(Number) } });
  });

  it("with fewer vectors than texts is none", () => {
    const call = embeddingsCall({ input: ["a", "b"] }, TEI);
    expect(hfTasks.readWhole(goodAnswer([[0.5]]), call)).toMatchObject({ code: "upstream_disconnected" });
  });
});

describe("a probe", () => {
  it.each([
    [200, "ready"],
    [404, "ready"],
    [503, "loading"],
    [500, "unavailable"],
    [401, "unavailable"],
  ])("answered %d is %s", (status, readiness) => {
    const { url } = hfTasks.toProbe(at([]), null);
    expect(url).toBe("http://hf.invalid/hf/health");
    expect(hfTasks.readProbe(at([]), { status, headers: new Headers(), text: "" })).toBe(readiness);
  });
});
