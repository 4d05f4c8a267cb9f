// The pipelines for pictures and sound. They look at nothing but the bytes' hash and length, so
// the same file always holds the same things.
import type { Parsed } from "./answer.ts";
import { type HfJob, type HfResult, hfComplaint } from "./hf-input.ts";
import { listAt, numberAt, textAt } from "./json-object.ts";
import { paintPng } from "./png.ts";
import { rankLabels } from "./ranked-labels.ts";
import { hashText, seededDice } from "./seeded.ts";
import { writeScript } from "./text.ts";

const THINGS = [
  "tabby, tabby cat",
  "golden retriever",
  "bicycle",
  "espresso",
  "lighthouse",
  "acoustic guitar",
  "teapot",
  "harbour",
];

/** With `candidate_labels` the scores are those of these labels, without them of the model's own. */
export function classifyImage(job: HfJob): Parsed<HfResult> {
  const isZeroShot = job.served.base.task === "zero-shot-image-classification";
  const candidates = candidatesOf(job);
  if (isZeroShot && candidates.length === 0) return hfComplaint("`candidate_labels` must be provided");
  const topK = numberAt(job.parameters, "top_k") ?? (isZeroShot ? candidates.length : 5);
  return found(rankLabels(isZeroShot ? candidates : THINGS, keyOf(job)).slice(0, topK));
}

function candidatesOf(job: HfJob): readonly string[] {
  const listed = listAt(job.parameters, "candidate_labels").filter((label) => typeof label === "string");
  const joined = textAt(job.parameters, "candidate_labels");
  return joined === null ? listed : joined.split(",").map((label) => label.trim());
}

export function detectObjects(job: HfJob): Parsed<HfResult> {
  const dice = seededDice(hashText(keyOf(job)));
  const threshold = numberAt(job.parameters, "threshold") ?? 0.5;
  const objects = Array.from({ length: 1 + dice.below(4) }, () => {
    const [xmin, ymin] = [dice.below(400), dice.below(300)];
    const box = { xmin, ymin, xmax: xmin + 20 + dice.below(200), ymax: ymin + 20 + dice.below(150) };
    return { label: dice.pick(THINGS).split(",")[0], score: 0.5 + dice.next() / 2.01, box };
  });
  const sure = objects.filter((one) => one.score >= threshold);
  return found(sure.sort((a, b) => b.score - a.score));
}

/** 16 kHz sound of 16 bits, of which one word lasts about half a second. */
const BYTES_PER_S = 32_000;
const WORDS_PER_S = 2;
/** A recognised file is never longer than this, however large it is. */
const MAX_WORDS = 400;

export function transcribe(job: HfJob): Parsed<HfResult> {
  const seconds = Math.max(1, (job.media?.length ?? 0) / BYTES_PER_S);
  const length = Math.min(MAX_WORDS, Math.ceil(seconds * WORDS_PER_S));
  const tokens = writeScript({ key: keyOf(job), ask: "" }, length).tokens.slice(0, length);
  const text = ` ${tokens.join("").replace(/\s+/g, " ")}`;
  if (!job.parameters.return_timestamps) return { ok: true, value: { value: { text }, tokens: length } };
  const chunks = chunksOf(text, seconds);
  return { ok: true, value: { value: { text, chunks }, tokens: length } };
}

function chunksOf(text: string, seconds: number): readonly unknown[] {
  const sentences = text.match(/[^.!?]+[.!?]*/g) ?? [];
  let read = 0;
  return sentences.map((sentence) => {
    const start = (read / text.length) * seconds;
    read += sentence.length;
    const end = (read / text.length) * seconds;
    return { timestamp: [hundredths(start), hundredths(end)], text: sentence };
  });
}

function hundredths(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

/** Sides of a painted picture: what is asked, within what costs no time to paint. */
const MAX_SIDE = 512;
const DEFAULT_SIDE = 64;

export function paint(job: HfJob): Parsed<HfResult> {
  if (typeof job.inputs !== "string") return hfComplaint("inputs must be a string");
  const seed = numberAt(job.parameters, "seed") ?? 0;
  const dice = seededDice(hashText(`${job.served.identity}|${seed}|${job.inputs}`));
  const value = paintPng(dice, { width: sideOf(job, "width"), height: sideOf(job, "height") });
  return found(value);
}

function sideOf(job: HfJob, name: string): number {
  return Math.min(MAX_SIDE, Math.max(1, Math.round(numberAt(job.parameters, name) ?? DEFAULT_SIDE)));
}

/** The beginning and the length tell files apart; hashing 100 MB would take longer than the answer may. */
const HASHED_BYTES = 65_536;

function keyOf(job: HfJob): string {
  const media = job.media ?? new Uint8Array();
  const beginning = Buffer.from(media.subarray(0, HASHED_BYTES)).toString("latin1");
  return `${job.served.identity}|${media.length}|${beginning}`;
}

function found(value: unknown): Parsed<HfResult> {
  return { ok: true, value: { value, tokens: 0 } };
}
