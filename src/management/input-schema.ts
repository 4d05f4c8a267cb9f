// The JSON Schema of the body that a model is called with. Where an endpoint reads the body, the schema is
// made from the one it checks with, so that they cannot differ.
import * as z from "zod";
import { chatRequest, completionsRequest, embeddingsRequest } from "../dialects/openai-schema.ts";
import type { Model, ModelTask } from "../domain/catalog.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

export function inputSchema(model: Model): JsonSchema {
  if (model.capabilities.includes("chat")) return z.toJSONSchema(chatRequest, { io: "input" });
  if (model.capabilities.includes("completions")) return z.toJSONSchema(completionsRequest, { io: "input" });
  if (model.capabilities.includes("embeddings")) return z.toJSONSchema(embeddingsRequest, { io: "input" });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      model: { type: "string" },
      inputs: INPUTS[model.task],
      parameters: { type: "object" },
    },
    required: ["model", "inputs"],
  };
}

const TEXT = { type: "string" };
const TEXTS = { anyOf: [TEXT, { type: "array", items: TEXT, minItems: 1 }] };
const FILE = { type: "string", contentEncoding: "base64" };

/** Hugging Face's forms, one per task. */
const INPUTS: Readonly<Record<ModelTask, JsonSchema>> = {
  "text-generation": TEXT,
  embeddings: TEXTS,
  "text-classification": TEXTS,
  "token-classification": TEXTS,
  "fill-mask": TEXTS,
  "text-to-image": TEXT,
  "image-classification": FILE,
  "object-detection": FILE,
  "automatic-speech-recognition": FILE,
  "zero-shot-image-classification": FILE,
  "question-answering": {
    type: "object",
    properties: { question: TEXT, context: TEXT },
    required: ["question", "context"],
  },
};
