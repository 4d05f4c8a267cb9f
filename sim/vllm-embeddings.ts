// POST /v1/embeddings as vLLM answers it: floats or base64 of little-endian 32-bit floats.
import { type Answer, jsonAnswer } from "./answer.ts";
import { type Call, readModelCall, withWork } from "./call.ts";
import { DIMENSIONS, embed } from "./embedding.ts";
import { numberAt } from "./json-object.ts";
import { readPrompts } from "./prompts.ts";
import { badRequest, invalidBody } from "./refusals.ts";
import { countTokens } from "./tokens.ts";
import { wholeUsage } from "./usage-report.ts";

export function vllmEmbeddings(call: Call): Answer {
  const read = readModelCall(call, ["embeddings"], "Embeddings");
  if (!read.ok) return read.answer;
  const { body, served } = read.value;
  const inputs = body.input === "" ? [""] : readPrompts(body.input);
  if (inputs === null) return invalidBody("input", "Input should be a valid string").answer;
  const format = body.encoding_format ?? "float";
  if (format !== "float" && format !== "base64") {
    return invalidBody("encoding_format", "Input should be float or base64").answer;
  }
  const dimensions = numberAt(body, "dimensions") ?? DIMENSIONS;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > DIMENSIONS) {
    return badRequest(`dimensions must be between 1 and ${DIMENSIONS}, got ${dimensions}.`, "dimensions")
      .answer;
  }
  const counts = inputs.map(countTokens);
  const longest = Math.max(...counts);
  if (longest > served.base.contextLength) {
    const message = `This model's maximum context length is ${served.base.contextLength} tokens. However, your request has ${longest} input tokens. Please reduce the length of the input messages.`;
    return badRequest(message, "input_tokens").answer;
  }
  const promptTokens = counts.reduce((total, count) => total + count, 0);
  const answer = jsonAnswer(200, {
    id: `embd-${call.id}`,
    object: "list",
    created: call.createdS,
    model: served.name,
    data: inputs.map((input, index) => {
      const vector = embed(served.identity, input, dimensions);
      return { index, object: "embedding", embedding: format === "float" ? vector : base64Of(vector) };
    }),
    usage: wholeUsage({ promptTokens, completionTokens: 0, cachedTokens: null }),
  });
  return withWork(answer, { promptTokens, steps: 0, served, tokens: 0 }, call);
}

function base64Of(vector: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, part] of vector.entries()) bytes.setFloat32(index * 4, part, true);
  return Buffer.from(bytes.buffer).toString("base64");
}
