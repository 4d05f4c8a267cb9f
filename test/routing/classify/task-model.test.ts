import fc from "fast-check";
import { expect, it } from "vitest";
import { ROUTING_TASKS } from "../../../src/domain/route.ts";
import { createColumnLists, pushColumn } from "../../../src/routing/classify/column-lists.ts";
import { ID_COUNT } from "../../../src/routing/classify/columns.ts";
import { TASK_COUNT, taskProbabilities } from "../../../src/routing/classify/task-model.ts";
import type { TaskScores } from "../../../src/routing/classify/task-scores.ts";

const COUNT = 8;
/** The hash of the only n-gram of each column. */
const hashOf = (column: number) => ((column * (ID_COUNT / COUNT)) << 8) >>> 0;

// The keys are all tasks; Object.fromEntries forgets it.
const NO_SCORES = Object.fromEntries(ROUTING_TASKS.map((task) => [task, 0])) as TaskScores;

const bytes = fc.int8Array({ minLength: COUNT * TASK_COUNT, maxLength: COUNT * TASK_COUNT });
/** Kinds of columns, some with more rows than sixteen bits of sum would hold. */
const kinds = fc.array(fc.array(fc.nat(COUNT - 1), { maxLength: 700 }), { minLength: 1, maxLength: 3 });

it("adds up rows of bytes as plain arithmetic does", () => {
  fc.assert(
    fc.property(bytes, kinds, (matrix, lists) => {
      const scales = new Float32Array(TASK_COUNT).fill(2 ** -14);
      const columns = { count: COUNT, tags: new Uint8Array(COUNT) };
      const weights = {
        columns,
        concepts: { keys: new Uint32Array(1), concepts: new Uint8Array(1), marks: new Uint8Array(1) },
        matrix,
        scales,
        rules: new Float32Array(TASK_COUNT * TASK_COUNT),
        bias: new Float32Array(TASK_COUNT),
      };
      const found = createColumnLists();
      const logits = new Array<number>(TASK_COUNT).fill(0);
      for (const [kind, list] of lists.entries()) {
        for (const column of list) {
          pushColumn(found, hashOf(column), columns);
          for (let t = 0; t < TASK_COUNT; t++) {
            logits[t] = (logits[t] ?? 0) + ((kind + 1) * (matrix[column * TASK_COUNT + t] ?? 0)) / 2 ** 14;
          }
        }
        found.ends[found.count] = found.length;
        found.factors[found.count++] = kind + 1;
      }
      const probabilities = new Float64Array(TASK_COUNT);
      taskProbabilities({ lists: found, scores: NO_SCORES }, weights, probabilities);
      const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
      const sum = powers.reduce((total, power) => total + power, 0);
      for (let t = 0; t < TASK_COUNT; t++) {
        expect(probabilities[t]).toBeCloseTo((powers[t] ?? 0) / sum, 9);
      }
    }),
  );
});
