// What the shape of a prompt says about its task, whatever the language: pasted code, a long text
// with a question, formulas, multiple choice, a lone short sentence. Each rule gives points.
import type { Capability } from "../../domain/catalog.ts";
import type { RoutingTask } from "../../domain/route.ts";
import type { Features } from "./features.ts";
import { buildWordTable, valueAt } from "./word-table.ts";

export type Points = readonly [RoutingTask, number];

export function shapeRules(features: Features, needs: readonly Capability[]): readonly Points[] {
  return [
    ...payloadRules(features),
    ...questionRules(features),
    ...mathRules(features),
    ...makingRules(features),
    ...lengthRules(features),
    ...needRules(needs),
  ];
}

/** Payload shorter than this is a phrase, not a text to work on. */
const TEXT_CHARS = 150;

function payloadRules(features: Features): readonly Points[] {
  const { payloadKind, payloadChars, signs } = features;
  switch (payloadKind) {
    case "code":
      return [
        ["code_debug_explain", 3],
        ["code_generation", 0.8],
        ["math", -1],
        // Nearly every question about code opens with "what" or "why".
        ["open_qa", -2.5],
      ];
    case "table":
      return [
        ["closed_qa", signs.questions > 0 ? 2.5 : 0.5],
        ["analysis", 1],
        ["extraction", 0.7],
      ];
    case "prose":
      return payloadChars < TEXT_CHARS ? SHORT_TEXT : longTextRules(features);
    case "none":
      return NO_TEXT;
  }
}

/** Without a text there is nothing to transform; words like "summary" then mean something else. */
const NO_TEXT: readonly Points[] = [
  ["closed_qa", -1.5],
  ["extraction", -0.4],
];

const SHORT_TEXT: readonly Points[] = [
  ["translation", 0.6],
  ["rewriting", 0.6],
  ["classification", 0.6],
  ["open_qa", -0.3],
];

function longTextRules(features: Features): readonly Points[] {
  const asks = features.signs.questions > 0;
  return [
    ["closed_qa", asks ? 2.8 : 0.3],
    ["summarization", asks ? 0 : 0.8],
    ["extraction", 0.5],
    ["rewriting", 0.5],
    ["open_qa", -2],
    ["chat", -1.5],
    ["brainstorming", -0.5],
  ];
}

function questionRules(features: Features): readonly Points[] {
  const { signs } = features;
  const points: Points[] = [];
  if (signs.questions > 0) points.push(["open_qa", 1], ["creative_writing", -0.7]);
  if (signs.endsWithQuestion) points.push(["open_qa", 0.4]);
  if (signs.choices >= 3) points.push(["reasoning", 1], ["open_qa", 1]);
  return points;
}

function mathRules(features: Features): readonly Points[] {
  const { signs, payloadKind } = features;
  if (payloadKind === "code" || signs.codeSigns > 12) return [];
  const points: Points[] = [];
  const isFormula = signs.mathSigns >= 2 && signs.numbers >= 2;
  if (isFormula) points.push(["math", 2]);
  else if (signs.mathSigns >= 1 && signs.numbers >= 1) points.push(["math", 1]);
  // A word problem: several quantities and one question.
  if (signs.numbers >= 3 && signs.questions > 0) points.push(["math", 1.8]);
  else if (signs.numbers >= 2 && signs.questions > 0) points.push(["math", 0.8]);
  if (features.instruction.includes("\\frac") || features.instruction.includes("$")) {
    points.push(["math", signs.mathSigns > 0 ? 1.2 : 0.3]);
  }
  return points;
}

const MAKING_WORDS =
  "write create build make generate develop implement produce give show code set convert escribe crea ecris cree schreibe erstelle escreva crie scrivi crea напиши создай";
const MAKING = buildWordTable(MAKING_WORDS.split(" ").map((word) => [word, true] as const));
/** A word this strong names a language, a tool or a kind of program. */
const NAMES_CODE = 2;

/** "Write" leans to prose until something to program stands beside it; pasted code is to be worked on. */
function makingRules(features: Features): readonly Points[] {
  const isAboutText = features.payloadKind === "prose" || features.payloadKind === "code";
  if (isAboutText || !isAboutMaking(features)) return [];
  const namesCode = features.hits.some((hit) => hit.task === "code_generation" && hit.weight >= NAMES_CODE);
  if (!namesCode) return [];
  return [
    ["code_generation", 1.8],
    ["creative_writing", -1],
    ["open_qa", -0.8],
  ];
}

function isAboutMaking({ asked }: Features): boolean {
  for (let i = 0; i < asked.count; i++) if (valueAt(MAKING, asked, i) === true) return true;
  return false;
}

/** A statement of so few words asks nothing: somebody is talking. */
const SMALL_TALK_WORDS = 8;
/** Beside a long instruction an opening "hi" is politeness. */
const POLITE_WORDS = 12;

function lengthRules(features: Features): readonly Points[] {
  const { asked, signs, payloadKind } = features;
  const points: Points[] = [["open_qa", 0.3]];
  if (payloadKind !== "none") return points;
  if (asked.count <= SMALL_TALK_WORDS && signs.questions === 0) points.push(["chat", 1]);
  if (asked.count > POLITE_WORDS) points.push(["chat", -2]);
  if (signs.exclamations > 0 && asked.count <= POLITE_WORDS) points.push(["chat", 0.8]);
  if (signs.listItems >= 3) points.push(["planning_agentic", 0.4], ["code_generation", 0.2]);
  if (signs.codeSigns >= 6) points.push(["code_debug_explain", 0.8], ["code_generation", 0.8]);
  return points;
}

function needRules(needs: readonly Capability[]): readonly Points[] {
  const points: Points[] = [];
  if (needs.includes("tools")) points.push(["planning_agentic", 1.5]);
  if (needs.includes("json")) points.push(["extraction", 1]);
  return points;
}
