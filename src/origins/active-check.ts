// Asks one origin how it is, without a prompt: its health page, the list of its models, and its queue where the
// catalog says that it tells. What follows from the answers is the health board's business; nothing is woken.
import type { Origin, Target } from "../domain/catalog.ts";
import type { Queue } from "../domain/health.ts";
import type { Ports } from "../domain/ports.ts";
import { readLimited } from "../lib/read-limited.ts";
import { kindOf } from "./kinds/index.ts";
import type { FailedAnswer, OriginRequest, Readiness } from "./kinds/kind.ts";
import { quirksOf } from "./kinds/quirks.ts";
import { readQueues } from "./queue-metrics.ts";

export type CheckPorts = Pick<Ports, "fetch" | "secret">;

export interface OriginCheck {
  /** false: nothing answered, or only with a server's own failure. */
  readonly isUp: boolean;
  /** In the order of the targets that were asked about. */
  readonly targets: readonly TargetCheck[];
}

export interface TargetCheck {
  /** null for a kind that this release cannot ask, and where a server's list leaves open whether it answers. */
  readonly readiness: Readiness | null;
  readonly queue: Queue | null;
}

/** Looks into memory, all of them: who needs longer would not answer a prompt in time either. */
export const CHECK_TIMEOUT_MS = 2_000;
/** Metrics of a server with many models; lists of models are far smaller. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Kinds with a page per model are asked about the first of them: with the other two pages below the platform's six. */
const MAX_PROBES = 3;

/** `targets`: all of one origin. Never rejects: who does not answer is down. */
export async function checkOrigin(ports: CheckPorts, targets: readonly Target[]): Promise<OriginCheck> {
  const secretName = targets[0]?.origin.secret ?? null;
  const secret = secretName === null ? null : ports.secret(secretName);
  const asked = await askAll(ports, pagesOf(targets, secret));
  const answers = [...asked.values()].filter((answer) => answer !== null);
  const ownPages = [...asked].filter(([url]) => url.endsWith("/health"));
  // Hosts without a health page answer 404 there; one that loads its weights may answer 503.
  const isUp =
    asked.size === 0 ||
    !(answers.every(isBroken) || ownPages.some(([, page]) => page !== null && isBroken(page)));
  const queues = queuesIn(asked);
  // Gauges without a name are about the one model there is.
  const unnamed = targets.length === 1 ? queues.get("") : undefined;
  const checked = targets.map((target) => ({
    readiness: readinessOf(target, asked, secret),
    queue: queues.get(target.servedAs) ?? unnamed ?? null,
  }));
  return { isUp, targets: checked };
}

/** What there is to ask of an origin, by address, at most five. */
function pagesOf(targets: readonly Target[], secret: string | null): ReadonlyMap<string, OriginRequest> {
  const pages = new Map<string, OriginRequest>();
  for (const target of targets) {
    const probe = probeOf(target, secret);
    if (probe !== null && pages.size < MAX_PROBES) pages.set(probe.url, probe);
  }
  const [first] = targets;
  if (first === undefined || pages.size === 0) return pages;
  for (const page of ownPagesOf(first.origin, secret)) if (!pages.has(page.url)) pages.set(page.url, page);
  return pages;
}

/** null where there is nothing to ask: a kind this release cannot speak, a binding that knows answers only. */
function probeOf(target: Target, secret: string | null): OriginRequest | null {
  const request = kindOf(target.origin.kind)?.toProbe(target, secret);
  return request === undefined || request.workersAi !== undefined ? null : request;
}

/** Inference servers have pages about themselves at their root, beside the API's version; public hosts have none. */
function ownPagesOf({ base_url, features }: Origin, secret: string | null): readonly OriginRequest[] {
  if (quirksOf(base_url).hosts.length > 0) return [];
  const names = features.includes("metrics") ? ["health", "metrics"] : ["health"];
  const headers = { accept: "*/*", ...(secret === null ? {} : { authorization: `Bearer ${secret}` }) };
  return names.map((name) => ({ url: rootOf(base_url) + name, init: { headers, redirect: "manual" } }));
}

function rootOf(baseUrl: string): string {
  return `${baseUrl.replace(/\/v\d+$/, "")}/`;
}

type Pages = ReadonlyMap<string, FailedAnswer | null>;

async function askAll(ports: CheckPorts, pages: ReadonlyMap<string, OriginRequest>): Promise<Pages> {
  const answers = await Promise.all([...pages.values()].map((page) => get(ports, page)));
  return new Map([...pages.keys()].map((url, at) => [url, answers[at] ?? null]));
}

function queuesIn(asked: Pages): ReadonlyMap<string, Queue> {
  const metrics = [...asked].find(([url]) => url.endsWith("/metrics"))?.[1];
  return metrics?.status === 200 ? readQueues(metrics.text) : new Map();
}

function readinessOf(target: Target, asked: Pages, secret: string | null): Readiness | null {
  const kind = kindOf(target.origin.kind);
  const probe = probeOf(target, secret);
  const answer = probe === null ? undefined : asked.get(probe.url);
  if (kind === null || answer === undefined) return null;
  if (answer === null) return "unavailable";
  const readiness = kind.readProbe(target, answer);
  // Servers answer under names that they do not list: whoever has answers to weigh that by decides.
  return readiness === "unavailable" ? null : readiness;
}

function isBroken({ status }: FailedAnswer): boolean {
  return status >= 500 && status !== 503;
}

/** null when there was no answer, whatever the reason: a check has no second try. */
async function get(ports: CheckPorts, { url, init }: OriginRequest): Promise<FailedAnswer | null> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), CHECK_TIMEOUT_MS);
  try {
    const { status, headers, body } = await ports.fetch(url, { ...init, signal: controller.signal });
    const read = await readLimited(body, { maxBytes: MAX_ANSWER_BYTES, timeoutMs: CHECK_TIMEOUT_MS });
    return { status, headers, text: read.kind === "whole" ? new TextDecoder().decode(read.bytes) : "" };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
