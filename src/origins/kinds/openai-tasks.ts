// The tasks that the OpenAI wire has words for: embeddings and transcription. Everything else is spoken by
// kinds of their own.
import type { Failure } from "../../domain/frame.ts";
import type { TaskInput, TaskRequest } from "../../domain/task.ts";
import { countOrNull, listOf, recordOf } from "../../lib/record.ts";
import { disconnected } from "./failures.ts";
import type { Whole } from "./kind.ts";
import { isErrorAnswer } from "./openai-frame.ts";
import { UNCOUNTED, usageOf } from "./openai-usage.ts";
import { taskAnswer } from "./task-answer.ts";
import { isVector } from "./task-outputs.ts";
import { transcriptIn } from "./transcript.ts";
import { wellFormedJson } from "./well-formed.ts";

export interface TaskForm {
  readonly path: string;
  readonly body: string | FormData;
}

/** null where the wire has no words for the task. */
export function openaiTask({ task, input, parameters }: TaskRequest, model: string): TaskForm | null {
  if (task === "embeddings" && input.kind === "texts") {
    const body = { ...parameters, model, input: input.texts, encoding_format: "float" };
    return { path: "/embeddings", body: wellFormedJson(JSON.stringify(body)) };
  }
  if (task === "automatic-speech-recognition" && input.kind === "media") {
    return { path: "/audio/transcriptions", body: transcriptionForm(input, parameters, model) };
  }
  return null;
}

type Media = Extract<TaskInput, { kind: "media" }>;

function transcriptionForm(sound: Media, parameters: TaskRequest["parameters"], model: string): FormData {
  const { return_timestamps: hasSegments, ...rest } = parameters;
  const form = new FormData();
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      form.set(name, String(value));
    }
  }
  form.set("model", model);
  form.set("response_format", hasSegments ? "verbose_json" : "json");
  // Servers tell the codec by the name's ending.
  const name = `sound.${sound.type.replace(/^.*\/(x-)?/, "").replace(/;.*$/, "")}`;
  form.set("file", new Blob([sound.bytes], { type: sound.type }), name);
  return form;
}

export function readOpenaiTask(value: unknown, request: TaskRequest): Whole | Failure {
  if (isErrorAnswer(value)) return disconnected("The origin answered with an error.");
  const outputs =
    request.task === "embeddings" ? vectorsIn(value) : transcriptIn(value, recordOf(value).language);
  return taskAnswer(request, outputs, reportIn(value));
}

/** Vectors come with the index of their input, and not always in order. */
function vectorsIn(value: unknown): readonly unknown[] | null {
  const rows = listOf(recordOf(value).data).map(recordOf);
  const sorted = rows.toSorted((a, b) => Number(a.index ?? 0) - Number(b.index ?? 0));
  const vectors = sorted.map((row) => row.embedding);
  return vectors.every(isVector) ? vectors : null;
}

/** Transcriptions count in words of their own. */
function reportIn(value: unknown) {
  const { usage } = recordOf(value);
  const { input_tokens, output_tokens } = recordOf(usage);
  const counted = countOrNull(input_tokens);
  if (counted === null) return usageOf(usage) ?? UNCOUNTED;
  return { ...UNCOUNTED, inputTokens: counted, outputTokens: countOrNull(output_tokens) };
}
