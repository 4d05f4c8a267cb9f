// Fits what an operator's prompts are about: which kinds of the base they are usually of, and which words
// are theirs rather than everyone's. Everyone is the authored prompts, which come with the project.
import { ramp } from "../../src/lib/curves.ts";
import type { AbilityWeights } from "../../src/routing/ability/ability-weights.ts";
import type { OwnContent } from "../../src/routing/ability/content-likeness.ts";
import { createDemand, readPlain } from "../../src/routing/ability/demand.ts";
import { STEM_BUCKETS } from "../../src/routing/ability/document.ts";
import { PROMPTS_FOLDER } from "../lib/data-folder.ts";
import { quantise } from "../lib/quantise.ts";
import { readAuthored } from "../tasks/task-rows.ts";
import { type Document, documentOf } from "./documents.ts";
import { fitWords } from "./fit-words.ts";

/** A kind is usual from half its share in the packs on, and unusual below a quarter. */
const UNUSUAL_TO = 0.25;
const USUAL_FROM = 0.5;

export function fitContent(
  prompts: readonly string[],
  documents: readonly Document[],
  base: Pick<AbilityWeights, "kinds">,
): OwnContent {
  return { kindShares: kindSharesOf(prompts, base), ...ownWordsOf(documents) };
}

function kindSharesOf(prompts: readonly string[], { kinds }: Pick<AbilityWeights, "kinds">): Float32Array {
  const demand = createDemand(kinds.classes);
  const sums = new Float64Array(kinds.classes);
  for (const prompt of prompts) {
    readPlain(prompt, kinds, demand);
    for (let kind = 0; kind < sums.length; kind++) sums[kind] = (sums[kind] ?? 0) + (demand.kinds[kind] ?? 0);
  }
  return Float32Array.from(sums, (sum, kind) =>
    ramp(sum / prompts.length / Math.exp(kinds.bias[kind] ?? 0), UNUSUAL_TO, USUAL_FROM),
  );
}

function ownWordsOf(documents: readonly Document[]): Pick<OwnContent, "words" | "wordScale"> {
  const common = everyday();
  const { words, wordScale } = fitWords({
    documents: [...documents, ...common],
    labels: Uint8Array.from({ length: documents.length + common.length }, (_, i) =>
      i < documents.length ? 0 : 1,
    ),
    classes: 2,
    evidence: 1,
  });
  const odds = Float32Array.from(
    { length: STEM_BUCKETS },
    (_, bucket) => wordScale * ((words[2 * bucket] ?? 0) - (words[2 * bucket + 1] ?? 0)),
  );
  const { data, scale } = quantise(odds);
  return { words: data, wordScale: scale };
}

let authored: readonly Document[] | null = null;

/** Read once: cross-validation asks for it again and again. */
function everyday(): readonly Document[] {
  authored ??= readAuthored(PROMPTS_FOLDER).map(({ text }) => documentOf(text));
  return authored;
}
