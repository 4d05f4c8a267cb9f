// GET /audit: who did what, newest first. With `?account=` the trace that the account's object keeps; without
// it the catalog's versions, which are changes with an actor and a time already.
import type { AuditEntry } from "../../domain/audit.ts";
import type { CatalogVersion } from "../../domain/ports.ts";
import type { Http, HttpContext } from "../../http.ts";
import { applyAll } from "../apply-all.ts";
import { listBody, onePage, type Page, readPage } from "../page.ts";
import { rfc3339 } from "../rfc3339.ts";
import { asOperator } from "./as-operator.ts";
import { findAccountById } from "./directory.ts";

export function mountAudit(app: Http, base: string): void {
  app.get(`${base}/audit`, showAudit);
}

/** Sequence and version numbers: exact as a double. */
const LISTING = { place: /^[1-9]\d{0,14}$/, filters: ["account"] };

async function showAudit(c: HttpContext): Promise<Response> {
  const page = await readPage(c, asOperator, LISTING);
  const account = new URL(c.req.url).searchParams.get("account");
  return account === null ? catalogAudit(c, page) : accountAudit(c, page, account);
}

async function accountAudit(c: HttpContext, page: Page, accountId: string): Promise<Response> {
  const ports = c.get("ports");
  const entry = await findAccountById(ports, accountId);
  const [{ rows: all }] = await applyAll(ports, entry, [
    { kind: "audit", limit: page.askFor, beforeSeq: placeOf(page) },
  ]);
  const { rows, nextCursor } = onePage(page, all, ({ seq }) => String(seq));
  return c.json(listBody(rows.map(auditObject), nextCursor));
}

async function catalogAudit(c: HttpContext, page: Page): Promise<Response> {
  const versions = await c.get("ports").catalogStore.list(page.askFor, placeOf(page));
  const { rows, nextCursor } = onePage(page, versions, ({ version }) => String(version));
  return c.json(listBody(rows.map(versionEntry), nextCursor));
}

function placeOf({ after }: Page): number | null {
  return after === null ? null : Number(after);
}

export function auditObject({ atMs, actor, action, target, facts }: AuditEntry) {
  return { created_at: rfc3339(atMs), actor, action, target, facts };
}

function versionEntry({ version, createdAtMs, actor }: CatalogVersion) {
  return {
    created_at: rfc3339(createdAtMs),
    actor,
    action: "catalog.put",
    target: String(version),
    facts: {},
  };
}
