// The quality part of the weights file as views: what each section is called and how it is typed.
// train/quality/pack.ts writes exactly this. Knows no prompts.
import * as z from "zod";
import type { Container } from "../weights/container.ts";
import type { DemandWeights } from "./demand.ts";
import type { OwnHead } from "./own-head.ts";

export interface AbilityWeights extends DemandWeights {
  readonly kindNames: readonly string[];
  /** Row of a canonical name in `logits`. */
  readonly rows: ReadonlyMap<string, number>;
  readonly strengths: Float32Array;
  /** models × kinds: logit of a good answer. */
  readonly logits: Float32Array;
  /** Per kind: logit at strength 0, and per unit of strength. */
  readonly ease: Float32Array;
  readonly slope: Float32Array;
  /** null until an operator's own outcomes were added. */
  readonly own: OwnHead | null;
  /** Logits to add, by canonical name and task: what feedback without prompts taught. */
  readonly shifts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Of every weights file; those of an operator's own outcomes come on top. */
export const BASE_SECTIONS = {
  "quality.kinds.words": "int8",
  "quality.kinds.bias": "float32",
  "quality.lines": "float32",
  "quality.forest.features": "uint8",
  "quality.forest.thresholds": "float32",
  "quality.forest.children": "int8",
  "quality.forest.leaves": "int8",
  "quality.strengths": "float32",
  "quality.logits": "float32",
  "quality.ease": "float32",
  "quality.slope": "float32",
} as const;

export const qualityMeta = z.object({
  kinds: z.array(z.string()),
  models: z.array(z.string()),
  own: z.object({ models: z.array(z.string()), reach: z.number() }).nullable(),
  shifts: z.record(z.string(), z.record(z.string(), z.number())),
});
export type QualityMeta = z.infer<typeof qualityMeta>;

/** Throws where the file holds no quality part: weights and code do not belong together. */
export function readAbilityWeights(container: Container): AbilityWeights {
  const meta = qualityMeta.parse(container.meta("quality"));
  const words = container.section("quality.kinds.words", "int8");
  const lines = container.section("quality.lines", "float32");
  return {
    kindNames: meta.kinds,
    rows: new Map(meta.models.map((name, row) => [name, row])),
    kinds: {
      classes: meta.kinds.length,
      words: words.data,
      wordScale: words.scale,
      bias: container.section("quality.kinds.bias", "float32").data,
    },
    lines: { levels: lines.shape[1] ?? 1, weights: lines.data },
    forest: readForest(container),
    strengths: container.section("quality.strengths", "float32").data,
    logits: container.section("quality.logits", "float32").data,
    ease: container.section("quality.ease", "float32").data,
    slope: container.section("quality.slope", "float32").data,
    own: meta.own === null ? null : readOwn(container, meta.own),
    shifts: new Map(
      Object.entries(meta.shifts).map(([model, tasks]) => [model, new Map(Object.entries(tasks))]),
    ),
  };
}

function readForest(container: Container): AbilityWeights["forest"] {
  const features = container.section("quality.forest.features", "uint8");
  const leaves = container.section("quality.forest.leaves", "int8");
  return {
    trees: features.shape[0] ?? 0,
    nodes: features.shape[1] ?? 0,
    outputs: leaves.shape[2] ?? 0,
    features: features.data,
    thresholds: container.section("quality.forest.thresholds", "float32").data,
    children: container.section("quality.forest.children", "int8").data,
    leaves: leaves.data,
    leafScale: leaves.scale,
  };
}

function readOwn(container: Container, { models, reach }: NonNullable<QualityMeta["own"]>): OwnHead {
  const words = container.section("quality.own.words", "int8");
  const stems = container.section("quality.own.stems", "int8");
  const familiar = container.section("quality.own.familiar", "int8");
  const bias = container.section("quality.own.bias", "float32").data;
  return {
    subjects: { classes: bias.length, words: words.data, wordScale: words.scale, bias },
    models,
    table: container.section("quality.own.table", "float32").data,
    stems: stems.data,
    stemScale: stems.scale,
    range: {
      means: container.section("quality.own.means", "float32").data,
      rates: container.section("quality.own.rates", "float32").data,
      reach,
    },
    content: {
      kindShares: container.section("quality.own.kinds", "float32").data,
      words: familiar.data,
      wordScale: familiar.scale,
    },
    traitLines: container.section("quality.own.lines", "float32").data,
  };
}
