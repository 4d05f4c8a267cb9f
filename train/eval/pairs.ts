// RouteLLM's protocol on pairs of the packs' models, above all on grade-school mathematics: prompts
// held out at random, and the whole benchmark held out.
import { gapOf, readPrompt } from "../../src/routing/ability/ability.ts";
import { bootstrap, pick } from "../lib/bootstrap.ts";
import { apgr } from "../lib/metrics.ts";
import { type Figure, mean, type Section, withInterval } from "./figure.ts";
import type { Fold } from "./predict-outcomes.ts";

const GSM8K = "llmrouter-gsm8k";
const ABLE = [
  "lr/llama-3.1-nemotron-51b-instruct",
  "lr/llama-3.3-nemotron-super-49b-v1",
  "lr/llama-3.1-8b-instruct",
  "lr/gemma-2-9b-it",
  "lr/qwen2.5-7b-instruct",
] as const;
const WEAK = ["lr/mistral-7b-instruct-v0.3", "lr/codegemma-7b"] as const;

/** The pair that is asked for where GSM8K is measured: neither model answered these prompts. */
const ASKED = [{ name: "gpt-4-1106-preview" }, { name: "mixtral-8x7b-instruct-v0.1" }] as const;

export function gsm8kReport(folds: readonly Fold[], title: string): Section {
  const rows = folds.flatMap(({ ability, test }) =>
    test
      .filter(({ benchmark }) => benchmark === GSM8K)
      .map(({ prompt, scores }) => {
        readPrompt(ability, prompt);
        return { gap: gapOf(ability, ASKED), length: prompt.length, scores };
      }),
  );
  const figure = (name: string, gaps: readonly number[], rest: Partial<Figure> = {}) => [
    withInterval(
      name,
      bootstrap(
        rows.length,
        (drawn) =>
          apgr(
            pick(
              rows.map((row) => row.gap),
              drawn,
            ),
            pick(gaps, drawn),
          ),
        200,
      ),
      { n: rows.length, ...rest },
    ),
    {
      name: "    prompt length alone",
      value: apgr(
        rows.map((row) => row.length),
        gaps,
      ),
    },
  ];
  const able = rows.map(({ scores }) => mean(ABLE.map((model) => scores[model] ?? 0)));
  const anyWeak = rows.map(({ scores }) => Math.max(...WEAK.map((model) => scores[model] ?? 0)));
  return {
    title,
    figures: [
      ...figure(
        "APGR, able models less the better of two weak ones",
        able.map((one, at) => one - (anyWeak[at] ?? 0)),
        {
          must: 0.6,
          aim: 0.63,
          note: "a gap of about the asked pair's size",
        },
      ),
      ...WEAK.flatMap((weak) =>
        figure(
          `APGR, able models less ${weak}`,
          rows.map(({ scores }, at) => (able[at] ?? 0) - (scores[weak] ?? 0)),
        ),
      ),
    ],
  };
}
