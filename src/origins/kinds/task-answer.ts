// Read outputs → the whole answer of wire "tasks": as many outputs as inputs, or no answer at all.
import type { Failure } from "../../domain/frame.ts";
import { countOfInputs, type TaskRequest, type TaskResult } from "../../domain/task.ts";
import type { UsageReport } from "../../domain/usage.ts";
import { disconnected } from "./failures.ts";
import type { Whole } from "./kind.ts";

/** `outputs` as readOutputs gives them: null where the answer made no sense. */
export function taskAnswer(
  { task, input, isList }: TaskRequest,
  outputs: readonly unknown[] | null,
  usage: UsageReport,
): Whole | Failure {
  if (outputs === null || outputs.length !== countOfInputs(input)) {
    return disconnected("The origin answered without a result.");
  }
  const result = { task, isList, outputs } as TaskResult; // read by the task's own reader
  return { kind: "whole", text: JSON.stringify(result), usage, guessedOutputTokens: 0, finishedChoices: 0 };
}
