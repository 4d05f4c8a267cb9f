// One isolate's answer: what all others said, what checks found and what operators drained, row by row. Pure.
import type { HealthReport, HeardOrigin, HeardTarget, RegionHealth } from "../../src/domain/health-gossip.ts";
import { CHECK_FRESH_MS, type Checks } from "./checks.ts";
import { type Hearsay, placeOf } from "./hearsay.ts";

export interface RegionKnowledge {
  readonly hearsay: Hearsay;
  readonly checks: Checks;
  readonly drained: ReadonlySet<string>;
}

const NO_EVIDENCE = { opening: null, goodAtMs: null } as const;

export function regionView(known: RegionKnowledge, asker: HealthReport, nowMs: number): RegionHealth {
  return {
    targets: targetRows(known, asker, nowMs),
    origins: originRows(known, nowMs),
    // Isolates that still hold an older catalog must not bring its targets back.
    wantsWatch: (known.checks.catalogVersion ?? -1) < asker.catalogVersion,
  };
}

function targetRows({ hearsay, checks }: RegionKnowledge, asker: HealthReport, nowMs: number) {
  const own = new Map(asker.targets.map((row) => [placeOf(row), row.inFlight]));
  const checked = [...checks.targets.entries()].filter(([, { atMs }]) => nowMs - atMs <= CHECK_FRESH_MS);
  const found = new Map(checked);
  return [...new Set([...hearsay.targets.keys(), ...found.keys()])].flatMap((place): HeardTarget[] => {
    const said = hearsay.targets.get(place);
    const check = found.get(place);
    const named = said ?? check;
    if (named === undefined) return [];
    const { opening, goodAtMs, inFlight, ttftMs } = said ?? { ...NO_EVIDENCE, inFlight: 0, ttftMs: null };
    return [
      {
        origin: named.origin,
        model: named.model,
        opening,
        goodAtMs,
        ttftMs,
        inFlight: Math.max(0, inFlight - (own.get(place) ?? 0)),
        queue: check?.queue ?? null,
        readiness: check?.readiness ?? null,
      },
    ];
  });
}

function originRows({ hearsay, checks, drained }: RegionKnowledge, nowMs: number): readonly HeardOrigin[] {
  const ids = new Set([...hearsay.origins.keys(), ...checks.originIds, ...drained]);
  return [...ids].map((origin) => {
    const { opening, goodAtMs } = hearsay.origins.get(origin) ?? NO_EVIDENCE;
    const isDrained = drained.has(origin);
    return { origin, opening, goodAtMs, isDrained, check: checks.verdictOf(origin, nowMs) };
  });
}
