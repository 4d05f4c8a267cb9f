// The text pipelines: classification, entities, masks, questions, generation and embeddings. Answers
// are deterministic and fit their input: spans are real spans, labels sum to one.
import type { Parsed } from "./answer.ts";
import { DIMENSIONS, embed } from "./embedding.ts";
import { generate } from "./generation.ts";
import { type HfJob, type HfResult, hfComplaint } from "./hf-input.ts";
import { isObject, listAt, numberAt, textAt } from "./json-object.ts";
import { readPrompts } from "./prompts.ts";
import { rankLabels } from "./ranked-labels.ts";
import { hashText } from "./seeded.ts";
import { writeScript } from "./text.ts";
import { tokenId } from "./tokens.ts";
import { NOUNS } from "./vocabulary.ts";

const SENTIMENTS = ["POSITIVE", "NEGATIVE", "NEUTRAL"];
const NEEDS_TEXT = "inputs must be a string or a list of strings";

/** A text alone: `[[{label, score}…]]`, with `top_k` flat; several: one list for each. */
export function classifyText(job: HfJob): Parsed<HfResult> {
  const texts = textsOf(job.inputs);
  if (texts === null) return hfComplaint(NEEDS_TEXT);
  const topK = numberAt(job.parameters, "top_k");
  const lists = texts.map((text) => rankLabels(SENTIMENTS, keyOf(job, text)).slice(0, topK ?? undefined));
  const isFlat = typeof job.inputs === "string" && topK !== null;
  return found(isFlat ? lists[0] : lists);
}

/** Capitalised words and numbers pass for entities; runs of them for one. */
export function findEntities(job: HfJob): Parsed<HfResult> {
  const texts = textsOf(job.inputs);
  if (texts === null) return hfComplaint(NEEDS_TEXT);
  const lists = texts.map((text) =>
    [...text.matchAll(/\p{Lu}[\p{L}\p{M}’'-]+(?: \p{Lu}[\p{L}\p{M}’'-]+)*/gu)].map((match) => {
      const [word] = match;
      const [best] = rankLabels(["PER", "LOC", "ORG", "MISC"], keyOf(job, word));
      const score = 0.9 + (best?.score ?? 0) / 10.5;
      return { entity_group: best?.label, score, word, start: match.index, end: match.index + word.length };
    }),
  );
  return found(typeof job.inputs === "string" ? lists[0] : lists);
}

const MASK = /\[MASK\]|<mask>/;

export function fillMask(job: HfJob): Parsed<HfResult> {
  const texts = textsOf(job.inputs);
  if (texts === null) return hfComplaint(NEEDS_TEXT);
  if (!texts.every((text) => MASK.test(text)))
    return hfComplaint("No mask_token ([MASK]) found on the input");
  const topK = numberAt(job.parameters, "top_k") ?? 5;
  const lists = texts.map((text) => {
    const first = hashText(keyOf(job, text)) % NOUNS.length;
    const words = Array.from({ length: 5 }, (_, index) => NOUNS[(first + 7 * index) % NOUNS.length] ?? "");
    const ranked = rankLabels(words, keyOf(job, text)).slice(0, topK);
    return ranked.map(({ label, score }) => {
      return { score, token: tokenId(label), token_str: label, sequence: text.replace(MASK, label) };
    });
  });
  return found(typeof job.inputs === "string" ? lists[0] : lists);
}

/** The answer is the longest word of the sentence that shares most words with the question. */
export function answerQuestion(job: HfJob): Parsed<HfResult> {
  const inputs = isObject(job.inputs) ? job.inputs : {};
  const question = textAt(inputs, "question");
  const context = textAt(inputs, "context");
  if (!question || !context) return hfComplaint("`question` and `context` cannot be empty");
  const asked = new Set(question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  let best = { answer: "", start: 0, shared: -1 };
  for (const sentence of context.matchAll(/[^.!?\n]+/g)) {
    const words = [...sentence[0].matchAll(/[\p{L}\p{N}][\p{L}\p{N}’'-]*/gu)];
    const isAsked = (word: RegExpExecArray) => asked.has(word[0].toLowerCase());
    const shared = words.filter(isAsked).length;
    const [longest] = words.filter((word) => !isAsked(word)).sort((a, b) => b[0].length - a[0].length);
    if (longest === undefined || shared <= best.shared) continue;
    best = { answer: longest[0], start: sentence.index + longest.index, shared };
  }
  const score = Math.min(0.99, 0.5 + best.shared / 10);
  return found({ score, start: best.start, end: best.start + best.answer.length, answer: best.answer });
}

/** transformers' own default is 20 tokens; the prompt comes back before them unless told otherwise. */
const DEFAULT_NEW_TOKENS = 20;

export function continueText(job: HfJob): Parsed<HfResult> {
  const texts = textsOf(job.inputs);
  if (texts === null) return hfComplaint(NEEDS_TEXT);
  const { base } = job.served;
  const maxTokens = Math.min(
    numberAt(job.parameters, "max_new_tokens") ?? DEFAULT_NEW_TOKENS,
    base.maxOutputTokens,
  );
  const stop = listAt(job.parameters, "stop").filter((text) => typeof text === "string");
  const limits = { maxTokens, minTokens: 0, ignoreEos: false, stop, includeStop: true };
  const runs = texts.map((text) => {
    const key = JSON.stringify([keyOf(job, text), numberAt(job.parameters, "seed") ?? 0]);
    return generate((atLeast) => writeScript({ key, ask: text }, atLeast), "", limits).tokens;
  });
  const value = runs.map((tokens, index) => {
    const prompt = job.parameters.return_full_text === false ? "" : `${texts[index] ?? ""} `;
    return { generated_text: prompt + tokens.join("") };
  });
  const tokens = runs.reduce((total, run) => total + run.length, 0);
  return { ok: true, value: { value, tokens } };
}

/** One vector a text, as text-embeddings-inference gives them. */
export function embedTexts(job: HfJob): Parsed<HfResult> {
  const texts = readPrompts(job.inputs);
  if (texts === null) return hfComplaint(NEEDS_TEXT);
  return found(texts.map((text) => embed(job.served.identity, text, DIMENSIONS)));
}

function textsOf(inputs: unknown): readonly string[] | null {
  if (typeof inputs === "string") return [inputs];
  if (!Array.isArray(inputs)) return null;
  const texts = inputs.filter((text) => typeof text === "string");
  return texts.length === inputs.length && texts.length > 0 ? texts : null;
}

function keyOf(job: HfJob, text: string): string {
  return `${job.served.identity}|${text}`;
}

function found(value: unknown): Parsed<HfResult> {
  return { ok: true, value: { value, tokens: 0 } };
}
