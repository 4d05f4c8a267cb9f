// What a model may be called. Ids stand in paths of several dialects, so some would hide a route
// or be unreachable behind one. Deliberately ignorant of the other rows: duplicates are check.ts's.
import { AUTO } from "../domain/inference.ts";

/** Why `id` cannot name a model, as one sentence that says what to do; null when it can. */
export function faultOfModelId(id: string): string | null {
  if (id.length < 1 || id.length > MAX_LENGTH) return `Use 1 to ${MAX_LENGTH} characters.`;
  if (id === AUTO) return `Choose another name: "${AUTO}" asks the router to choose the model.`;
  if (id.includes("..")) return "Remove the two dots in a row: a path would be resolved around them.";
  if (!FORM.test(id)) return FORM_SENTENCE;
  if (TASK_PATHS.has(id)) return "Choose another name: this one is the path of a task.";
  const segments = id.split("/");
  const first = segments[0] ?? "";
  const last = segments.at(-1) ?? "";
  if (RESERVED_FIRST.has(first)) return `Choose another first segment: the API has routes under "${first}".`;
  if (RESERVED_LAST.has(last)) return `Choose another last segment: the API has routes ending in "${last}".`;
  return null;
}

/** The longest id of a public hub is 96 + 1 + 96 characters. */
const MAX_LENGTH = 200;

// ASCII only: look-alike letters would name another model. No *, %, ?, # or white space: they
// mean something else in keys' model pools and in URLs. A segment "." would be resolved away.
const SEGMENT = "[A-Za-z0-9_][A-Za-z0-9._:@+~-]*";
const FORM = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);
const FORM_SENTENCE =
  "Use segments of letters, digits and . _ : @ + ~ - divided by single slashes, each beginning with a letter, digit or underscore.";

/** Routes that would win over `/v1/inference/{id}`. */
const TASK_PATHS: ReadonlySet<string> = new Set([
  "text-generation",
  "text-generation/stream",
  "text-classification",
  "image-classification",
  "embeddings",
  "object-detection",
  "asr",
]);

const RESERVED_FIRST: ReadonlySet<string> = new Set([
  "inference",
  "openai",
  "jobs",
  "models",
  "messages",
  "responses",
  "chat",
  "completions",
  "embeddings",
  "audio",
  "keys",
]);

const RESERVED_LAST: ReadonlySet<string> = new Set(["health", "generate", "stream"]);
