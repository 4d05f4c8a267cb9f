// What routing saves on the RouterBench part: cost at a given share of the best model's quality, against
// the best static mix of single models and an oracle. Held-out prompts only.
import { qualityOf, readPrompt } from "../../src/routing/ability/ability.ts";
import type { Section } from "./figure.ts";
import type { Fold } from "./predict-outcomes.ts";

export interface Point {
  readonly cost: number;
  readonly quality: number;
}

export interface Frontier {
  readonly models: readonly (Point & { readonly name: string })[];
  readonly routed: readonly Point[];
  readonly oracle: readonly Point[];
  readonly mix: readonly Point[];
}

interface Row {
  readonly predicted: Float64Array;
  readonly expectedCost: Float64Array;
  readonly score: Float64Array;
  readonly cost: Float64Array;
}

const BENCHMARKS: ReadonlySet<string> = new Set(["routerbench-arc_challenge", "routerbench-mbpp"]);
/** Prices of quality tried, from "cheapest" to "best", evenly in their logarithm. */
const PRICES = 400;
const LEAST_LOG = Math.log(1e-6);
const MOST_LOG = Math.log(3);

export function frontierOf(folds: readonly Fold[]): Frontier | null {
  const rows: Row[] = [];
  const names = folds[0]?.test.find(({ benchmark }) => BENCHMARKS.has(benchmark))?.scores;
  if (names === undefined) return null;
  const models = Object.keys(names);
  for (const fold of folds) rows.push(...rowsOf(fold, models));
  const single = models.map((name, m) => ({ name, ...average(rows, () => m) }));
  return {
    models: single,
    routed: sweep(rows, ({ predicted, expectedCost }) => ({ worth: predicted, price: expectedCost })),
    oracle: sweep(rows, ({ score, cost }) => ({ worth: score, price: cost })),
    mix: hullOf(single),
  };
}

/** Saved cost, as a share of the best single model's, at `part` of its quality; NaN: never reached. */
export function savedAt(curve: readonly Point[], { models }: Frontier, part: number): number {
  const best = models.reduce((most, one) => (one.quality > most.quality ? one : most));
  const hull = hullOf(curve);
  const wanted = part * best.quality;
  for (const [at, point] of hull.entries()) {
    if (point.quality < wanted) continue;
    const before = hull[at - 1];
    if (before === undefined) return 1 - point.cost / best.cost;
    const share = (wanted - before.quality) / (point.quality - before.quality);
    return 1 - (before.cost + share * (point.cost - before.cost)) / best.cost;
  }
  return Number.NaN;
}

export function frontierReport(frontier: Frontier): Section {
  const at = (name: string, curve: readonly Point[]) => [
    {
      name: `${name}: cost saved at 98 % of the best model's quality`,
      value: savedAt(curve, frontier, 0.98),
    },
    { name: `${name}: cost saved at 95 %`, value: savedAt(curve, frontier, 0.95) },
  ];
  const [first, second, ...rest] = [
    ...at("routed", frontier.routed),
    ...at("static mix", frontier.mix),
    ...at("oracle", frontier.oracle),
  ];
  return {
    title: "RouterBench part: cost for quality, held-out prompts",
    figures: [
      { name: "", value: 0, ...first, must: 0.35, aim: 0.42 },
      { name: "", value: 0, ...second, must: 0.72, aim: 0.76 },
      ...rest,
    ],
  };
}

function rowsOf({ ability, train, test }: Fold, models: readonly string[]): readonly Row[] {
  const costs = costRates(train, models);
  return test
    .filter(({ benchmark, costUsd }) => BENCHMARKS.has(benchmark) && costUsd !== null)
    .map(({ prompt, scores, costUsd }) => {
      readPrompt(ability, prompt);
      return {
        predicted: Float64Array.from(models, (name) => qualityOf(ability, { name })),
        expectedCost: Float64Array.from(models, (_, m) => costs.fixed[m] ?? 0).map(
          (fixed, m) => fixed + (costs.perChar[m] ?? 0) * prompt.length,
        ),
        score: Float64Array.from(models, (name) => scores[name] ?? 0),
        cost: Float64Array.from(models, (name) => costUsd?.[name] ?? 0),
      };
    });
}

interface CostRates {
  readonly fixed: readonly number[];
  readonly perChar: readonly number[];
}

/** A price list and a usual answer make cost a line in the prompt's length. */
function costRates(train: Fold["train"], models: readonly string[]): CostRates {
  const lines = models.map((name) => {
    const points = train.flatMap(({ prompt, costUsd }) => {
      const cost = costUsd?.[name];
      return cost === undefined ? [] : [{ x: prompt.length, y: cost }];
    });
    const n = Math.max(1, points.length);
    const x = points.reduce((sum, point) => sum + point.x, 0) / n;
    const y = points.reduce((sum, point) => sum + point.y, 0) / n;
    const xx = points.reduce((sum, point) => sum + (point.x - x) ** 2, 1e-9);
    const xy = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
    return { fixed: y - (xy / xx) * x, perChar: xy / xx };
  });
  return { fixed: lines.map(({ fixed }) => fixed), perChar: lines.map(({ perChar }) => perChar) };
}

interface Offer {
  readonly worth: Float64Array;
  readonly price: Float64Array;
}

function sweep(rows: readonly Row[], offerOf: (row: Row) => Offer): readonly Point[] {
  const offers = new Map(rows.map((row) => [row, offerOf(row)]));
  return Array.from({ length: PRICES }, (_, step) => {
    const usd = Math.exp(LEAST_LOG + ((MOST_LOG - LEAST_LOG) * step) / (PRICES - 1));
    return average(rows, (row) => bestFor(offers.get(row), usd));
  });
}

/** The model whose quality, a good answer being worth `usd`, leaves most after its price. */
function bestFor(offer: Offer | undefined, usd: number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  offer?.worth.forEach((worth, m) => {
    const left = worth * usd - (offer.price[m] ?? 0);
    if (left > most) {
      most = left;
      best = m;
    }
  });
  return best;
}

function average(rows: readonly Row[], choose: (row: Row) => number): Point {
  let cost = 0;
  let quality = 0;
  for (const row of rows) {
    const m = choose(row);
    cost += row.cost[m] ?? 0;
    quality += row.score[m] ?? 0;
  }
  return { cost: cost / rows.length, quality: quality / rows.length };
}

/** The upper hull, cheapest first: any point between two of them is a mix by dice. */
function hullOf(points: readonly Point[]): readonly Point[] {
  const sorted = [...points].sort((a, b) => a.cost - b.cost || b.quality - a.quality);
  const hull: Point[] = [];
  for (const point of sorted) {
    if (point.quality <= (hull.at(-1)?.quality ?? Number.NEGATIVE_INFINITY)) continue;
    while (hull.length >= 2 && isBelow(hull.at(-2), hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function isBelow(from: Point | undefined, middle: Point | undefined, to: Point): boolean {
  if (from === undefined || middle === undefined) return false;
  const onLine =
    from.quality + ((to.quality - from.quality) * (middle.cost - from.cost)) / (to.cost - from.cost);
  return middle.quality <= onLine;
}
