// What the pipelines of Hugging Face return, and what others return in their form, read into our outputs: one for
// each input. Pure. A missing or senseless member makes the whole answer worthless: half of it would be a guess.
import type { Detected, Entity, Fill, Label, Segment, Span, Task, Transcript } from "../../domain/task.ts";
import { recordOf } from "../../lib/record.ts";

export type JsonTask = Exclude<Task, "text-to-image">;

/** One output for each of `count` inputs; null where the value is none. */
export function readOutputs(task: JsonTask, value: unknown, count: number): readonly unknown[] | null {
  return all(perInput(task, value, count), READERS[task]);
}

/** A vector of at least one finite number. */
export function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);
}

type Read<Output> = (value: unknown) => Output | null;

const READERS: Readonly<Record<JsonTask, Read<unknown>>> = {
  embeddings: (value) => (isVector(value) ? value : null),
  "text-classification": labelsIn,
  "image-classification": labelsIn,
  "zero-shot-image-classification": labelsIn,
  "token-classification": (value) => listIn(value, entityIn),
  "object-detection": (value) => fallingIn(value, detectedIn),
  "automatic-speech-recognition": transcriptIn,
  "fill-mask": fillsIn,
  "question-answering": spanIn,
};

/** Servers leave the outer list out for one input, some even for several. */
function perInput(task: JsonTask, value: unknown, count: number): readonly unknown[] {
  if (task === "embeddings") return vectorsIn(value);
  // One recording or question is one answer; asked for several answers, pipelines give the best first.
  if (task === "automatic-speech-recognition" || task === "question-answering") {
    return [Array.isArray(value) ? value[0] : value];
  }
  if (!Array.isArray(value)) return [value];
  const isNested = value.length > 0 && value.every(Array.isArray);
  if (count === 1) return isNested ? [value.flat()] : [value];
  // A list of texts gets the best label of each, unless more were asked for.
  return isNested || task !== "text-classification" ? value : value.map((best) => [best]);
}

/** A list of vectors, a lone one, or either under a name. */
function vectorsIn(value: unknown): readonly unknown[] {
  const vectors = recordOf(value).embeddings ?? value;
  if (isVector(vectors)) return [vectors];
  return Array.isArray(vectors) ? vectors : [];
}

function all<Output>(values: readonly unknown[], read: Read<Output>): readonly Output[] | null {
  const outputs: Output[] = [];
  for (const value of values) {
    const output = read(value);
    if (output === null) return null;
    outputs.push(output);
  }
  return outputs;
}

function listIn<Output>(value: unknown, read: Read<Output>): readonly Output[] | null {
  return Array.isArray(value) ? all(value, read) : null;
}

function fallingIn<Output extends Label>(value: unknown, read: Read<Output>): readonly Output[] | null {
  return listIn(value, read)?.toSorted((a, b) => b.score - a.score) ?? null;
}

/** Of classifiers an empty list is no answer. */
function labelsIn(value: unknown): readonly Label[] | null {
  const labels = fallingIn(value, labelIn);
  return labels === null || labels.length === 0 ? null : labels;
}

function labelIn(value: unknown): Label | null {
  const { label, score } = recordOf(value);
  return typeof label === "string" && isNumber(score) ? { label, score } : null;
}

/** `entity_group` where pieces of words were joined, `entity` where they were not. */
function entityIn(value: unknown): Entity | null {
  const { entity_group, entity, word, score, start, end } = recordOf(value);
  const label = entity_group ?? entity;
  if (typeof label !== "string" || typeof word !== "string" || !isNumber(score)) return null;
  return { text: word, label, score, start: numberOrNull(start), end: numberOrNull(end) };
}

function detectedIn(value: unknown): Detected | null {
  const labelled = labelIn(value);
  const { xmin, ymin, xmax, ymax } = recordOf(recordOf(value).box);
  if (labelled === null || !isNumber(xmin) || !isNumber(ymin) || !isNumber(xmax) || !isNumber(ymax)) {
    return null;
  }
  return { ...labelled, box: { xmin, ymin, xmax, ymax } };
}

function transcriptIn(value: unknown): Transcript | null {
  const { text, chunks, language } = recordOf(value);
  if (typeof text !== "string") return null;
  const segments = chunks === undefined || chunks === null ? null : listIn(chunks, segmentIn);
  return { text, language: typeof language === "string" ? language : null, segments };
}

function segmentIn(value: unknown): Segment | null {
  const { timestamp, text } = recordOf(value);
  const [start, end] = Array.isArray(timestamp) ? timestamp : [];
  return typeof text === "string" && isNumber(start) ? { start, end: numberOrNull(end), text } : null;
}

function fillsIn(value: unknown): readonly Fill[] | null {
  // Several masks in one text have a list each.
  const flat = Array.isArray(value) ? value.flat() : value;
  const fills = listIn(flat, fillIn)?.toSorted((a, b) => b.score - a.score);
  return fills === undefined || fills.length === 0 ? null : fills;
}

function fillIn(value: unknown): Fill | null {
  const { token_str, token, score, sequence } = recordOf(value);
  if (typeof token_str !== "string" || typeof sequence !== "string" || !isNumber(score)) return null;
  return { text: token_str, token: numberOrNull(token), score, sequence };
}

function spanIn(value: unknown): Span | null {
  const { answer, score, start, end } = recordOf(value);
  if (typeof answer !== "string" || !isNumber(score) || !isNumber(start) || !isNumber(end)) return null;
  return { answer, score, start, end };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function numberOrNull(value: unknown): number | null {
  return isNumber(value) ? value : null;
}
