// Guesses how hard a prompt is from its structure: constraints, steps, length, formulas, hard
// subjects. Complexity is defined by consequence (which models succeed), and structure foretells
// consequence only weakly: this is a proxy that outcomes can replace, not a measurement.
import type { Capability } from "../../domain/catalog.ts";
import type { Complexity, RoutingTask } from "../../domain/route.ts";
import type { Features } from "./features.ts";
import { buildWordTable, valueAt, type WordTable } from "./word-table.ts";

/**
 * Points from which a prompt is no longer simple, and from which it is complex: one plain demand
 * stays simple, one hard subject or a few constraints make it medium, both together complex.
 */
const MEDIUM_FROM = 0.9;
const COMPLEX_FROM = 2.2;

export function complexityOf(
  task: RoutingTask,
  features: Features,
  needs: readonly Capability[],
): Complexity {
  const points =
    TASK_POINTS[task] +
    wordPoints(features) +
    lengthPoints(features) +
    codePoints(features) +
    Math.min(1, features.signs.mathSigns / 8) +
    Math.min(0.8, features.signs.listItems / 6) +
    (needs.includes("tools") ? 0.4 : 0);
  if (points >= COMPLEX_FROM) return "complex";
  return points >= MEDIUM_FROM ? "medium" : "simple";
}

/** Where a typical prompt of the task starts. */
const TASK_POINTS: Readonly<Record<RoutingTask, number>> = {
  chat: -0.3,
  open_qa: 0.3,
  closed_qa: 0.2,
  summarization: 0.2,
  translation: 0.2,
  extraction: 0.2,
  classification: 0.1,
  rewriting: 0.1,
  creative_writing: 0.4,
  brainstorming: 0.2,
  code_generation: 0.6,
  code_debug_explain: 0.7,
  math: 0.7,
  reasoning: 0.9,
  analysis: 0.7,
  planning_agentic: 0.7,
};

const POINTS_PER_CONSTRAINT = 0.25;
const POINTS_PER_STEP = 0.25;
const POINTS_PER_HARD_WORD = 0.7;
const MOST_CONSTRAINT_POINTS = 1.2;
const MOST_STEP_POINTS = 0.8;
const MOST_HARD_POINTS = 2.1;
const EASY_POINTS = -0.4;

const CONSTRAINTS =
  "must should without exactly except unless only ensure include avoid least most never always both debe sin doit sans muss ohne deve senza должен без";
const STEPS =
  "then first second third next after finally before step steps luego primero ensuite dann zuerst depois primeiro poi затем сначала";
const EASY = "simple basic quick easy short beginner hello sencillo einfach простой kurz facile simples";
/** Two letters would match half the dictionary as a stem: "np" counts as a whole word. */
const LEAST_STEM = 4;
const HARD_STEMS = [
  "theorem",
  "lemma",
  "integral",
  "derivat",
  "eigen",
  "asymptot",
  "stochast",
  "bayesian",
  "topolog",
  "manifold",
  "cryptograph",
  "concurren",
  "distribut",
  "deadlock",
  "thread",
  "optimi",
  "kernel",
  "compiler",
  "consensus",
  "microservice",
  "scalab",
  "lockfree",
  "quantum",
  "relativ",
  "thermodynam",
  "pharmaco",
  "pathophysio",
  "differential",
  "constitution",
  "jurisdiction",
  "liabilit",
  "econometric",
  "derivatives",
  "prove",
  "proof",
  "demuestra",
  "beweis",
  "доказ",
  "rigorous",
  "architecture",
  "np",
];
type Telling = "constraint" | "step" | "easy" | "hard";

const WORDS: WordTable<Telling> = buildWordTable([
  ...entries(CONSTRAINTS.split(" "), "constraint"),
  ...entries(STEPS.split(" "), "step"),
  ...entries(EASY.split(" "), "easy"),
  ...entries(
    HARD_STEMS.map((stem) => (stem.length < LEAST_STEM ? stem : `${stem}*`)),
    "hard",
  ),
]);

function entries(words: readonly string[], kind: Telling): readonly (readonly [string, Telling])[] {
  return words.map((word) => [word, kind] as const);
}

const HARD_FRAGMENTS = [
  "证明",
  "推导",
  "分布式",
  "并发",
  "優化",
  "优化",
  "微分方程",
  "量子",
  "証明",
  "分散",
  "最適化",
  "أثبت",
  "सिद्ध",
];

function wordPoints(features: Features): number {
  const { asked } = features;
  let constraints = 0;
  let steps = 0;
  let hard = 0;
  let easy = 0;
  for (let i = 0; i < asked.count; i++) {
    const kind = valueAt(WORDS, asked, i);
    if (kind === undefined) continue;
    if (kind === "constraint") constraints++;
    else if (kind === "step") steps++;
    else if (kind === "easy") easy++;
    else hard++;
  }
  for (const fragment of HARD_FRAGMENTS) if (features.instruction.includes(fragment)) hard++;
  return (
    Math.min(MOST_CONSTRAINT_POINTS, constraints * POINTS_PER_CONSTRAINT) +
    Math.min(MOST_STEP_POINTS, steps * POINTS_PER_STEP) +
    Math.min(MOST_HARD_POINTS, hard * POINTS_PER_HARD_WORD) +
    (easy > 0 ? EASY_POINTS : 0)
  );
}

/** Of the instruction in characters, and of the pasted text, which must be read with care. */
function lengthPoints(features: Features): number {
  const asked = Math.min(1.2, features.instruction.length / 900);
  const pasted = Math.min(0.8, features.payloadChars / 12_000);
  const isOneLiner = features.instruction.length < 60 && features.payloadChars === 0;
  return asked + pasted + (isOneLiner ? -0.2 : 0);
}

function codePoints(features: Features): number {
  return Math.min(1, features.codeLines / 60);
}
