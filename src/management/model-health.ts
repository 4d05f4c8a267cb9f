// Whether a model can be called now, region by region: from the health board, which knows what requests met and
// what active checks found; an origin that nobody checks is asked once here, and what it said is remembered for a
// moment. Nothing is woken, and routing does not read this.
import type { Target } from "../domain/catalog.ts";
import { checkedReadiness, isLoading, isSuspect, type OriginHealth } from "../domain/health.ts";
import type { Ports } from "../domain/ports.ts";
import { boundedMap } from "../lib/bounded-map.ts";
import { readLimited } from "../lib/read-limited.ts";
import { abortLine } from "../origins/abort.ts";
import { kindOf } from "../origins/kinds/index.ts";
import type { FailedAnswer, Kind, Readiness } from "../origins/kinds/kind.ts";
import { reach } from "../origins/reach.ts";
import { inBatches } from "./in-batches.ts";

export interface ModelHealth {
  /** The best of the regions. */
  readonly status: Readiness;
  /** Each the best of its origins. */
  readonly regions: Readonly<Record<string, Readiness>>;
}

/** Below the platform's six open requests: the caller's own connection counts too. */
const PROBES_AT_ONCE = 4;
/** A list of models is a look into memory: who needs longer would not answer a prompt in time either. */
const PROBE_TIMEOUT_MS = 2_000;
/** Origins whose turn has not come by then count as unavailable: the caller has waited long enough. */
const ALL_PROBES_MS = 10_000;
/** A server lists a few models of some hundred bytes each. */
const MAX_ANSWER_BYTES = 1024 * 1024;

export async function healthOf(ports: Ports, targets: readonly Target[]): Promise<ModelHealth> {
  const deadlineMs = ports.now() + ALL_PROBES_MS;
  const found = await inBatches(targets, PROBES_AT_ONCE, (target) => readinessOf(ports, target, deadlineMs));
  const regions = new Map<string, Readiness>();
  for (const [index, { origin }] of targets.entries()) {
    const readiness = found[index] ?? "unavailable";
    regions.set(origin.region, better(regions.get(origin.region) ?? "unavailable", readiness));
  }
  const status = [...regions.values()].reduce(better, "unavailable");
  return { status, regions: Object.fromEntries(regions) };
}

const FROM_WORST: readonly Readiness[] = ["unavailable", "loading", "ready"];

function better(left: Readiness, right: Readiness): Readiness {
  return FROM_WORST.indexOf(left) >= FROM_WORST.indexOf(right) ? left : right;
}

interface Asked {
  readonly readiness: Readiness;
  /** null where nothing answered. */
  readonly status: number | null;
}

interface Remembered {
  readonly asked: Asked;
  readonly atMs: number;
}

/** Values, never promises: a request that awaits what another one started may hang with it. */
const remembered = boundedMap<Remembered>(1_000);
/** Clients poll a loading model about once a second. */
const REMEMBERED_FOR_MS = 2_000;

async function readinessOf(ports: Ports, target: Target, deadlineMs: number): Promise<Readiness> {
  const nowMs = ports.now();
  const health = ports.health.get(target.origin.id, target.model.id);
  // Servers list a model before it is loaded: what an inference was told lately is truer.
  const cold = isLoading(health, nowMs) ? "loading" : null;
  if (health.whole.isDrained || isSuspect(health, nowMs)) return "unavailable";
  const checked = checkedReadiness(health, nowMs);
  const listed = checked ?? weighed(await ask(ports, target, deadlineMs), health, nowMs);
  return listed === "ready" ? (cold ?? listed) : listed;
}

/** Whoever answered within it answers, whatever its list says. */
const ANSWERED_LATELY_MS = 60_000;
const OK = 200;

/** A server may answer under a name that it does not list: its answers outweigh its list, though not its silence. */
function weighed({ readiness, status }: Asked, { answeredAtMs }: OriginHealth, nowMs: number): Readiness {
  if (readiness !== "unavailable" || status === null || answeredAtMs === null) return readiness;
  // Only a whole list is outweighed for ever: a refusal may be news.
  return status === OK || nowMs - answeredAtMs < ANSWERED_LATELY_MS ? "ready" : readiness;
}

const SILENT: Asked = { readiness: "unavailable", status: null };

async function ask(ports: Ports, target: Target, deadlineMs: number): Promise<Asked> {
  const kind = kindOf(target.origin.kind);
  if (kind === null) return SILENT;
  const place = JSON.stringify([target.origin.id, target.origin.base_url, target.servedAs]);
  const before = remembered.get(place);
  if (before !== undefined && ports.now() - before.atMs < REMEMBERED_FOR_MS) return before.asked;
  if (ports.now() >= deadlineMs) return SILENT;
  const answer = await probe(ports, target, kind);
  const asked =
    answer === null ? SILENT : { readiness: kind.readProbe(target, answer), status: answer.status };
  remembered.set(place, { asked, atMs: ports.now() });
  return asked;
}

/** null when the origin did not answer, whatever the reason: a probe has no second try. */
async function probe(ports: Ports, target: Target, kind: Kind): Promise<FailedAnswer | null> {
  const line = abortLine(ports.callerGone);
  const timer = setTimeout(() => line.abort("ttft"), PROBE_TIMEOUT_MS);
  const { secret } = target.origin;
  const request = kind.toProbe(target, secret === null ? null : ports.secret(secret));
  try {
    const { status, headers, body } = await reach(ports, request, line.signal);
    const read = await readLimited(body, { maxBytes: MAX_ANSWER_BYTES, timeoutMs: PROBE_TIMEOUT_MS });
    if (read.kind !== "whole") return null;
    return { status, headers, text: new TextDecoder().decode(read.bytes) };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    line.abort("done");
  }
}
