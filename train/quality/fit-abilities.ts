// How good each model is at each kind of prompt, in logits: strength × the kind's slope + its ease, and
// what outcomes say beyond that, shrunk. Item response theory over kinds instead of single prompts, so
// that a model known by a public score or two, or by its size alone, gets a whole row.
import { canonicalName } from "../../src/routing/ability/model-name.ts";
import { familyOf, GENERAL, kindOf } from "./kinds.ts";
import { PUBLIC_SCORES, type PublicScore } from "./public-scores.ts";
import type { OutcomeRow } from "./types.ts";

export interface Abilities {
  readonly kinds: readonly string[];
  /** Canonical names. */
  readonly models: readonly string[];
  readonly strengths: Float64Array;
  /** models × kinds. */
  readonly logits: Float64Array;
  /** A kind's logit for a model of strength 0, and what one unit of strength adds. */
  readonly ease: Float64Array;
  readonly slope: Float64Array;
}

/** MMLU of strength 0: about an 8B model of 2024. */
const MIDDLE_MMLU = 0.68;
const ROUNDS = 30;
/** How surely the public figure is the strength: outcomes may move it by this many logits. */
const STRENGTH_DEVIATION = 0.5;
/** A kind's slope lies about 1. */
const SLOPE_DEVIATION = 0.35;
/** Spread of single cells about the line; the rest of the difference is sampling. */
const CELL_DEVIATION = 0.6;
/** A cell outweighs the line from this many prompts on. */
const CELL_PULL = 8;
/** In cells of the same family: what a family's excess is pulled to nothing by. */
const FAMILY_PULL = 1;
/**
 * Writing, chatting and advising have no outcomes in the packs: an 8B model is taken to please four
 * times in five, a frontier model nineteen in twenty, as preference arenas have it.
 */
const GENERAL_EASE = 1.4;
const GENERAL_SLOPE = 0.7;

interface Cell {
  readonly model: number;
  readonly kind: number;
  readonly logit: number;
  readonly rows: number;
  /** A published figure, not outcomes. */
  readonly isPublic: boolean;
}

export function fitAbilities(rows: readonly OutcomeRow[], known = PUBLIC_SCORES): Abilities {
  const kinds = [...new Set(rows.map(kindOf))].sort();
  const columns = [...kinds, ...PUBLIC_COLUMNS.map(({ name }) => name)];
  const models = [...new Set([...known.map(({ name }) => name), ...modelsOf(rows)])].sort();
  const cells = [...countCells(rows, { kinds, models }), ...publicCells(known, { columns, models })];
  const priors = Float64Array.from(models, (name) => priorStrength(name, known));
  const line = fitLines(cells, priors, columns.length);
  const logits = spreadCells(cells, line, columns);
  return {
    ...withGeneral(logits, line, kinds),
    kinds: [...kinds, GENERAL],
    models,
    strengths: line.strengths,
  };
}

const PUBLIC_COLUMNS = [
  { name: "public gsm8k", of: (score: PublicScore) => score.gsm8k },
  { name: "public math", of: (score: PublicScore) => score.math },
  { name: "public humaneval", of: (score: PublicScore) => score.humaneval },
] as const;
/** A published figure counts as an evaluation on this many prompts: ours differ in wording and scoring. */
const PUBLIC_ROWS = 60;

function modelsOf(rows: readonly OutcomeRow[]): readonly string[] {
  const names = new Set<string>();
  for (const { scores } of rows) for (const name of Object.keys(scores)) names.add(canonicalName(name));
  return [...names];
}

function countCells(
  rows: readonly OutcomeRow[],
  { kinds, models }: { readonly kinds: readonly string[]; readonly models: readonly string[] },
): readonly Cell[] {
  const numbers = new Map(models.map((name, number) => [name, number]));
  const kindNumbers = new Map(kinds.map((name, number) => [name, number]));
  const sums = new Float64Array(kinds.length * models.length);
  const counts = new Float64Array(sums.length);
  for (const row of rows) {
    const kind = kindNumbers.get(kindOf(row)) ?? 0;
    for (const [name, score] of Object.entries(row.scores)) {
      const at = kind * models.length + (numbers.get(canonicalName(name)) ?? 0);
      sums[at] = (sums[at] ?? 0) + score;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  return [...counts.keys()].flatMap((at) => {
    const n = counts[at] ?? 0;
    if (n === 0) return [];
    const logit = logitOf(((sums[at] ?? 0) + 1) / (n + 2));
    return {
      model: at % models.length,
      kind: Math.floor(at / models.length),
      logit,
      rows: n,
      isPublic: false,
    };
  });
}

function publicCells(
  known: readonly PublicScore[],
  { columns, models }: { readonly columns: readonly string[]; readonly models: readonly string[] },
): readonly Cell[] {
  return known.flatMap((score) =>
    PUBLIC_COLUMNS.flatMap(({ name, of }) => {
      const share = of(score);
      if (share === null) return [];
      const place = { model: models.indexOf(score.name), kind: columns.indexOf(name) };
      return { ...place, logit: logitOf(share), rows: PUBLIC_ROWS, isPublic: true };
    }),
  );
}

function priorStrength(name: string, known: readonly PublicScore[]): number {
  const score = known.find((one) => one.name === name);
  return score === undefined ? 0 : logitOf(score.mmlu) - logitOf(MIDDLE_MMLU);
}

interface Line {
  readonly strengths: Float64Array;
  readonly ease: Float64Array;
  readonly slope: Float64Array;
}

/** Alternates between the kinds' lines and the models' strengths, each a small ridge. */
function fitLines(cells: readonly Cell[], priors: Float64Array, columns: number): Line {
  const strengths = Float64Array.from(priors);
  const ease = new Float64Array(columns);
  const slope = new Float64Array(columns).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    for (let kind = 0; kind < columns; kind++) {
      const own = cells.filter((cell) => cell.kind === kind);
      const fitted = fitLine(own, strengths);
      ease[kind] = fitted.ease;
      slope[kind] = fitted.slope;
    }
    for (let model = 0; model < strengths.length; model++) {
      let weighted = (priors[model] ?? 0) / STRENGTH_DEVIATION ** 2;
      let weight = 1 / STRENGTH_DEVIATION ** 2;
      for (const cell of cells) {
        if (cell.model !== model) continue;
        const steep = slope[cell.kind] ?? 1;
        weighted += trust(cell) * steep * (cell.logit - (ease[cell.kind] ?? 0));
        weight += trust(cell) * steep * steep;
      }
      strengths[model] = weighted / weight;
    }
  }
  return { strengths, ease, slope };
}

/** Inverse variance of a cell about its line: sampling, and what models differ by. */
function trust({ rows, isPublic }: Cell): number {
  return (isPublic ? PUBLIC_TRUST : 1) / (CELL_DEVIATION ** 2 + 4 / rows);
}

/** Published figures come from other prompts, wordings and scorers: four weigh as one outcome cell. */
const PUBLIC_TRUST = 0.25;

function fitLine(cells: readonly Cell[], strengths: Float64Array): { ease: number; slope: number } {
  const pull = 1 / SLOPE_DEVIATION ** 2;
  let w = 1e-6;
  let x = 0;
  let y = 0;
  let xx = 0;
  let xy = 0;
  for (const cell of cells) {
    const weight = trust(cell);
    const strength = strengths[cell.model] ?? 0;
    w += weight;
    x += weight * strength;
    y += weight * cell.logit;
    xx += weight * strength * strength;
    xy += weight * strength * cell.logit;
  }
  const slope = (xy - (x * y) / w + pull) / (xx - (x * x) / w + pull);
  return { slope, ease: (y - slope * x) / w };
}

/** The line everywhere, a family's excess where only relatives were seen, the cell's own where it was. */
function spreadCells(cells: readonly Cell[], line: Line, columns: readonly string[]): Float64Array {
  const width = columns.length;
  const logits = new Float64Array(line.strengths.length * width);
  const excess = cells.map((cell) => cell.logit - onLine(line, cell));
  for (let model = 0; model < line.strengths.length; model++) {
    for (let kind = 0; kind < width; kind++) {
      const family = familyOf(columns[kind] ?? "");
      let sum = 0;
      let weight = 0;
      let own: { readonly excess: number; readonly rows: number } | null = null;
      for (const [at, cell] of cells.entries()) {
        if (cell.model !== model) continue;
        if (cell.kind === kind) own = { excess: excess[at] ?? 0, rows: cell.rows };
        else if (family !== "" && familyOf(columns[cell.kind] ?? "") === family) {
          const share = cell.isPublic ? PUBLIC_TRUST : 1;
          sum += share * (excess[at] ?? 0);
          weight += share;
        }
      }
      const related = sum / (weight + FAMILY_PULL);
      const share = own === null ? 0 : own.rows / (own.rows + CELL_PULL);
      const beyond = related * (1 - share) + (own?.excess ?? 0) * share;
      logits[model * width + kind] = onLine(line, { model, kind }) + beyond;
    }
  }
  return logits;
}

function onLine({ strengths, ease, slope }: Line, { model, kind }: Pick<Cell, "model" | "kind">): number {
  return (ease[kind] ?? 0) + (slope[kind] ?? 1) * (strengths[model] ?? 0);
}

/** Drops the public columns and adds the general kind. */
function withGeneral(
  logits: Float64Array,
  line: Line,
  kinds: readonly string[],
): Pick<Abilities, "logits" | "ease" | "slope"> {
  const wide = kinds.length + PUBLIC_COLUMNS.length;
  const width = kinds.length + 1;
  const kept = new Float64Array(line.strengths.length * width);
  for (const [model, strength] of line.strengths.entries()) {
    kept.set(logits.subarray(model * wide, model * wide + kinds.length), model * width);
    kept[model * width + kinds.length] = GENERAL_EASE + GENERAL_SLOPE * strength;
  }
  return {
    logits: kept,
    ease: Float64Array.from([...line.ease.subarray(0, kinds.length), GENERAL_EASE]),
    slope: Float64Array.from([...line.slope.subarray(0, kinds.length), GENERAL_SLOPE]),
  };
}

export function logitOf(share: number): number {
  const bounded = Math.min(0.985, Math.max(0.015, share));
  return Math.log(bounded / (1 - bounded));
}
