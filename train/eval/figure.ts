// One figure of the report: what was measured, on how much, how sure, and what it is held against.
import type { Interval } from "../lib/bootstrap.ts";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly n?: number;
  /** The least (or, for errors, the most) that will do, and what is aimed at. */
  readonly must?: number;
  readonly aim?: number;
  readonly note?: string;
}

export interface Section {
  readonly title: string;
  readonly figures: readonly Figure[];
}

export function withInterval(
  name: string,
  { value, low, high }: Interval,
  rest: Partial<Figure> = {},
): Figure {
  return { name, value, low, high, ...rest };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Aligned columns, for eyes; the JSON beside it is for programs. */
export function table({ title, figures }: Section): string {
  const lines = figures.map(({ name, value, low, high, n, must, aim, note }) =>
    [
      name.padEnd(NAME_WIDTH),
      shown(value),
      low === undefined || high === undefined ? "".padEnd(17) : `[${shown(low)}, ${shown(high)}]`,
      n === undefined ? "".padEnd(7) : String(n).padStart(7),
      must === undefined ? "".padEnd(7) : shown(must),
      aim === undefined ? "".padEnd(7) : shown(aim),
      note ?? "",
    ]
      .join("  ")
      .trimEnd(),
  );
  const head = ["".padEnd(NAME_WIDTH), "  value", "95 % interval    ", "      n", "   must", "    aim"].join(
    "  ",
  );
  return [`\n${title}`, head, ...lines].join("\n");
}

const NAME_WIDTH = 58;

function shown(value: number): string {
  return value.toFixed(3).padStart(7);
}
