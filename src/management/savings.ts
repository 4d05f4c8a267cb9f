// What routing saved the account: what "auto" cost against always using the best model of the pool.
import { identify } from "../auth/identify.ts";
import { toUsd } from "../domain/money.ts";
import type { Http, HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { checkQuery } from "./page.ts";
import { rfc3339 } from "./rfc3339.ts";
import { monthAsker, monthsWithin } from "./usage-months.ts";
import { readFilter } from "./usage-query.ts";

export function mountSavings(app: Http, base: string): void {
  app.get(`${base}/savings`, showSavings);
}

const DAY_MS = 86_400_000;

async function showSavings(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  await identify(ports, c.req.raw);
  const query = new URL(c.req.url).searchParams;
  checkQuery(query, ["from", "to"]);
  const { fromMs, toMs } = wholeDays(readFilter(query, ports.now()));
  const { caller } = await authorized(c, "usage:read", []);
  const sums = { requests: 0, paid: 0, baseline: 0 };
  for (const month of monthsWithin(fromMs, toMs)) {
    const part = await monthAsker(ports, caller, month)((door) => door.savings(fromMs, toMs));
    sums.requests += part.requests;
    sums.paid += part.paid_micro_usd;
    sums.baseline += part.baseline_micro_usd;
  }
  const saved = sums.baseline - sums.paid;
  return c.json({
    object: "savings",
    from: rfc3339(fromMs),
    to: rfc3339(toMs),
    requests: sums.requests,
    paid_usd: toUsd(sums.paid),
    baseline_usd: toUsd(sums.baseline),
    saved_usd: toUsd(saved),
    saved_share: sums.baseline === 0 ? null : Math.round((saved / sums.baseline) * 10_000) / 10_000,
  });
}

/** Sums are kept by the day, in UTC: a range is widened to whole ones. */
function wholeDays({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  return { fromMs: fromMs - (fromMs % DAY_MS), toMs: Math.ceil(toMs / DAY_MS) * DAY_MS };
}
