// Cloudflare's own models, through the `AI` binding: no address, no key, no connection of ours. Older models speak
// a wire of their own, newer ones OpenAI's; which one does is seen in its answer, never in its name.
import type { Target } from "../../domain/catalog.ts";
import type { Failure } from "../../domain/frame.ts";
import { type Json, recordOf } from "../../lib/record.ts";
import { embeddingsAnswer } from "./embeddings-list.ts";
import type { Call, FailedAnswer, GoodAnswer, Kind, OriginRequest, Whole } from "./kind.ts";
import { UNCOUNTED } from "./openai-usage.ts";
import { taskAnswer } from "./task-answer.ts";
import { textOf } from "./text-of.ts";
import { wellFormedJson } from "./well-formed.ts";
import { workersAiFailure } from "./workers-ai-failure.ts";
import { workersAiInputs, workersAiRefusal } from "./workers-ai-inputs.ts";
import { vectorsIn, workersAiOutputs } from "./workers-ai-outputs.ts";
import { workersAiFrameReader } from "./workers-ai-stream.ts";
import { workersAiText } from "./workers-ai-text.ts";

export const workersAi: Kind = {
  name: "workers-ai",
  wires: ["openai-chat", "openai-completions", "openai-embeddings", "tasks"],
  refusalOf: workersAiRefusal,
  toRequest: (call) => request(call.target, workersAiInputs(call)),
  frameReader: workersAiFrameReader,
  readWhole,
  readFailure: workersAiFailure,
  toProbe: (target) => request(target, null),
  // Whether a model is there, only its answer tells: the binding has nothing to ask but for answers.
  readProbe: (_: Target, { status }: FailedAnswer) => (status === 200 ? "ready" : "unavailable"),
};

function request(
  { origin, servedAs }: Target,
  inputs: ReturnType<typeof workersAiInputs> | null,
): OriginRequest {
  return {
    url: `${origin.base_url}/run/${servedAs}`,
    init: { method: inputs === null ? "GET" : "POST", redirect: "manual" },
    workersAi: { model: servedAs, inputs: inputs === null ? null : wellFormed(inputs) },
  };
}

/** The binding writes the JSON itself, and would write lone surrogates too. */
function wellFormed(inputs: Json): Json {
  const json = JSON.stringify(inputs);
  const written = wellFormedJson(json);
  return written === json ? inputs : recordOf(JSON.parse(written));
}

function readWhole(answer: GoodAnswer, call: Call): Whole | Failure {
  const { wire, task } = call.inference;
  if (task !== null) return taskAnswer(task, workersAiOutputs(answer, task), UNCOUNTED);
  if (wire !== "openai-embeddings") return workersAiText(answer, call);
  return embeddingsAnswer(call, vectorsIn(textOf(answer)), UNCOUNTED);
}
