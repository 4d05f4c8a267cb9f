// Every kind asked for everything it speaks, through the attempt that requests go through: servers are a simulated
// region over true HTTP, and for Workers AI a binding in its documented forms. Each kind of one task answers alike.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ORIGIN_KINDS, type Origin } from "../../src/domain/catalog.ts";
import type { Frame } from "../../src/domain/frame.ts";
import type { Inference } from "../../src/domain/inference.ts";
import type { Ports } from "../../src/domain/ports.ts";
import type { Task, TaskRequest } from "../../src/domain/task.ts";
import { type AttemptOrder, fetchWhole, openStream } from "../../src/origins/attempt.ts";
import { kindOf } from "../../src/origins/kinds/index.ts";
import type { Call, Whole } from "../../src/origins/kinds/kind.ts";
import { sampleInference, sampleOrigin, sampleTarget } from "../domain/sample-target.ts";
import {
  embeddingsCall,
  sampleCall,
  taskCall,
  taskRequest,
  wholeCall,
} from "../origins/kinds/sample-call.ts";
import { openRegion, type RegionClient } from "../sim/region-client.ts";
import { fakePorts } from "../support/fake-ports.ts";
import { fakeWorkersAi, PNG } from "../support/fake-workers-ai.ts";

let region: RegionClient;
let ports: Ports;
beforeAll(async () => {
  region = await openRegion({ gpuTime: true, apiKey: "s3cret" });
  ports = fakePorts({ fetch, workersAi: fakeWorkersAi() }).ports;
});
afterAll(() => region.running.close());

/** A server: its kind, where it stands under the region's root, and how it is addressed. */
type Place = Pick<Origin, "kind" | "features"> & { readonly path: string };

const OPENAI: Place = { kind: "openai-compatible", features: [], path: "/v1" };
const HF: Place = { kind: "hf-tasks", features: [], path: "/hf" };
const BINDING: Place = { kind: "workers-ai", features: [], path: "" };
const alone = (model: string): Place => ({
  kind: "hf-tasks",
  features: ["single_model"],
  path: `/hf/models/${model}`,
});
const tei = (model: string): Place => ({ kind: "hf-tasks", features: ["tei"], path: `/tei/${model}` });

function orderOf({ kind, features, path }: Place, servedAs: string, call: Call): AttemptOrder {
  const spoken = kindOf(kind);
  if (spoken === null) throw new Error(`no kind ${kind}`);
  const base_url = region.running.baseUrl.replace("/v1", "") + path;
  const target = { ...sampleTarget(), servedAs, origin: sampleOrigin({ kind, features, base_url }) };
  return {
    kind: spoken,
    call: { ...call, target, secret: "s3cret" },
    firstMs: 5_000,
    idleMs: 5_000,
    signal: new AbortController().signal,
  };
}

async function wholeOf(place: Place, servedAs: string, call: Call): Promise<Whole> {
  const whole = await fetchWhole(ports, orderOf(place, servedAs, call));
  if (!("kind" in whole)) throw new Error(JSON.stringify(whole));
  return whole;
}

const IMAGE = { kind: "media", bytes: new Uint8Array(PNG), type: "image/png" } as const;
const SOUND = { kind: "media", bytes: new Uint8Array(96_000), type: "audio/wav" } as const;
const num = expect.any(Number);
const text = expect.any(String);
const LABELS = expect.arrayContaining([{ label: text, score: num }]);
const BOX = { xmin: num, ymin: num, xmax: num, ymax: num };

interface Job {
  readonly request: TaskRequest;
  /** Of each output. */
  readonly output: unknown;
  readonly servers: readonly (readonly [Place, servedAs: string])[];
}

const TEXT = "She saw Ada Lovelace in London.";
const JOBS: Readonly<Record<Task, Job>> = {
  embeddings: {
    request: taskRequest("embeddings", ["one", "two"]),
    output: expect.arrayContaining([num]),
    servers: [
      [OPENAI, "bge-small"],
      [HF, "bge-small"],
      [alone("bge-small"), "bge-small"],
      [tei("bge-small"), "bge-small"],
      [BINDING, "@cf/baai/bge-m3"],
    ],
  },
  "text-classification": {
    request: taskRequest("text-classification", "I love it"),
    output: LABELS,
    servers: [
      [HF, "org/sentiment"],
      [alone("org/sentiment"), "org/sentiment"],
      [tei("org/sentiment"), "org/sentiment"],
      [BINDING, "@cf/huggingface/distilbert-sst-2-int8"],
    ],
  },
  "token-classification": {
    request: taskRequest("token-classification", TEXT),
    output: expect.arrayContaining([{ text: "Ada Lovelace", label: text, score: num, start: 8, end: 20 }]),
    servers: [
      [HF, "ner"],
      [alone("ner"), "ner"],
    ],
  },
  "image-classification": {
    request: taskRequest("image-classification", IMAGE),
    output: LABELS,
    servers: [
      [HF, "vit"],
      [BINDING, "@cf/microsoft/resnet-50"],
    ],
  },
  "zero-shot-image-classification": {
    request: taskRequest("zero-shot-image-classification", IMAGE, {
      parameters: { candidate_labels: ["cat", "dog"] },
    }),
    output: expect.arrayContaining(["cat", "dog"].map((label) => ({ label, score: num }))),
    servers: [[HF, "clip"]],
  },
  "object-detection": {
    request: taskRequest("object-detection", IMAGE),
    output: expect.arrayContaining([{ label: text, score: num, box: BOX }]),
    servers: [
      [HF, "detr"],
      [BINDING, "@cf/facebook/detr-resnet-50"],
    ],
  },
  "automatic-speech-recognition": {
    request: taskRequest("automatic-speech-recognition", SOUND, { parameters: { return_timestamps: true } }),
    output: {
      text: expect.stringMatching(/\S/),
      language: expect.toBeOneOf([null, "en"]),
      segments: expect.anything(),
    },
    servers: [
      [OPENAI, "whisper"],
      [HF, "whisper"],
      [BINDING, "@cf/openai/whisper-large-v3-turbo"],
    ],
  },
  "fill-mask": {
    request: taskRequest("fill-mask", "Paris is the [MASK] of France."),
    output: expect.arrayContaining([
      { text, token: num, score: num, sequence: expect.stringMatching(/^Paris is the \w+ of France\.$/) },
    ]),
    servers: [[HF, "bert"]],
  },
  "question-answering": {
    request: taskRequest("question-answering", {
      kind: "question",
      question: "Who was the architect?",
      context: "The bridge opened in 1932. Its architect was Bradfield.",
    }),
    output: { answer: "Bradfield", score: num, start: 45, end: 54 },
    servers: [[HF, "roberta"]],
  },
  "text-to-image": {
    request: taskRequest("text-to-image", "a lighthouse", { parameters: { width: 32, height: 16 } }),
    output: { base64: expect.stringMatching(/^iVBORw0KGgo/), type: "image/png" },
    servers: [
      [HF, "sdxl"],
      [alone("sdxl"), "sdxl"],
      [BINDING, "@cf/bytedance/stable-diffusion-xl-lightning"],
      [BINDING, "@cf/black-forest-labs/flux-1-schnell"],
    ],
  },
};

const asked = Object.values(JOBS).flatMap(({ servers, ...job }) =>
  servers.map(
    ([place, servedAs]) =>
      [job.request.task, `${place.kind} ${place.features}`, servedAs, place, job] as const,
  ),
);

describe("a task", () => {
  it.each(asked)("%s, by %s: %s", async (task, _, servedAs, place, { request, output }) => {
    const whole = await wholeOf(place, servedAs, taskCall(request));
    const result = JSON.parse(whole.text);
    expect(result).toEqual({ task, isList: request.isList, outputs: expect.any(Array) });
    expect(result.outputs).toHaveLength(request.input.kind === "texts" ? request.input.texts.length : 1);
    for (const one of result.outputs) expect(one).toEqual(output);
    // Of what the network brings, GPU time is told in a header: it must not be lost for lack of counts.
    expect(whole.usage?.gpuMs ?? 0).toBeGreaterThanOrEqual(place.kind === "workers-ai" ? 0 : 1);
  });

  it.each(ORIGIN_KINDS)("is refused by %s exactly where its wire has no words for it", (kind) => {
    for (const { request, servers } of Object.values(JOBS)) {
      const isSpoken = servers.some(([place]) => place.kind === kind);
      const refusal = kindOf(kind)?.refusalOf(taskCall(request));
      if (isSpoken) expect(refusal, request.task).toBeNull();
      else
        expect(refusal, request.task).toMatchObject({
          code: "invalid_value",
          isRetryable: true,
          status: null,
        });
    }
  });

  it("of a list of texts has as many outputs, at a pipeline and at its rival's page of pairs", async () => {
    const several = taskCall(taskRequest("text-classification", ["I love it", "I hate it"]));
    const lists = await Promise.all(
      [HF, tei("org/sentiment")].map((place) => wholeOf(place, "org/sentiment", several)),
    );
    const [pipeline, pairs] = lists.map((whole) => JSON.parse(whole.text));
    expect(pipeline.outputs).toHaveLength(2);
    expect(pairs).toEqual(pipeline);
  });

  it("at a server that is not said to be of pairs fails, rather than classify two texts as one", async () => {
    const several = taskCall(taskRequest("text-classification", ["I love it", "I hate it"]));
    const wrong: Place = {
      ...tei("org/sentiment"),
      path: "/tei/org/sentiment/predict",
      features: ["single_model"],
    };
    await expect(wholeOf(wrong, "org/sentiment", several)).rejects.toThrow("upstream_disconnected");
  });
});

describe("embeddings on OpenAI's wire", () => {
  const servers = [
    [OPENAI, "bge-small"],
    [HF, "bge-small"],
    [tei("bge-small"), "bge-small"],
    [BINDING, "@cf/baai/bge-m3"],
  ] as const;

  it.each(servers)("are a list with counts: %o %s", async (place, servedAs) => {
    const list = JSON.parse((await wholeOf(place, servedAs, embeddingsCall({ input: ["a", "b"] }))).text);
    expect(list).toMatchObject({
      object: "list",
      model: servedAs,
      usage: { prompt_tokens: num, total_tokens: num },
    });
    expect(list.data.map((row: { index: number }) => row.index)).toEqual([0, 1]);
    expect(list.data[0]).toMatchObject({ object: "embedding", embedding: expect.arrayContaining([num]) });
  });

  it.each(servers)("are packed where that is asked for: %o %s", async (place, servedAs) => {
    const ask = async (more: object) =>
      JSON.parse((await wholeOf(place, servedAs, embeddingsCall({ input: "a", ...more }))).text).data[0]
        .embedding;
    const bytes = Buffer.from(await ask({ encoding_format: "base64" }), "base64");
    const floats = new Float32Array(new Uint8Array(bytes).buffer);
    expect([...floats]).toEqual((await ask({})).map(Math.fround));
  });

  it("are counted by text-embeddings-inference itself", async () => {
    const { usage } = await wholeOf(
      tei("bge-small"),
      "bge-small",
      embeddingsCall({ input: "one two three" }),
    );
    expect(usage?.inputTokens).toBeGreaterThan(0);
  });
});

const CHAT_MODELS = [
  [OPENAI, "qwen3-14b"],
  [BINDING, "@cf/meta/llama-3.1-8b-instruct"],
  [BINDING, "@cf/zai-org/glm-5.3-flash"],
] as const;

async function framesOf(
  place: Place,
  servedAs: string,
  inference: Partial<Inference>,
): Promise<readonly Frame[]> {
  const call = sampleCall({ inference: sampleInference(inference), maxOutputTokens: 8 });
  const opened = await openStream(ports, orderOf(place, servedAs, call));
  if (!("frames" in opened)) throw new Error(JSON.stringify(opened));
  const frames = [...opened.first];
  for (;;) {
    const more = await opened.frames.next();
    if (more === null) return frames;
    frames.push(...more);
  }
}

describe("chat", () => {
  it.each(CHAT_MODELS)("streams OpenAI's frames, one finish and a count: %o %s", async (place, servedAs) => {
    const frames = await framesOf(place, servedAs, {});
    const shown = frames.filter((frame) => frame.kind === "content").map((frame) => JSON.parse(frame.text));
    for (const chunk of shown) {
      expect(chunk).toMatchObject({ id: text, object: "chat.completion.chunk", created: num, model: text });
    }
    expect(shown[0].choices[0].delta.role).toBe("assistant");
    expect(shown.map((chunk) => chunk.choices[0].delta.content ?? "").join("")).toMatch(/\S/);
    expect(frames.reduce((sum, frame) => sum + frame.finishedChoices, 0)).toBe(1);
    expect(frames.findLast((frame) => frame.usage !== null)?.usage?.outputTokens).toBeGreaterThan(0);
    expect(frames.some((frame) => frame.kind === "failed")).toBe(false);
  });

  it.each(CHAT_MODELS)("answers whole: %o %s", async (place, servedAs) => {
    const whole = await wholeOf(place, servedAs, wholeCall({ wire: "openai-chat" }, { maxOutputTokens: 8 }));
    const answer = JSON.parse(whole.text);
    expect(answer).toMatchObject({ object: "chat.completion", created: num, id: text, model: text });
    expect(answer.choices[0]).toMatchObject({
      message: { role: "assistant", content: text },
      finish_reason: text,
    });
    expect(whole.usage?.outputTokens).toBeGreaterThan(0);
  });
});

describe("completions", () => {
  const wire = "openai-completions" as const;
  const body = { prompt: "Once upon" };

  it.each(CHAT_MODELS.slice(0, 2))("stream and answer whole: %o %s", async (place, servedAs) => {
    const frames = await framesOf(place, servedAs, { wire, body: { ...body, stream: true } });
    const shown = frames.filter((frame) => frame.kind === "content").map((frame) => JSON.parse(frame.text));
    expect(shown.map((chunk) => chunk.choices[0].text).join("")).toMatch(/\S/);
    expect(shown[0]).toMatchObject({ object: "text_completion" });
    expect(frames.reduce((sum, frame) => sum + frame.finishedChoices, 0)).toBe(1);
    const whole = JSON.parse((await wholeOf(place, servedAs, wholeCall({ wire, body }))).text);
    expect(whole).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, text: expect.stringMatching(/\S/) }],
    });
  });
});

describe("a probe", () => {
  it.each([
    [OPENAI, "qwen3-14b", "ready"],
    [OPENAI, "nope", "unavailable"],
    [HF, "ner", "ready"],
    [alone("ner"), "ner", "ready"],
    [tei("bge-small"), "bge-small", "ready"],
  ] as const)("of %o for %s finds it %s", async (place, servedAs, readiness) => {
    const { kind, call } = orderOf(place, servedAs, sampleCall());
    const { url, init } = kind.toProbe(call.target, call.secret);
    const answer = await fetch(url, init);
    const told = { status: answer.status, headers: answer.headers, text: await answer.text() };
    expect(kind.readProbe(call.target, told)).toBe(readiness);
  });
});

describe("a region that misbehaves", () => {
  const ner = taskCall(taskRequest("token-classification", TEXT));
  const faults = [
    [{ kind: "loading" }, { code: "model_loading", retryAfterMs: 20_000 }],
    // Not a word of load in it: as the proxy of a sleeping endpoint answers.
    [{ kind: "status_503" }, { code: "model_loading" }],
    [{ kind: "status_429" }, { code: "overloaded", retryAfterMs: 1_000 }],
    [{ kind: "status_500" }, { code: "upstream_failed", status: 500 }],
  ] as const;

  it.each(faults)("with %j is understood on the task wire", async (fault, failure) => {
    await region.fault({ ...fault, count: 1 });
    const result = await fetchWhole(ports, orderOf(HF, "ner", ner));
    expect(result).toMatchObject({ ...failure, isRetryable: true });
  });

  it("answers nonsense with 200, which is no result", async () => {
    await region.fault({ kind: "garbage", count: 1 });
    expect(await fetchWhole(ports, orderOf(HF, "ner", ner))).toMatchObject({ code: "upstream_disconnected" });
  });

  it("does not know the model, or us", async () => {
    expect(await fetchWhole(ports, orderOf(HF, "nope", ner))).toMatchObject({
      code: "upstream_failed",
      status: 404,
    });
    const stranger = orderOf(HF, "ner", ner);
    const order = { ...stranger, call: { ...stranger.call, secret: "wrong" } };
    expect(await fetchWhole(ports, order)).toMatchObject({ code: "upstream_failed", status: 401 });
  });
});
