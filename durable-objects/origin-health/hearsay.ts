// What the isolates of one region last said, joined into one view. Memory only: whoever wakes up anew hears
// everything again within a second. It knows no checks and no drains.
import type { Evidence, HealthReport, OriginReport, TargetReport } from "../../src/domain/health-gossip.ts";
import { joined } from "../../src/domain/health-gossip.ts";

export interface Hearsay {
  readonly targets: ReadonlyMap<string, TargetReport>;
  readonly origins: ReadonlyMap<string, OriginReport>;
}

export interface Hearing {
  /** The newest word of this isolate replaces its last one. */
  hear(report: HealthReport, nowMs: number): void;
  /** Everybody's word together. */
  all(nowMs: number): Hearsay;
}

/** An isolate that said nothing for so long is gone, and its requests with it. */
const FORGOTTEN_AFTER_MS = 15_000;
/** Beyond it the one heard longest ago is forgotten: its requests under way are then not counted. */
const MAX_ISOLATES = 1_000;
/** All isolates ask each second; the sum over them is made for all, four times a second. */
const JOINED_FOR_MS = 250;

export function placeOf({ origin, model }: { readonly origin: string; readonly model: string }): string {
  return `${origin} ${model}`;
}

export function hearing(): Hearing {
  const said = new Map<string, { readonly report: HealthReport; readonly atMs: number }>();
  let together: { readonly view: Hearsay; readonly atMs: number } | null = null;
  return {
    hear(report, nowMs) {
      // Set anew at the end: the first entry is the one heard longest ago.
      said.delete(report.isolate);
      said.set(report.isolate, { report, atMs: nowMs });
      const [oldest] = said.keys();
      if (said.size > MAX_ISOLATES && oldest !== undefined) said.delete(oldest);
    },
    all(nowMs) {
      if (together !== null && nowMs - together.atMs < JOINED_FOR_MS) return together.view;
      for (const [isolate, { atMs }] of said) if (nowMs - atMs > FORGOTTEN_AFTER_MS) said.delete(isolate);
      together = { view: join([...said.values()].map(({ report }) => report)), atMs: nowMs };
      return together.view;
    },
  };
}

function join(reports: readonly HealthReport[]): Hearsay {
  const targets = new Map<string, TargetReport>();
  const origins = new Map<string, OriginReport>();
  for (const report of reports) {
    for (const row of report.targets) targets.set(placeOf(row), joinTargets(targets.get(placeOf(row)), row));
    for (const row of report.origins) origins.set(row.origin, joinOrigins(origins.get(row.origin), row));
  }
  return { targets, origins };
}

function joinTargets(before: TargetReport | undefined, row: TargetReport): TargetReport {
  if (before === undefined) return { ...row, ...alone(row) };
  const times = [before.ttftMs, row.ttftMs].filter((time) => time !== null);
  return {
    ...row,
    ...joined(before, row),
    inFlight: before.inFlight + row.inFlight,
    // Of the isolate that is nearest: what is left is the origin's own time.
    ttftMs: times.length === 0 ? null : Math.min(...times),
  };
}

function joinOrigins(before: OriginReport | undefined, row: OriginReport): OriginReport {
  return { ...row, ...(before === undefined ? alone(row) : joined(before, row)) };
}

function alone(row: Evidence): Evidence {
  return joined(row, { opening: null, goodAtMs: null });
}
