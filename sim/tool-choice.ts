// Whether a simulated model calls a tool, which one, and with what arguments. A model that may
// choose calls a tool when the user's last text plainly asks for what its name or description names.
import type { Parsed } from "./answer.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "./json-object.ts";
import { badRequest } from "./refusals.ts";
import { valueFor } from "./schema-value.ts";
import { hashText, seededDice } from "./seeded.ts";

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

export interface ToolCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** `named` is a choice of its own: vLLM then ends with "stop", not with "tool_calls". */
export type ToolWish =
  | { readonly kind: "none" }
  | { readonly kind: "auto" | "required"; readonly tools: readonly Tool[] }
  | { readonly kind: "named"; readonly tool: Tool };

export function readToolWish(body: JsonObject): Parsed<ToolWish> {
  const tools = toolsOf(body);
  const choice = body.tool_choice ?? (tools.length > 0 ? "auto" : "none");
  if (choice === "none") return { ok: true, value: { kind: "none" } };
  if (tools.length === 0) return badRequest("When using `tool_choice`, `tools` must be set.", "tool_choice");
  if (choice === "auto" || choice === "required") return { ok: true, value: { kind: choice, tools } };
  const named = isObject(choice) ? textAt(objectAt(choice, "function") ?? {}, "name") : null;
  const tool = tools.find((one) => one.name === named);
  if (tool === undefined) {
    const message = "The tool specified in `tool_choice` does not match any of the specified `tools`";
    return badRequest(message, "tool_choice");
  }
  return { ok: true, value: { kind: "named", tool } };
}

function toolsOf(body: JsonObject): readonly Tool[] {
  return listAt(body, "tools").flatMap((entry) => {
    const fn = isObject(entry) ? objectAt(entry, "function") : null;
    const name = fn === null ? null : textAt(fn, "name");
    if (fn === null || name === null) return [];
    const description = textAt(fn, "description") ?? "";
    return [{ name, description, parameters: objectAt(fn, "parameters") ?? {} }];
  });
}

/** `key` seeds the arguments. null: the model answers in words. */
export function chooseTool(wish: ToolWish, ask: string, key: string): ToolCall | null {
  const tool = pickTool(wish, ask);
  if (tool === null) return null;
  const source = { dice: seededDice(hashText(`${key}|${tool.name}`)), ask, root: tool.parameters };
  const schema = { type: "object", ...tool.parameters };
  return { name: tool.name, arguments: JSON.stringify(valueFor(source, schema)) };
}

function pickTool(wish: ToolWish, ask: string): Tool | null {
  if (wish.kind === "none") return null;
  if (wish.kind === "named") return wish.tool;
  const said = new Set(wordsOf(ask));
  let best: Tool | null = wish.kind === "required" ? (wish.tools[0] ?? null) : null;
  let bestScore = wish.kind === "required" ? 0 : PLAINLY - 1;
  for (const tool of wish.tools) {
    const score = relevance(tool, said);
    if (score <= bestScore) continue;
    best = tool;
    bestScore = score;
  }
  return best;
}

/** One telling word of the name, or two of the description. */
const PLAINLY = 2;

function relevance(tool: Tool, said: ReadonlySet<string>): number {
  const inName = wordsOf(tool.name).filter((word) => said.has(word)).length;
  const inDescription = wordsOf(tool.description).filter((word) => word.length > 3 && said.has(word)).length;
  return 2 * inName + inDescription;
}

/** Verbs every tool has and words every text has tell nothing about what is asked. */
const UNTELLING = new Set(
  "a an the of for to in on and or with your this that get set do run make create find list fetch tool function given current from about what please into some".split(
    " ",
  ),
);

function wordsOf(text: string): readonly string[] {
  const spaced = text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase();
  const words = spaced.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => word.replace(/(?<=\p{L}{3})s$/u, "")).filter((word) => !UNTELLING.has(word));
}
