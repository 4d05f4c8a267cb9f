// Reading of Hugging Face requests: JSON with `inputs` and `parameters`, where media are base64, or
// the bytes themselves with the parameters in the query.
import type { ModelTask } from "../src/domain/catalog.ts";
import type { Parsed, Refused } from "./answer.ts";
import type { Call } from "./call.ts";
import { isObject, type JsonObject, objectAt } from "./json-object.ts";
import { refusal } from "./refusals.ts";
import type { Served } from "./served.ts";

export interface HfInput {
  readonly inputs: unknown;
  readonly parameters: JsonObject;
  /** The picture or sound, for tasks that take one. */
  readonly media: Uint8Array | null;
}

/** An input on its way through the pipeline of one model. */
export interface HfJob extends HfInput {
  readonly served: Served;
}

/** What a pipeline returns, and how many tokens it wrote. */
export interface HfResult {
  readonly value: unknown;
  readonly tokens: number;
}

const MEDIA_TASKS: readonly ModelTask[] = [
  "image-classification",
  "zero-shot-image-classification",
  "object-detection",
  "automatic-speech-recognition",
];

export function readHfInput(call: Call, task: ModelTask): Parsed<HfInput> {
  const takesMedia = MEDIA_TASKS.includes(task);
  if (call.body instanceof Uint8Array) {
    if (!takesMedia) return hfComplaint(`Content type "${call.contentType}" not supported.`);
    if (call.body.length === 0) return hfComplaint("Cannot read an empty body");
    return { ok: true, value: { inputs: null, parameters: parametersOf(call), media: call.body } };
  }
  const body = isObject(call.body) ? call.body : {};
  const inputs = body.inputs;
  if (inputs === undefined)
    return hfComplaint(`Body needs to provide a inputs key, received: ${shown(body)}`);
  const parameters = objectAt(body, "parameters") ?? parametersOf(call);
  if (!takesMedia) return { ok: true, value: { inputs, parameters, media: null } };
  const media = typeof inputs === "string" ? decodeMedia(inputs) : null;
  if (media === null) {
    return hfComplaint(
      `'inputs' for task '${task}' must be the media content itself: either raw bytes sent with a matching audio/* or image/* Content-Type, or a base64-encoded string in a JSON body.`,
    );
  }
  return { ok: true, value: { inputs, parameters, media } };
}

/** Raw bodies carry their parameters in the query: numbers and booleans are recognised. */
function parametersOf(call: Call): JsonObject {
  return Object.fromEntries([...call.query].map(([name, text]) => [name, plainValue(text)]));
}

function plainValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function decodeMedia(text: string): Uint8Array | null {
  const base64 = text.replace(/^data:[^,]*;base64,/, "");
  if (base64 === "" || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(base64)) return null;
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** Enough of a body to recognise it in an error. */
function shown(body: JsonObject): string {
  return JSON.stringify(body).slice(0, 200);
}

/** The toolkit sends every exception of a pipeline as 400 with its text. */
export function hfComplaint(message: string): Refused {
  return { ok: false, answer: refusal("hf", { status: 400, type: "", message }) };
}
