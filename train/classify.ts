// `npm run --silent classify`: JSON lines {id, text} in, one JSON line each out, in order, decided by the
// very modules and weights the router uses. A bad line is answered in its place; the exit code tells.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import {
  type Ability,
  createAbility,
  gapOf,
  type ModelAsked,
  qualityOf,
  readPrompt,
} from "../src/routing/ability/ability.ts";
import { readAbilityWeights } from "../src/routing/ability/ability-weights.ts";
import { classify } from "../src/routing/classify/classify.ts";
import { installWeights } from "../src/routing/weights/weights.ts";
import { WEIGHTS_FILE } from "./lib/data-folder.ts";
import { readWeights } from "./lib/read-weights.ts";
import { promptView } from "./tasks/prompt-view.ts";

const CATALOG = join(import.meta.dirname, "../src/catalog/default.json");
/** Answers are gathered to this size before they are written: one write each would halve the rate. */
const FLUSH_CHARS = 64 * 1024;
const QUESTION = z.object({ id: z.union([z.string(), z.number()]), text: z.string() });
const CATALOG_FILE = z.object({
  models: z.array(
    z.object({ id: z.string(), task: z.string(), parameters_b: z.number().nullish() }).transform((model) => ({
      name: model.id,
      parametersB: model.parameters_b ?? null,
      isChat: model.task === "text-generation",
    })),
  ),
});

const { values: options } = parseArgs({
  options: { weights: { type: "string" }, pair: { type: "string" }, models: { type: "string" } },
});
// Whoever takes the first lines only has what he wants.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
await answerAll().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

/** Everything that answers a prompt, made once. */
interface Desk {
  readonly ability: Ability;
  readonly models: readonly ModelAsked[];
  readonly pair: readonly [ModelAsked, ModelAsked] | null;
}

async function answerAll(): Promise<void> {
  const desk = openDesk();
  let answers = "";
  for await (const line of linesOf(process.stdin)) {
    answers += `${JSON.stringify(answerTo(line, desk))}\n`;
    if (answers.length < FLUSH_CHARS) continue;
    await written(answers);
    answers = "";
  }
  await written(answers);
}

function openDesk(): Desk {
  const file = options.weights === undefined ? WEIGHTS_FILE : join(options.weights, "inferroute.bin");
  const weights = readWeights(file);
  installWeights(weights);
  const { models: catalog } = CATALOG_FILE.parse(JSON.parse(readFileSync(CATALOG, "utf8")));
  // The catalog knows the size of a model that no outcome names.
  const sizes = new Map(catalog.map(({ name, parametersB }) => [name.toLowerCase(), parametersB]));
  const asked = (name: string) => ({ name, parametersB: sizes.get(name.toLowerCase()) ?? null });
  const names =
    options.models?.split(",").filter((name) => name.trim() !== "") ??
    catalog.filter(({ isChat }) => isChat).map(({ name }) => name);
  return {
    ability: createAbility(readAbilityWeights(weights.container)),
    models: names.map((name) => asked(name.trim())),
    pair: pairOf(options.pair ?? null, asked),
  };
}

function pairOf(text: string | null, asked: (name: string) => ModelAsked): Desk["pair"] {
  if (text === null) return null;
  const [strong, weak, ...rest] = text.split(",");
  if (strong === undefined || weak === undefined || rest.length > 0) {
    throw new Error("--pair names two models: STRONG,WEAK.");
  }
  return [asked(strong.trim()), asked(weak.trim())];
}

function answerTo(line: string, { ability, models, pair }: Desk) {
  const json = parsed(line);
  const question = QUESTION.safeParse(json);
  if (!question.success) return refused(json);
  const { id, text } = question.data;
  readPrompt(ability, text);
  const { task, group, complexity, confidence } = classify(promptView(text), [], { ability });
  const quality = Object.fromEntries(
    models.map((model) => [model.name, rounded(qualityOf(ability, { ...model, task }))]),
  );
  const gap = pair === null ? null : gapOf(ability, pair);
  return { id, task, group, complexity, confidence, quality, gap };
}

/** Keeps the id where the line has one, so that the caller finds his row. */
function refused(json: unknown) {
  process.exitCode = 1;
  const named = QUESTION.pick({ id: true }).safeParse(json);
  const error = json === undefined ? "The line is not JSON." : "The line is not {id, text}, text a string.";
  return { id: named.success ? named.data.id : null, error };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** More digits would claim what nobody knows. */
function rounded(probability: number): number {
  return Math.round(probability * 10_000) / 10_000;
}

/** JSON may hold every other mark that ends a line of text, U+2028 among them: only LF ends ours. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // Drops a byte order mark, and joins characters that two pieces share.
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of input) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Waits where the reader is slower than we are. */
async function written(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
