import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Reply } from "../../../scripts/local/api.ts";
import { defaultCatalog, readCatalogFile, readStoredCatalog } from "../../../scripts/local/catalog-source.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "catalog-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function file(content: string): string {
  const path = join(dir, "catalog.json");
  writeFileSync(path, content);
  return path;
}

describe("readCatalogFile", () => {
  test("reads rows with their defaults", () => {
    const path = file(JSON.stringify({ regions: [{ id: "r" }], models: [], origins: [] }));
    expect(readCatalogFile(path).regions).toMatchObject([{ id: "r", name: "r", jurisdiction: null }]);
  });

  test.each([
    ["{ x", /is not JSON: /],
    ["[]", /catalog\.json: \(whole file\): /],
    [
      '{"regions":[{"id":"r","colour":"red"}],"models":[],"origins":[]}',
      /regions\[0\]\.colour: Remove this key/,
    ],
    ['{"regions":[{}],"models":[{}],"origins":[]}', /regions\[0\]\.id: .* \(and \d+ more\)$/],
  ])("%s is refused in one line", (content, message) => {
    const path = file(content);
    expect(() => readCatalogFile(path)).toThrow(message);
    expect(() => readCatalogFile(path)).toThrow(/^[^\n]+$/);
  });

  test("an unreadable file is named with the reason", () => {
    expect(() => readCatalogFile(join(dir, "none.json"))).toThrow(/none\.json cannot be read \(ENOENT\)/);
  });
});

describe("readStoredCatalog", () => {
  const answering = (reply: Reply) => readStoredCatalog(async () => reply, "token");

  test("nothing stored is null", async () => {
    expect(await answering({ status: 404, body: {} })).toBeNull();
  });

  test("what the operator API shows is read back, its version left aside", async () => {
    const rows = defaultCatalog();
    expect(await answering({ status: 200, body: { version: 3, actor: "operator", ...rows } })).toEqual(rows);
  });

  test("a refusal is not taken for an empty store", async () => {
    await expect(answering({ status: 500, body: {} })).rejects.toThrow(/answered 500/);
  });
});
