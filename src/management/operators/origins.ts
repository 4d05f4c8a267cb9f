// Origins as operators see them: what this isolate and, through the regions' objects, all others know of each; and
// the way to take one out of service. Never an address or a secret.

import { breakerState } from "../../domain/breaker.ts";
import type { Catalog, Origin } from "../../domain/catalog.ts";
import { RouterError } from "../../domain/errors.ts";
import { isLoading, type OriginHealth, reopensAtMs, standing } from "../../domain/health.ts";
import type { Ports } from "../../domain/ports.ts";
import type { Http, HttpContext } from "../../http.ts";
import { listBody, onePage, readPage } from "../page.ts";
import { rfc3339 } from "../rfc3339.ts";
import { asOperator } from "./as-operator.ts";

export function mountOrigins(app: Http, base: string): void {
  app.get(`${base}/origins`, listOrigins);
  app.post(`${base}/origins/:id/drain`, (c) => changeService(c, "drain"));
  app.post(`${base}/origins/:id/undrain`, (c) => changeService(c, "undrain"));
}

const ORIGIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

async function listOrigins(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const page = await readPage(c, asOperator, ORIGIN_ID);
  const catalog = await ports.catalog();
  const after = page.after;
  // By id: a catalog that changes between two pages repeats none and hides none that stay.
  const sorted = [...catalog.rows.origins].sort((left, right) => (left.id < right.id ? -1 : 1));
  const following = after === null ? sorted : sorted.filter(({ id }) => id > after);
  const { rows, nextCursor } = onePage(page, following.slice(0, page.askFor), ({ id }) => id);
  await ports.regionHealth.refresh(regionsOf(catalog, rows));
  return c.json(
    listBody(
      rows.map((origin) => originObject(ports, origin)),
      nextCursor,
    ),
  );
}

async function changeService(c: HttpContext, act: "drain" | "undrain"): Promise<Response> {
  const ports = c.get("ports");
  await asOperator(ports, c.req.raw);
  const { origins } = await ports.catalog();
  const origin = origins.get(c.req.param("id") ?? "");
  if (origin === undefined) throw new RouterError("not_found", "There is no such origin: see GET /origins.");
  await ports.regionHealth.setDrained(origin, act === "drain");
  ports.log({ event: `origin-${act}ed`, level: "warn", origin: origin.id, region: origin.region });
  return c.json(originObject(ports, origin));
}

function regionsOf(catalog: Catalog, origins: readonly Origin[]) {
  const ids = new Set(origins.map(({ region }) => region));
  return [...catalog.regions.values()].filter(({ id }) => ids.has(id));
}

function originObject(ports: Ports, origin: Origin) {
  const { id, region, kind, serves } = origin;
  const nowMs = ports.now();
  const [first] = serves;
  const { whole } = ports.health.get(id, first?.model ?? "");
  return {
    id,
    object: "origin",
    region,
    kind,
    drained: whole.isDrained,
    // Of the origin as a whole; each model's own breaker stands with the model.
    breaker: breakerState(whole.breaker, nowMs),
    models: serves.map(({ model }) => modelRow(model, ports.health.get(id, model), nowMs)),
  } as const;
}

function modelRow(model: string, health: OriginHealth, nowMs: number) {
  const { latency, elsewhere, breaker, whole } = health;
  const reopensMs = reopensAtMs(health, nowMs);
  return {
    model,
    status: statusOf(health, nowMs),
    breaker: breakerState(breaker, nowMs),
    reopens_at: reopensMs > nowMs ? rfc3339(reopensMs) : null,
    ttft_ms: latency === null ? null : Math.round(latency.peakMs),
    in_flight: health.inFlight + (elsewhere?.inFlight ?? 0),
    queue_depth: elsewhere?.queue?.waiting ?? null,
    // Whichever is nearer to open.
    consecutive_failures: Math.max(breaker.failuresInRow, whole.breaker.failuresInRow),
  };
}

/** `suspect`: ranked behind the others until a try succeeds; `unknown`: nobody has an answer of it yet. */
function statusOf(health: OriginHealth, nowMs: number): "ok" | "suspect" | "loading" | "drained" | "unknown" {
  if (health.whole.isDrained) return "drained";
  if (standing(health, nowMs) !== "closed") return "suspect";
  if (isLoading(health, nowMs)) return "loading";
  const wasGood = health.answeredAtMs !== null || health.elsewhere?.readiness === "ready";
  return wasGood ? "ok" : "unknown";
}
