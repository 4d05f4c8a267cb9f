// RouteLLM's protocol on MMLU with nothing but the gold rows added: repeated cross-validation through
// `--outcomes`, against the table of subjects that is told what we must recognise.
import { type Ability, createAbility, gapOf, readPrompt } from "../../src/routing/ability/ability.ts";
import { readAbilityWeights } from "../../src/routing/ability/ability-weights.ts";
import type { Container } from "../../src/routing/weights/container.ts";
import { bootstrap, pick } from "../lib/bootstrap.ts";
import { apgr, callsForPart } from "../lib/metrics.ts";
import { createRandom } from "../lib/random.ts";
import { fitOutcomes } from "../quality/fit-quality.ts";
import { mean, type Section, withInterval } from "./figure.ts";
import { GOLD_FORMS } from "./gold-forms.ts";
import type { GoldRow } from "./packs.ts";
import { abilityOf } from "./predict-outcomes.ts";

const FOLDS = 5;
/** Rows by which a subject's mean gap is pulled to the mean of all: the table at its best. */
const TABLE_PULL = 30;

interface Run {
  readonly ours: Float64Array;
  readonly table: Float64Array;
  /** As `ours`, the tested prompts written otherwise; by form. */
  readonly forms: ReadonlyMap<string, Float64Array>;
  /** APGR per fold. */
  readonly oursByFold: readonly number[];
  readonly tableByFold: readonly number[];
}

export function goldReport(gold: readonly GoldRow[], base: Container, repeats: number): Section {
  const gaps = Float64Array.from(gold, (row) => Number(row.strong) - Number(row.weak));
  const runs = Array.from({ length: repeats }, (_, repeat) => crossValidate(gold, base, repeat + 1));
  const lengths = gold.map(({ prompt }) => prompt.length);
  const baseGaps = gapsOf(createAbility(readAbilityWeights(base)), gold);
  const over = (figure: (run: Run, rows: Uint32Array) => number, rounds: number) =>
    bootstrap(gold.length, (rows) => mean(runs.map((run) => figure(run, rows))), rounds);
  const at = (scores: ArrayLike<number>, rows: Uint32Array) => apgr(pick(scores, rows), pick(gaps, rows));
  const foldGains = runs.flatMap((run) =>
    run.oursByFold.map((ours, fold) => ours - (run.tableByFold[fold] ?? 0)),
  );
  return {
    title: `MMLU, gold rows only, ${repeats} x ${FOLDS}-fold: GPT-4-1106 against Mixtral-8x7B`,
    figures: [
      withInterval(
        "APGR over all rows",
        over((run, rows) => at(run.ours, rows), 100),
        { must: 0.64, aim: 0.66, n: gold.length },
      ),
      {
        name: "APGR, mean of folds",
        value: mean(runs.flatMap((run) => run.oursByFold)),
        aim: 0.62,
        ...spreadOf(runs.flatMap((run) => run.oursByFold)),
      },
      withInterval(
        "domain table (told the subject): APGR over all rows",
        over((run, rows) => at(run.table, rows), 100),
      ),
      {
        name: "gain over the domain table, paired by fold",
        value: mean(foldGains),
        ...spreadOf(foldGains),
        note: "above 0: folds share rows, so the interval is narrow",
      },
      withInterval(
        "gain over the domain table, paired, rows redrawn",
        over((run, rows) => at(run.ours, rows) - at(run.table, rows), 100),
      ),
      {
        name: "share of strong calls for 50 % of the gap (CPT50)",
        value: mean(runs.map((run) => callsForPart(run.ours, gaps, 0.5))),
      },
      {
        name: "share of strong calls for 80 % of the gap (CPT80)",
        value: mean(runs.map((run) => callsForPart(run.ours, gaps, 0.8))),
      },
      { name: "base weights alone", value: apgr(baseGaps, gaps) },
      { name: "prompt length alone", value: apgr(lengths, gaps) },
      { name: "oracle", value: apgr(gaps, gaps) },
      ...[...GOLD_FORMS.keys()].map((form) => ({
        name: `tested as: ${form}`,
        value: mean(runs.map((run) => apgr(run.forms.get(form) ?? [], gaps))),
      })),
    ],
  };
}

/** Mean ± 1.96 standard errors of the folds. */
function spreadOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  const middle = mean(values);
  const variance = mean(values.map((value) => (value - middle) ** 2));
  const error = 1.96 * Math.sqrt(variance / Math.max(1, values.length - 1));
  return { low: middle - error, high: middle + error };
}

function crossValidate(gold: readonly GoldRow[], base: Container, seed: number): Run {
  const order = Uint32Array.from({ length: gold.length }, (_, i) => i);
  createRandom(seed).shuffle(order);
  const ours = new Float64Array(gold.length);
  const table = new Float64Array(gold.length);
  const forms = new Map([...GOLD_FORMS.keys()].map((form) => [form, new Float64Array(gold.length)]));
  const byFold = Array.from({ length: FOLDS }, (_, fold) => {
    const test = order.filter((_, place) => place % FOLDS === fold);
    const isTest = new Set(test);
    const train = gold.filter((_, row) => !isTest.has(row));
    const tested = [...test].flatMap((row) => gold[row] ?? []);
    const ability = abilityOf(fitOutcomes({ lines: train, base }));
    const found = gapsOf(ability, tested);
    for (const [form, write] of GOLD_FORMS) {
      const written = tested.map((row) => ({ ...row, prompt: write(row.prompt) }));
      for (const [place, gap] of gapsOf(ability, written).entries()) {
        const row = test[place];
        const scores = forms.get(form);
        if (row !== undefined && scores !== undefined) scores[row] = gap;
      }
    }
    const told = tableGaps(train, tested);
    for (const [place, row] of test.entries()) {
      ours[row] = found[place] ?? 0;
      table[row] = told[place] ?? 0;
    }
    const gaps = tested.map((row) => Number(row.strong) - Number(row.weak));
    return { ours: apgr(found, gaps), table: apgr(told, gaps) };
  });
  return {
    ours,
    table,
    forms,
    oursByFold: byFold.map((fold) => fold.ours),
    tableByFold: byFold.map((fold) => fold.table),
  };
}

function gapsOf(ability: Ability, rows: readonly GoldRow[]): readonly number[] {
  return rows.map(({ prompt, strong_model, weak_model }) => {
    readPrompt(ability, prompt);
    return gapOf(ability, [{ name: strong_model }, { name: weak_model }]);
  });
}

function tableGaps(train: readonly GoldRow[], tested: readonly GoldRow[]): readonly number[] {
  const gapOfRow = (row: GoldRow) => Number(row.strong) - Number(row.weak);
  const overall = mean(train.map(gapOfRow));
  return tested.map(({ domain }) => {
    const own = train.filter((row) => row.domain === domain);
    const sum = own.reduce((total, row) => total + gapOfRow(row), 0);
    return (sum + TABLE_PULL * overall) / (own.length + TABLE_PULL);
  });
}
