// How good each model's answer to a prompt will be. What the prompt demands is found once per decision;
// each model then costs a handful of multiplications. Knows no prices, origins or catalog.
import { sigmoid } from "../../lib/curves.ts";
import type { AbilityWeights } from "./ability-weights.ts";
import { contentLikeness } from "./content-likeness.ts";
import { createDemand, type Demand, readDemand } from "./demand.ts";
import { canonicalName, familyName } from "./model-name.ts";
import { type OwnHead, readOwnScores } from "./own-head.ts";
import { levelShare, strengthOfSize } from "./strength.ts";
import { readSubjects } from "./subjects.ts";
import { likeness } from "./trait-range.ts";
import { wordProblemGap, wordProblemShare } from "./word-problem.ts";
import { generalShareOf, readYardsticks, type Yardsticks } from "./yardsticks.ts";

/** Weights with the scratch of one prompt; `readPrompt` fills it, the questions below read it. */
export interface Ability {
  readonly weights: AbilityWeights;
  readonly demand: Demand;
  readonly yardsticks: Yardsticks;
  /** 0..1: how much of the prompt is of no kind whose outcomes tell how hard it is. */
  generalShare: number;
  /** Per subject and per model of the operator's own outcomes; empty where there are none. */
  readonly ownSubjects: Float32Array;
  readonly ownScores: Float32Array;
  /** Place of a model in `ownScores` by canonical name and, where only one is of it, by family. */
  readonly ownPlaces: ReadonlyMap<string, number>;
  /** 0..1: how much the prompt is like the operator's own. */
  ownShare: number;
}

export interface ModelAsked {
  readonly name: string;
  /** Tells the strength of a model that no row names; null: nothing does. */
  readonly parametersB?: number | null;
  /** Where the caller has classified the prompt: what feedback said of this task counts too. */
  readonly task?: string | null;
}

export function createAbility(weights: AbilityWeights): Ability {
  const { own } = weights;
  return {
    weights,
    demand: createDemand(weights.kinds.classes),
    yardsticks: readYardsticks(weights),
    generalShare: 1,
    ownSubjects: new Float32Array(own?.subjects.classes ?? 0),
    ownScores: new Float32Array(own?.models.length ?? 0),
    ownPlaces: placesOf(own?.models ?? []),
    ownShare: 0,
  };
}

function placesOf(models: readonly string[]): ReadonlyMap<string, number> {
  const families = models.map(familyName);
  const alone = families.flatMap((family, place) =>
    families.indexOf(family) === families.lastIndexOf(family) ? [[family, place] as const] : [],
  );
  return new Map([...alone, ...models.map((name, place) => [name, place] as const)]);
}

/** Bounded by the scanned part of `text`. */
export function readPrompt(ability: Ability, text: string): void {
  const { weights, demand } = ability;
  readDemand(text, weights, demand);
  ability.generalShare = generalShareOf(demand.kinds, ability.yardsticks);
  ability.ownShare = 0;
  if (weights.own === null) return;
  const buildShare = likeness(demand.features, weights.own.range);
  ability.ownShare = buildShare < 1 ? Math.max(buildShare, contentShareOf(demand, weights.own)) : 1;
  const posteriors = ability.ownSubjects;
  readSubjects(demand.stems, weights.own.subjects, posteriors);
  const prompt = { stems: demand.stems, posteriors, traits: demand.features, buildShare };
  readOwnScores(weights.own, prompt, ability.ownScores);
}

/** A word problem is ranked by its burden, to which outcomes of other kinds have nothing to add. */
function contentShareOf(demand: Demand, { content, subjects }: OwnHead): number {
  return contentLikeness(demand, content, subjects) * (1 - wordProblemShare(demand.features));
}

/** Probability, 0..1, that the model's answer is good; an unknown name without a size gets the prior. */
export function qualityOf(ability: Ability, asked: ModelAsked): number {
  const name = canonicalName(asked.name);
  const logit = logitOf(ability, modelOf(ability, name, asked.parametersB ?? null), LEVEL_TRUST);
  const shift = ability.weights.shifts.get(name)?.get(asked.task ?? "") ?? 0;
  const general = sigmoid(logit + shift);
  const own = ownScoreOf(ability, name);
  const mixed = own === null ? general : general + ability.ownShare * (own - general);
  return Math.min(MOST_SURE, Math.max(LEAST_SURE, mixed));
}

/** No prediction is certain. */
const LEAST_SURE = 0.01;
const MOST_SURE = 0.99;

/** Ranks prompts by the need for `strong`, about -1..1; any monotone scale serves the ranking. */
export function gapOf(ability: Ability, [strong, weak]: readonly [ModelAsked, ModelAsked]): number {
  const names = [canonicalName(strong.name), canonicalName(weak.name)] as const;
  const models = [
    modelOf(ability, names[0], strong.parametersB ?? null),
    modelOf(ability, names[1], weak.parametersB ?? null),
  ] as const;
  const general = generalGap(ability, models);
  const owns = [
    ownScoreOf(ability, names[0]) ?? ownScoreOf(ability, UNNAMED_PAIR[0]),
    ownScoreOf(ability, names[1]) ?? ownScoreOf(ability, UNNAMED_PAIR[1]),
  ] as const;
  if (owns[0] === null || owns[1] === null) return general;
  return general + ability.ownShare * (owns[0] - owns[1] - general);
}

/** From the packs alone. */
function generalGap(ability: Ability, [strong, weak]: readonly [ModelRow, ModelRow]): number {
  const { features } = ability.demand;
  const spread = levelShare(strong.strength) - levelShare(weak.strength);
  const difference = sigmoid(logitOf(ability, strong, 1)) - sigmoid(logitOf(ability, weak, 1));
  const plain = difference + SPREAD_SHARE * spread * levelAt(ability, 1);
  const share = BURDEN_TRUST * wordProblemShare(features);
  return plain + share * (wordProblemGap(features, spread) - plain);
}

/** Of what ranks word problems, the burden's part. */
const BURDEN_TRUST = 0.95;

/**
 * Within one kind of prompt the difference of probabilities ranks by how unsure both models are; what
 * spreads strong from weak is added, so that it is not drowned. Found on pairs of the packs.
 */
const SPREAD_SHARE = 0.6;

/** Outcomes of a strong and a weak model that they do not name answer for whatever pair is asked. */
export const UNNAMED_PAIR = ["strong", "weak"] as const;

interface ModelRow {
  readonly strength: number;
  /** null: only its strength is known. */
  readonly row: number | null;
}

function modelOf({ weights }: Ability, name: string, parametersB: number | null): ModelRow {
  const row = weights.rows.get(name);
  if (row === undefined) return { strength: strengthOfSize(parametersB), row: null };
  return { strength: weights.strengths[row] ?? 0, row };
}

/** The kinds the prompt resembles, weighted, and what it demands beyond them. */
function logitOf(ability: Ability, { strength, row }: ModelRow, levelTrust: number): number {
  const { weights, demand } = ability;
  const { kinds } = demand;
  const base = (row ?? 0) * kinds.length;
  let logit = 0;
  let plain = 0;
  for (let kind = 0; kind < kinds.length; kind++) {
    const onLine = (weights.ease[kind] ?? 0) + (weights.slope[kind] ?? 0) * strength;
    const known = row === null ? onLine : (weights.logits[base + kind] ?? 0);
    logit += (kinds[kind] ?? 0) * known;
    plain += onLine;
  }
  const beyond = levelAt(ability, 0) + levelShare(strength) * levelAt(ability, 1);
  return TRUST * logit + (1 - TRUST) * (plain / kinds.length) + levelTrust * beyond;
}

/**
 * The rest is the model's mean over all kinds: on unseen domains the kinds are only a likeness, and more
 * trust in them chose worse there than the averages do.
 */
const TRUST = 0.65;
/** Likewise of what the prompt's build says, which was learned within the kinds; a ranking takes it whole. */
export const LEVEL_TRUST = 0.6;

function levelAt({ demand }: Ability, level: number): number {
  return demand.levels[level] ?? 0;
}

function ownScoreOf({ ownPlaces, ownScores }: Ability, name: string): number | null {
  if (ownPlaces.size === 0) return null;
  const place = ownPlaces.get(name) ?? ownPlaces.get(familyName(name));
  return place === undefined ? null : (ownScores[place] ?? null);
}
