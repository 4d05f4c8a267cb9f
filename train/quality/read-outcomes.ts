// An operator's outcomes, line by line, as one kind of row: strong and weak of a pair, scores by model,
// or the feedback export. What cannot be read is counted, never guessed. Knows no files.
import * as z from "zod";
import { UNNAMED_PAIR } from "../../src/routing/ability/ability.ts";
import { canonicalName } from "../../src/routing/ability/model-name.ts";

/** `prompt` is null where the row moves only means. */
export interface OutcomeLine {
  readonly prompt: string | null;
  readonly domain: string | null;
  readonly task: string | null;
  /** 0..1 by canonical name; never empty. */
  readonly scores: ReadonlyMap<string, number>;
}

interface ReadOutcomes {
  readonly lines: readonly OutcomeLine[];
  readonly unreadable: number;
}

const share = z.union([z.boolean().transform(Number), z.number().min(0).max(1)]);
const about = {
  prompt: z.string().min(1).nullish(),
  domain: z.string().nullish(),
  task: z.string().nullish(),
};
const pairLine = z.object({
  ...about,
  strong: share,
  weak: share,
  strong_model: z.string().default(UNNAMED_PAIR[0]),
  weak_model: z.string().default(UNNAMED_PAIR[1]),
});
const scoresLine = z.object({ ...about, scores: z.record(z.string(), share) });

export function readOutcomes(lines: readonly unknown[]): ReadOutcomes {
  const read = lines.flatMap((line) => readLine(line) ?? []);
  return { lines: read, unreadable: lines.length - read.length };
}

function readLine(line: unknown): OutcomeLine | null {
  const pair = pairLine.safeParse(line);
  if (pair.success) {
    const { strong, weak, strong_model, weak_model, ...rest } = pair.data;
    const scores = new Map([
      [canonicalName(strong_model), strong],
      [canonicalName(weak_model), weak],
    ]);
    return outcomeLine(rest, scores);
  }
  const scored = scoresLine.safeParse(line);
  if (!scored.success) return null;
  const entries = Object.entries(scored.data.scores).map(
    ([name, score]) => [canonicalName(name), score] as const,
  );
  return entries.length === 0 ? null : outcomeLine(scored.data, new Map(entries));
}

type About = z.infer<z.ZodObject<typeof about>>;

function outcomeLine({ prompt, domain, task }: About, scores: ReadonlyMap<string, number>): OutcomeLine {
  return { prompt: prompt ?? null, domain: domain ?? null, task: task ?? null, scores };
}
