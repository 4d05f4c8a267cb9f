// Calls and answers as kinds meet them, for tests to change in one place each.
import type { Inference } from "../../../src/domain/inference.ts";
import type { Task, TaskInput, TaskRequest } from "../../../src/domain/task.ts";
import type { Call, GoodAnswer } from "../../../src/origins/kinds/kind.ts";
import { sampleInference, sampleTarget } from "../../domain/sample-target.ts";

export const NOW_S = 1_712_345_678;

export function sampleCall(fields: Partial<Call> = {}): Call {
  return {
    target: sampleTarget(),
    inference: sampleInference(),
    maxOutputTokens: 100,
    secret: null,
    requestId: "req_1",
    traceparent: null,
    ...fields,
  };
}

/** A whole call of that inference. */
export function wholeCall(inference: Partial<Inference>, fields: Partial<Call> = {}): Call {
  const { body } = sampleInference();
  const whole = { stream: false, body: { ...body, stream: false }, ...inference };
  return sampleCall({ inference: sampleInference(whole), ...fields });
}

export function embeddingsCall(body: object, fields: Partial<Call> = {}): Call {
  const { input } = body as { readonly input?: unknown }; // any body, as callers send them
  const inference = { wire: "openai-embeddings", body: { ...body }, choices: 0, answers: 0 } as const;
  const inputs = Array.isArray(input) ? input.length : 1;
  return wholeCall({ ...inference, inputs }, { maxOutputTokens: null, ...fields });
}

export function taskCall(request: TaskRequest, fields: Partial<Call> = {}): Call {
  const inference = { wire: "tasks", task: request, body: {}, choices: 0, answers: 0 } as const;
  return wholeCall(inference, { maxOutputTokens: null, ...fields });
}

export function taskRequest(
  task: Task,
  input: TaskInput | string | readonly string[],
  fields: Partial<TaskRequest> = {},
): TaskRequest {
  const isTexts = typeof input === "string" || Array.isArray(input);
  const read = isTexts ? { kind: "texts" as const, texts: [input].flat() as string[] } : (input as TaskInput); // by the line above
  return { task, input: read, isList: Array.isArray(input), parameters: {}, ...fields };
}

export function media(bytes: readonly number[], type: string): TaskInput {
  return { kind: "media", bytes: new Uint8Array(bytes), type };
}

/** A value is written as JSON, a text as it stands. */
export function goodAnswer(body: unknown, headers: Record<string, string> = {}): GoodAnswer {
  const isBytes = body instanceof Uint8Array;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = isBytes ? body : new TextEncoder().encode(text);
  return { bytes, headers: new Headers(headers), nowS: NOW_S };
}
