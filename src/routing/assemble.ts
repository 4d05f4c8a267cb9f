// Puts screened models, estimates and ranks together: the targets of a Route and the candidates that
// explain it. Decides nothing by itself: filters come from candidates.ts, order from rank.ts.
import type { Target } from "../domain/catalog.ts";
import type { Mode } from "../domain/inference.ts";
import type { Candidate, Profile } from "../domain/route.ts";
import type { Screened } from "./candidates.ts";
import { estimateTime, type ModelEstimate, type Surroundings, type TimeEstimate } from "./estimate.ts";
import { bestQualityOf, type ModelGroup, rankOrigins, type ScoreFrame, scoreOf } from "./rank.ts";
import { qualityReason, timeReasons } from "./reason.ts";

/**
 * Attempts are bounded: each may use up its whole time to first token, so a ninth would come after
 * every caller has gone, and a long list would turn one bad request into a storm on all origins.
 */
export const MAX_TARGETS = 8;

export interface AssemblyOptions {
  readonly profile: Profile;
  readonly around: Surroundings;
  readonly mode: Mode;
  readonly sessionKey: string | null;
  /** false: one target, nothing to fall back to. */
  readonly fallback: boolean;
  readonly order: (groups: readonly ModelGroup[], mode: Mode) => readonly ModelGroup[];
}

export interface Assembly {
  /** Best first; empty when nothing fits. */
  readonly groups: readonly ModelGroup[];
  readonly targets: readonly Target[];
  /** Best first, then the excluded ones. */
  readonly candidates: readonly Candidate[];
}

export function assemble(screened: readonly Screened[], options: AssemblyOptions): Assembly {
  const groups = options.order(groupsOf(screened, options), options.mode);
  const frame: ScoreFrame = { mode: options.mode, bestQuality: bestQualityOf(groups) };
  const limit = options.fallback ? MAX_TARGETS : 1;
  const fitting = groups.flatMap((group) =>
    group.targets.map(({ target, time }) => ({ target, time, estimate: group.estimate })),
  );
  const overflow = options.fallback
    ? `a route holds at most ${MAX_TARGETS} targets`
    : "the request allows no fallback";
  const candidates = fitting.map((one, index) =>
    candidateOf(one, { frame, options, excludedBy: index < limit ? null : overflow }),
  );
  return {
    groups,
    targets: fitting.slice(0, limit).map((one) => one.target),
    candidates: [...candidates, ...excludedOf(screened, { frame, options })],
  };
}

function groupsOf(screened: readonly Screened[], options: AssemblyOptions): readonly ModelGroup[] {
  const groups: ModelGroup[] = [];
  for (const { model, exclusion, targets, estimate } of screened) {
    if (exclusion !== null) continue;
    const fitting = targets.filter((one) => one.exclusion === null).map((one) => one.target);
    const timed = fitting.map((target) => ({ target, time: timeOf(target, options) }));
    const ranked = rankOrigins(timed, options.sessionKey);
    const best = ranked[0];
    if (best === undefined) continue;
    groups.push({ modelId: model.id, estimate, best, targets: ranked });
  }
  return groups;
}

function excludedOf(screened: readonly Screened[], setting: Setting): readonly Candidate[] {
  const { options } = setting;
  return screened.flatMap(({ targets, estimate }) => {
    const excluded = targets.filter((one) => one.exclusion !== null);
    return excluded.map(({ target, exclusion }) => {
      const time = timeOf(target, options);
      return candidateOf({ target, time, estimate }, { ...setting, excludedBy: exclusion?.reason ?? null });
    });
  });
}

interface Setting {
  readonly frame: ScoreFrame;
  readonly options: AssemblyOptions;
}

interface Estimated {
  readonly target: Target;
  readonly estimate: ModelEstimate;
  readonly time: TimeEstimate;
}

function candidateOf(one: Estimated, setting: Setting & { readonly excludedBy: string | null }): Candidate {
  const { target, estimate, time } = one;
  return {
    target,
    quality: estimate.quality.value,
    costMicroUsd: estimate.costMicroUsd,
    ttftMs: time.ttftMs,
    totalMs: time.totalMs,
    score: scoreOf(estimate, time, setting.frame),
    reasons: [qualityReason(target.model, estimate.quality), ...timeReasons(time)],
    excludedBy: setting.excludedBy,
  };
}

function timeOf(target: Target, options: AssemblyOptions): TimeEstimate {
  return estimateTime(target, options.profile, options.around);
}
