// What this isolate knows of the origins from the answers it saw: a hint for operators, never an address or
// a secret. Other isolates may know other things.
import type { Origin } from "../../domain/catalog.ts";
import { isSuspect, type OriginHealth } from "../../domain/health.ts";
import type { Ports } from "../../domain/ports.ts";
import type { Http, HttpContext } from "../../http.ts";
import { listBody, onePage, readPage } from "../page.ts";
import { asOperator } from "./as-operator.ts";

export function mountOrigins(app: Http, base: string): void {
  app.get(`${base}/origins`, listOrigins);
}

const ORIGIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

async function listOrigins(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const page = await readPage(c, asOperator, ORIGIN_ID);
  const { rows: all } = await ports.catalog();
  const after = page.after;
  // By id: a catalog that changes between two pages repeats none and hides none that stay.
  const sorted = [...all.origins].sort((left, right) => (left.id < right.id ? -1 : 1));
  const following = after === null ? sorted : sorted.filter(({ id }) => id > after);
  const { rows, nextCursor } = onePage(page, following.slice(0, page.askFor), ({ id }) => id);
  return c.json(
    listBody(
      rows.map((origin) => originObject(ports, origin)),
      nextCursor,
    ),
  );
}

function originObject(ports: Ports, origin: Origin) {
  const { id, region, kind } = origin;
  const models = origin.serves.map(({ model }) => {
    const health = ports.health.get(id, model);
    return {
      model,
      status: statusOf(health, ports.now()),
      ttft_ms: health.ttftMs === null ? null : Math.round(health.ttftMs),
      in_flight: health.inFlight,
      consecutive_failures: health.consecutiveFailures,
    };
  });
  return { id, object: "origin", region, kind, models } as const;
}

/** `suspect`: ranked behind the others for a while; `unknown`: this isolate has no answer of it yet. */
function statusOf(health: OriginHealth, nowMs: number): "ok" | "suspect" | "unknown" {
  if (isSuspect(health, nowMs)) return "suspect";
  return health.ttftMs === null && health.consecutiveFailures === 0 ? "unknown" : "ok";
}
