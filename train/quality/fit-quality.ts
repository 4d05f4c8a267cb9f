// The two doors of quality's training: from the packs alone, and with an operator's own outcomes added.
// Both are deterministic and write nothing; train/run.ts does.
import {
  type QualityMeta,
  qualityMeta,
  readAbilityWeights,
} from "../../src/routing/ability/ability-weights.ts";
import type { OwnHead } from "../../src/routing/ability/own-head.ts";
import { logitOf } from "./fit-abilities.ts";
import { fitBase } from "./fit-base.ts";
import { fitOwn, type OwnRow } from "./fit-own.ts";
import { metaOf, packBase, packOwn, repackBase } from "./pack.ts";
import { type OutcomeLine, readOutcomes } from "./read-outcomes.ts";
import type { OutcomesInputs, QualityInputs, QualityPart } from "./types.ts";

export function fitQuality(inputs: QualityInputs): QualityPart {
  const base = fitBase(inputs);
  const sections = packBase(base);
  const models = base.abilities.models.length;
  return {
    sections,
    meta: metaOf(base),
    notes: [
      `quality: ${inputs.outcomes.length} prompts with outcomes, ${base.abilities.kinds.length} kinds, ${models} models`,
    ],
  };
}

/** Fewer prompts teach nothing that cross-validation could confirm. */
const LEAST_PROMPTS = 20;

export function fitOutcomes({ lines, base }: OutcomesInputs): QualityPart {
  const { lines: read, unreadable } = readOutcomes(lines);
  const rows = read.flatMap(ownRow);
  const own = rows.length < LEAST_PROMPTS ? null : fitOwn(rows, readAbilityWeights(base));
  const bare = read.filter(({ prompt }) => prompt === null);
  const meta: QualityMeta = {
    ...qualityMeta.parse(base.meta("quality")),
    own: own === null ? null : { models: [...own.models], reach: own.range.reach },
    shifts: shiftsOf(bare, base),
  };
  return {
    sections: [...repackBase(base), ...(own === null ? [] : packOwn(own))],
    meta,
    notes: notesOf({ rows: rows.length, bare: bare.length, unreadable, own }),
  };
}

function ownRow({ prompt, domain, scores }: OutcomeLine): readonly OwnRow[] {
  return prompt === null ? [] : [{ prompt, domain, scores }];
}

interface Counts {
  readonly rows: number;
  readonly bare: number;
  readonly unreadable: number;
  readonly own: OwnHead | null;
}

function notesOf({ rows, bare, unreadable, own }: Counts): readonly string[] {
  const used = own === null ? `too few (${LEAST_PROMPTS} are needed)` : `${own.models.join(", ")}`;
  return [
    `outcomes: ${rows} with a prompt: ${used}; ${bare} without a prompt moved means`,
    ...(unreadable > 0 ? [`outcomes: ${unreadable} lines could not be read`] : []),
  ];
}

/** Verdicts by which a task's mean is pulled to what was expected: a handful must not turn routing. */
const SHIFT_PULL = 20;

/** How much better or worse than expected each model was found at each task, in shrunk logits. */
function shiftsOf(
  lines: readonly OutcomeLine[],
  base: OutcomesInputs["base"],
): Record<string, Record<string, number>> {
  const weights = readAbilityWeights(base);
  const tallies = new Map<string, Map<string, { sum: number; count: number }>>();
  for (const { task, scores } of lines) {
    for (const [model, score] of scores) {
      const tasks = tallies.get(model) ?? new Map<string, { sum: number; count: number }>();
      const tally = tasks.get(task ?? "") ?? { sum: 0, count: 0 };
      tasks.set(task ?? "", { sum: tally.sum + score, count: tally.count + 1 });
      tallies.set(model, tasks);
    }
  }
  const shifts: Record<string, Record<string, number>> = {};
  for (const [model, tasks] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const expected = generalLogit(weights, model);
    shifts[model] = Object.fromEntries(
      [...tasks].map(([task, { sum, count }]) => {
        const found = logitOf((sum + 0.5) / (count + 1));
        return [task, ((found - expected) * count) / (count + SHIFT_PULL)];
      }),
    );
  }
  return shifts;
}

/** What the model is expected to do on prompts like most: the last kind is the general one. */
function generalLogit(weights: ReturnType<typeof readAbilityWeights>, model: string): number {
  const kinds = weights.kindNames.length;
  const row = weights.rows.get(model);
  if (row === undefined) return weights.ease[kinds - 1] ?? 0;
  return weights.logits[row * kinds + kinds - 1] ?? 0;
}
