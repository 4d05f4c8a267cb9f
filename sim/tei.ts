// text-embeddings-inference, of which every model is a server of its own: /tei/{servedAs}/embed and /predict. Its
// errors name their type, its counts stand in headers, and a list of two texts to /predict is one pair.
import { type Answer, jsonAnswer, textAnswer, type WholeAnswer } from "./answer.ts";
import { type Call, withWork } from "./call.ts";
import { DIMENSIONS, embed } from "./embedding.ts";
import { isObject, numberAt } from "./json-object.ts";
import { rankLabels } from "./ranked-labels.ts";
import { unknownModel } from "./refusals.ts";
import { findServed, type Served } from "./served.ts";
import { countTokens } from "./tokens.ts";

export function tei(call: Call): Answer {
  const { name, page } = teiPath(call.rest);
  const served = findServed(call.shelf, name);
  if (served === null) return unknownModel("hf", name).answer;
  const body = isObject(call.body) ? call.body : {};
  if (page === "embed") return answer(call, served, { task: "embeddings", sequences: textsOf(body.inputs) });
  if (page === "predict") {
    return answer(call, served, { task: "text-classification", sequences: sequencesOf(body.inputs) });
  }
  return jsonAnswer(404, {});
}

/** Says nothing but that the server is up, which it is once its one model is loaded. */
export function teiHealth(call: Call): Answer {
  const { name, page } = teiPath(call.rest);
  const isThere = page === "health" && findServed(call.shelf, name) !== null;
  return textAnswer(isThere ? 200 : 404, "", "text/plain");
}

/** `name/page`; names hold slashes too. */
export function teiPath(rest: string): { readonly name: string; readonly page: string } {
  const at = rest.lastIndexOf("/");
  return { name: rest.slice(0, Math.max(0, at)), page: rest.slice(at + 1) };
}

interface Asked {
  readonly task: "embeddings" | "text-classification";
  /** null: not a form that this page takes. */
  readonly sequences: Sequences | null;
}

interface Sequences {
  readonly all: readonly string[];
  readonly isBatch: boolean;
}

/** Its own default; an operator may allow more. */
const MAX_BATCH = 32;

function answer(call: Call, served: Served, { task, sequences }: Asked): WholeAnswer {
  const started = performance.now();
  if (sequences === null) return jsonAnswer(422, { error: "inputs: invalid type", error_type: "validation" });
  const { all, isBatch } = sequences;
  if (served.base.task !== task) return refused(424, "backend", `model is not a ${task} model`);
  if (all.length === 0) return refused(400, "empty", "`inputs` cannot be empty");
  if (all.length > MAX_BATCH) {
    return refused(413, "validation", `batch size ${all.length} > maximum allowed batch size ${MAX_BATCH}`);
  }
  const counts = all.map(countTokens);
  const longest = Math.max(...counts);
  if (longest > served.base.contextLength) {
    const limit = `\`inputs\` must have less than ${served.base.contextLength} tokens. Given: ${longest}`;
    return refused(413, "validation", `Input validation error: ${limit}`);
  }
  const rows = all.map((text) => outputOf(call, served, text));
  const tokens = counts.reduce((total, count) => total + count, 0);
  // Vectors always come in a list, labels of a lone text do not.
  const value = isBatch || task === "embeddings" ? rows : rows[0];
  const good = jsonAnswer(200, value, {
    "x-compute-type": "gpu+optimized",
    "x-compute-characters": String(all.join("").length),
    "x-compute-tokens": String(tokens),
    "x-total-time": String(Math.round(performance.now() - started)),
  });
  return withWork(good, { promptTokens: tokens, steps: 0, tokens: 0, served }, call);
}

function outputOf(call: Call, served: Served, text: string): unknown {
  if (served.base.task === "embeddings") {
    const dimensions = isObject(call.body) ? numberAt(call.body, "dimensions") : null;
    return embed(served.identity, text, dimensions ?? DIMENSIONS);
  }
  const ranked = rankLabels(["POSITIVE", "NEGATIVE", "NEUTRAL"], `${served.identity}|${text}`);
  return ranked.map(({ label, score }) => ({ score, label }));
}

function textsOf(inputs: unknown): Sequences | null {
  if (typeof inputs === "string") return { all: [inputs], isBatch: false };
  return isTexts(inputs) ? { all: inputs, isBatch: true } : null;
}

/** A text, a pair of texts, or a list of lists of one or two. */
function sequencesOf(inputs: unknown): Sequences | null {
  if (typeof inputs === "string") return { all: [inputs], isBatch: false };
  if (isTexts(inputs) && inputs.length > 0) {
    return inputs.length <= 2 ? { all: [inputs.join(" ")], isBatch: false } : null;
  }
  if (!Array.isArray(inputs) || !inputs.every((one) => isTexts(one) && one.length <= 2)) return null;
  return { all: inputs.map((one: readonly string[]) => one.join(" ")), isBatch: true };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function refused(status: number, error_type: string, error: string): WholeAnswer {
  return jsonAnswer(status, { error, error_type });
}
