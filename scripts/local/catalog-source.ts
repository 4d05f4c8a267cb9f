// Where the catalog of this start comes from: CATALOG_FILE, else the store, else the default. Whatever
// is wrong with it ends the start with one line. What rows mean is src/catalog's business.
import { readFileSync } from "node:fs";
import { checkCatalog } from "../../src/catalog/check.ts";
import defaultJson from "../../src/catalog/default.json" with { type: "json" };
import type { CatalogRows } from "../../src/domain/catalog.ts";
import { type Api, expectSuccess } from "./api.ts";
import { fault } from "./fault.ts";
import { isRecord } from "./secrets.ts";
import { codeOf } from "./state-dir.ts";

const PATH = "/api/v1/admin/catalog";

export function defaultCatalog(): CatalogRows {
  return checked(defaultJson, "The default catalog");
}

/** Secrets of the simulated origins: they exist whatever catalog is in force. */
export function simulatedSecretNames(): readonly string[] {
  return defaultCatalog().origins.flatMap(({ secret }) => (secret === null ? [] : [secret]));
}

export function readCatalogFile(path: string): CatalogRows {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw fault(`CATALOG_FILE ${path} cannot be read (${codeOf(error)}): give the path of a catalog file.`);
  }
  return checked(parse(content, path), `CATALOG_FILE ${path}`);
}

/** null while nothing is stored. */
export async function readStoredCatalog(api: Api, adminToken: string): Promise<CatalogRows | null> {
  const reply = await api({ method: "GET", path: PATH, bearer: adminToken });
  if (reply.status === 404) return null;
  expectSuccess(reply);
  const { regions, models, origins } = isRecord(reply.body) ? reply.body : {};
  return checked({ regions, models, origins }, "The stored catalog");
}

export async function storeCatalog(api: Api, adminToken: string, rows: CatalogRows): Promise<void> {
  expectSuccess(await api({ method: "PUT", path: PATH, bearer: adminToken, body: rows }));
}

function parse(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fault(`CATALOG_FILE ${path} is not JSON: ${reason.replaceAll("\n", " ")}`);
  }
}

function checked(input: unknown, what: string): CatalogRows {
  const result = checkCatalog(input);
  if (result.ok) return result.rows;
  const [first, ...others] = result.faults;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw fault(`${what}: ${first?.path || "(whole file)"}: ${first?.message}${more}`);
}
