// The built-in catalog with a test's own changes, as a file for CATALOG_FILE.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Row = Readonly<Record<string, unknown>>;

interface CatalogText {
  readonly regions: readonly Row[];
  readonly models: readonly Row[];
  readonly origins: readonly Row[];
}

const DEFAULT = join(import.meta.dirname, "../../src/catalog/default.json");

export function defaultCatalog(): CatalogText {
  return JSON.parse(readFileSync(DEFAULT, "utf8"));
}

/** The catalog with these fields laid over the models named. */
export function withModels(changes: Readonly<Record<string, Row>>): CatalogText {
  const { models, ...rest } = defaultCatalog();
  return { ...rest, models: models.map((model) => ({ ...model, ...changes[String(model.id)] })) };
}

export interface CatalogFile {
  readonly path: string;
  remove(): void;
}

export function catalogFile(content: object): CatalogFile {
  const dir = mkdtempSync(join(tmpdir(), "catalog-"));
  const path = join(dir, "catalog.json");
  writeFileSync(path, JSON.stringify(content));
  return { path, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
