// The catalog as operators change it: shown, replaced whole, listed by version, rolled back. Only what the
// checker accepts is stored; a rollback is a new version with old rows, so history never forks.
import * as z from "zod";
import { checkCatalog } from "../../catalog/check.ts";
import { RouterError } from "../../domain/errors.ts";
import type { CatalogVersion, Ports } from "../../domain/ports.ts";
import type { Http, HttpContext } from "../../http.ts";
import { listBody, onePage, readPage } from "../page.ts";
import { readBody, readGuarded } from "../read-body.ts";
import { rfc3339 } from "../rfc3339.ts";
import { asOperator } from "./as-operator.ts";

export function mountCatalog(app: Http, base: string): void {
  app.get(`${base}/catalog`, showCatalog);
  app.put(`${base}/catalog`, replaceCatalog);
  app.get(`${base}/catalog/versions`, listVersions);
  app.post(`${base}/catalog/rollback`, rollBack);
}

/** Who changes catalogs: operators share one token. */
const ACTOR = "operator";

async function showCatalog(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  await asOperator(ports, c.req.raw);
  const stored = await ports.catalogStore.newest();
  if (stored === null) throw new RouterError("not_found", "No catalog is stored yet: PUT one here.");
  // The rows alone: what is shown can be changed and PUT back as it is.
  c.header("etag", `"${stored.version}"`);
  return c.json(stored.rows);
}

/** The full catalog of the schema's own limits fits; wire.md §0 allows no larger body anywhere. */
const MAX_CATALOG_BYTES = 24 * 1024 * 1024;

async function replaceCatalog(c: HttpContext): Promise<Response> {
  const input = await readGuarded(c, asOperator, MAX_CATALOG_BYTES);
  return c.json(await store(c.get("ports"), input));
}

/** @throws RouterError 400 with every fault at once. */
async function store(ports: Ports, input: unknown) {
  const checked = checkCatalog(input);
  if (!checked.ok) {
    const { faults } = checked;
    throw new RouterError("invalid_value", "The catalog was not stored: mend each of its 'faults'.", {
      body: { faults },
    });
  }
  const { version, created_at } = versionObject(
    await ports.catalogStore.put(checked.rows, ACTOR, ports.now()),
  );
  return { version, created_at };
}

/** Version numbers: exact as a double. */
const VERSION = /^[1-9]\d{0,14}$/;

async function listVersions(c: HttpContext): Promise<Response> {
  const page = await readPage(c, asOperator, VERSION);
  const before = page.after === null ? null : Number(page.after);
  const versions = await c.get("ports").catalogStore.list(page.askFor, before);
  const { rows, nextCursor } = onePage(page, versions, ({ version }) => String(version));
  return c.json(listBody(rows.map(versionObject), nextCursor));
}

function versionObject({ version, createdAtMs, actor }: CatalogVersion) {
  return { version, created_at: rfc3339(createdAtMs), actor };
}

const rollback = z.strictObject({ version: z.int().min(1) });

/** Checked again: an old version may break a rule that is younger than it. */
async function rollBack(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const { version } = await readBody(c, asOperator, rollback);
  const stored = await ports.catalogStore.get(version);
  if (stored === null) {
    throw new RouterError("not_found", "There is no such version: GET /catalog/versions lists them.", {
      param: "version",
    });
  }
  return c.json(await store(ports, stored.rows));
}
