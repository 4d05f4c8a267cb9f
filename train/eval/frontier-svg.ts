// The cost–quality frontier as one SVG: single models as dots, their best mix, routing and the oracle
// as lines. Cost on a logarithmic scale.
import type { Frontier, Point } from "./frontier.ts";

const WIDTH = 720;
const HEIGHT = 440;
const MARGIN = 56;

export function frontierSvg(frontier: Frontier): string {
  const all = [...frontier.models, ...frontier.routed, ...frontier.oracle];
  const costs = all.map(({ cost }) => Math.log10(cost));
  const qualities = all.map(({ quality }) => quality);
  const span = {
    left: Math.min(...costs),
    right: Math.max(...costs),
    low: Math.min(...qualities),
    high: Math.max(...qualities),
  };
  const x = (cost: number) =>
    MARGIN + ((Math.log10(cost) - span.left) / (span.right - span.left)) * (WIDTH - 2 * MARGIN);
  const y = (quality: number) =>
    HEIGHT - MARGIN - ((quality - span.low) / (span.high - span.low)) * (HEIGHT - 2 * MARGIN);
  const line = (points: readonly Point[], style: string) =>
    `<polyline fill="none" ${style} points="${points.map(({ cost, quality }) => `${x(cost).toFixed(1)},${y(quality).toFixed(1)}`).join(" ")}"/>`;
  const dots = frontier.models.map(
    ({ name, cost, quality }) =>
      `<circle cx="${x(cost).toFixed(1)}" cy="${y(quality).toFixed(1)}" r="3"/><text x="${(x(cost) + 5).toFixed(1)}" y="${(y(quality) - 5).toFixed(1)}">${name.slice(name.lastIndexOf("/") + 1)}</text>`,
  );
  const byCost = (points: readonly Point[]) => [...points].sort((a, b) => a.cost - b.cost);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="10">`,
    "<title>RouterBench part: quality against cost</title>",
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="13">RouterBench part: quality against cost</text>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 16}" text-anchor="middle">US dollars per prompt (logarithmic), ${(10 ** span.left).toExponential(1)} to ${(10 ** span.right).toExponential(1)}</text>`,
    `<text x="16" y="${HEIGHT / 2}" transform="rotate(-90 16 ${HEIGHT / 2})" text-anchor="middle">share of good answers, ${span.low.toFixed(2)} to ${span.high.toFixed(2)}</text>`,
    line(byCost(frontier.oracle), 'stroke="silver"'),
    line(frontier.mix, 'stroke="gray" stroke-dasharray="4 3"'),
    line(byCost(frontier.routed), 'stroke="crimson" stroke-width="2"'),
    ...dots,
    `<text x="${MARGIN}" y="38" fill="crimson">routed</text><text x="${MARGIN + 50}" y="38" fill="gray">static mix</text><text x="${MARGIN + 120}" y="38" fill="silver">oracle</text>`,
    "</svg>\n",
  ].join("\n");
}
