// The task weights as sections of the weights file; src/routing/classify/task-model.ts reads them.
import { TASK_COUNT, type TaskWeights } from "../../src/routing/classify/task-model.ts";
import type { SectionToWrite } from "../lib/write-container.ts";

export function taskSections(weights: TaskWeights): readonly SectionToWrite[] {
  const { columns, concepts, matrix, scales, rules, bias } = weights;
  const slots = [concepts.keys.length];
  return [
    { name: "task.matrix", dtype: "int8", shape: [columns.count, TASK_COUNT], data: matrix },
    { name: "task.tags", dtype: "uint8", shape: [columns.count], data: columns.tags },
    { name: "task.conceptKeys", dtype: "uint32", shape: slots, data: concepts.keys },
    { name: "task.concepts", dtype: "uint8", shape: slots, data: concepts.concepts },
    { name: "task.conceptMarks", dtype: "uint8", shape: slots, data: concepts.marks },
    { name: "task.scales", dtype: "float32", shape: [TASK_COUNT], data: scales },
    { name: "task.rules", dtype: "float32", shape: [TASK_COUNT, TASK_COUNT], data: rules },
    { name: "task.bias", dtype: "float32", shape: [TASK_COUNT], data: bias },
  ];
}
