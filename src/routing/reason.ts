// Says decisions in plain words: the one sentence of a Route and the reasons of its candidates.
// Sentences travel in headers, so they are printable ASCII and short; they never quote the prompt.
import type { Model } from "../domain/catalog.ts";
import type { Mode } from "../domain/inference.ts";
import type { Profile } from "../domain/route.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Screened } from "./candidates.ts";
import type { TimeEstimate } from "./estimate.ts";
import type { Quality } from "./quality.ts";
import type { ModelGroup } from "./rank.ts";

/** What the sentence is about, and by which mode the first of the groups is first. */
export interface SeenBy {
  readonly profile: Profile;
  readonly mode: Mode;
  /** The model that answered the conversation so far; null where none did. */
  readonly keptModelId: string | null;
}

/** E.g. "code_generation, simple: Qwen3-14B is expected to answer well at the lowest cost." */
export function reasonForAuto(groups: readonly ModelGroup[], seen: SeenBy): string {
  const { profile, mode, keptModelId } = seen;
  const [chosen, ...others] = groups;
  if (chosen === undefined) return "";
  const name = shortName(chosen.modelId);
  const isSure = profile.confidence >= SURE;
  const what = `${isSure ? "" : "probably "}${profile.task}, ${profile.complexity}`;
  if (others.length === 0) return headerSafe(`${what}: ${name} is the only model that fits.`);
  if (chosen.modelId === keptModelId) {
    return headerSafe(`${what}: ${name} stays with its conversation; no other promises much better.`);
  }
  const isGood = chosen.estimate.quality.value >= GOOD;
  return headerSafe(`${what}: ${name} ${praise(mode, isGood ? "good" : "fair")}.`);
}

/** A named model needs no praise, only a word when another one answers in its place. */
export function reasonForNamed(groups: readonly ModelGroup[], asked: readonly Screened[]): string {
  const chosen = groups[0];
  const first = asked[0];
  if (chosen === undefined || first === undefined) return "";
  const name = shortName(chosen.modelId);
  if (first.model.id === chosen.modelId) {
    return headerSafe(
      `${name} was asked for; origin ${chosen.best.target.origin.id} is expected to answer first.`,
    );
  }
  const why = first.exclusion === null ? "" : ` because ${first.exclusion.reason}`;
  return headerSafe(`${name} answers as fallback for ${shortName(first.model.id)}${why}.`);
}

export function qualityReason(model: Model, quality: Quality): string {
  switch (quality.source) {
    case "ability":
      return "quality from the catalog's ability";
    case "outcomes":
      return "quality from outcomes on prompts like this one";
    case "size":
      return `quality from its size of ${model.parameters_b}B parameters`;
    case "prior":
      return "quality from a prior: neither ability nor size is known";
    default:
      return assertNever(quality.source);
  }
}

export function timeReasons(time: TimeEstimate): readonly string[] {
  if (time.isSuspect) return SUSPECT_REASONS;
  if (time.isSaturated) return FULL_REASONS;
  return time.isMeasured ? MEASURED_REASONS : EXPECTED_REASONS;
}

const SUSPECT_REASONS = ["its last attempts failed"];
const FULL_REASONS = ["every slot of it is taken: others come first"];
const MEASURED_REASONS = ["time from its latest answers"];
const EXPECTED_REASONS = ["time from size and distance: it has not answered yet"];

/** Predicted quality from which "answers well" is no boast. */
const GOOD = 0.7;
/** Below this the sentence says "probably". */
const SURE = 0.5;

function praise(mode: Mode, level: "good" | "fair"): string {
  const well =
    level === "good" ? "is expected to answer well" : "is expected to answer about as well as the best";
  switch (mode) {
    case "quality":
      return "is expected to give the best answer";
    case "cost":
      return `${well} at the lowest cost`;
    case "latency":
      return level === "good" ? `${well} and soonest` : "is expected to finish soonest of those good enough";
    case "balanced":
      return "is expected to be the best balance of quality, cost and time";
    default:
      return assertNever(mode);
  }
}

function shortName(modelId: string): string {
  return modelId.slice(modelId.lastIndexOf("/") + 1);
}

/** Bytes of the header that carries it; catalog ids and regions are short, but not by law. */
const MAX_REASON_CHARS = 240;

function headerSafe(sentence: string): string {
  let safe = "";
  for (const char of sentence.slice(0, MAX_REASON_CHARS)) {
    const isPrintable = char >= " " && char <= "~";
    safe += isPrintable ? char : "?";
  }
  return safe;
}
