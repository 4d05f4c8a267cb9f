// Tasks beside text generation, as every step names them: what is asked, and what comes back, one output an
// input. Callers' and origins' own words for them are their dialect's and their kind's business.
import type { Json } from "../lib/record.ts";
import type { ModelTask } from "./catalog.ts";

export type Task = Exclude<ModelTask, "text-generation">;

/** Pictures and sound come alone and questions too; only texts may be several. */
export type TaskInput =
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  | { readonly kind: "question"; readonly question: string; readonly context: string }
  | { readonly kind: "media"; readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string };

/** Body of an Inference of wire "tasks". */
export interface TaskRequest {
  readonly task: Task;
  readonly input: TaskInput;
  /** The caller sent a list and gets one, be it of one. */
  readonly isList: boolean;
  /** In the words of Hugging Face's pipelines: `top_k`, `threshold`, `candidate_labels`, `return_timestamps`, … */
  readonly parameters: Json;
}

/** What stands, as JSON, in the text of a whole answer of wire "tasks". */
export type TaskResult = { readonly [T in Task]: ResultOf<T> }[Task];

export interface ResultOf<T extends Task> {
  readonly task: T;
  readonly isList: boolean;
  /** One for each input, in their order; at least one. */
  readonly outputs: readonly TaskOutputs[T][];
}

export interface TaskOutputs {
  readonly embeddings: readonly number[];
  readonly "text-classification": readonly Label[];
  readonly "token-classification": readonly Entity[];
  readonly "image-classification": readonly Label[];
  readonly "zero-shot-image-classification": readonly Label[];
  readonly "object-detection": readonly Detected[];
  readonly "automatic-speech-recognition": Transcript;
  readonly "fill-mask": readonly Fill[];
  readonly "question-answering": Span;
  readonly "text-to-image": Picture;
}

/** Lists of labels stand by falling score. */
export interface Label {
  readonly label: string;
  readonly score: number;
}

/** `start` and `end` count characters of the input; null where the tokenizer does not know them. */
export interface Entity extends Label {
  readonly text: string;
  readonly start: number | null;
  readonly end: number | null;
}

/** Pixels from the upper left corner. */
export interface Detected extends Label {
  readonly box: {
    readonly xmin: number;
    readonly ymin: number;
    readonly xmax: number;
    readonly ymax: number;
  };
}

export interface Transcript {
  readonly text: string;
  /** As the origin names it; null where it does not. */
  readonly language: string | null;
  /** null where the origin gave none. */
  readonly segments: readonly Segment[] | null;
}

/** Seconds; the end of the last one may be unknown. */
export interface Segment {
  readonly start: number;
  readonly end: number | null;
  readonly text: string;
}

export interface Fill {
  /** What fills the mask. */
  readonly text: string;
  readonly token: number | null;
  readonly score: number;
  /** The whole input with its mask filled. */
  readonly sequence: string;
}

/** A part of the question's context. */
export interface Span {
  readonly answer: string;
  readonly score: number;
  readonly start: number;
  readonly end: number;
}

export interface Picture {
  readonly base64: string;
  /** MIME type, read from the bytes. */
  readonly type: string;
}

/** How many outputs a good answer has. */
export function countOfInputs(input: TaskInput): number {
  return input.kind === "texts" ? input.texts.length : 1;
}
