import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  applyMigrations,
  type MigratedDatabase,
  type MigrationStatement,
  statementsOf,
} from "../../../scripts/local/migrations.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "migrations-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** D1's shape over a real SQLite database in memory, with its transactional batch. */
function memoryDatabase(): { d1: MigratedDatabase; sqlite: DatabaseSync } {
  const sqlite = new DatabaseSync(":memory:");
  const statement = (sql: string, values: (string | number)[] = []): MigrationStatement => ({
    bind: (...bound) => statement(sql, bound.map(String)),
    run: async () => ({ results: sqlite.prepare(sql).all(...values) }),
  });
  const batch = async (statements: MigrationStatement[]) => {
    sqlite.exec("BEGIN");
    try {
      for (const one of statements) await one.run();
      sqlite.exec("COMMIT");
    } catch (error) {
      sqlite.exec("ROLLBACK");
      throw error;
    }
  };
  return { d1: { prepare: statement, batch }, sqlite };
}

describe("applyMigrations", () => {
  test("applies in the order of names, each once", async () => {
    const { d1, sqlite } = memoryDatabase();
    writeFileSync(join(dir, "0002_b.sql"), "INSERT INTO t VALUES (2);\n");
    writeFileSync(join(dir, "0001_a.sql"), "CREATE TABLE t (n INTEGER);\nINSERT INTO t VALUES (1);\n");
    writeFileSync(join(dir, "notes.txt"), "not a migration");
    expect(await applyMigrations(d1, dir)).toEqual(["0001_a.sql", "0002_b.sql"]);
    expect(await applyMigrations(d1, dir)).toEqual([]);
    expect(sqlite.prepare("SELECT n FROM t ORDER BY n").all()).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("a failing migration leaves nothing behind and is tried again", async () => {
    const { d1, sqlite } = memoryDatabase();
    writeFileSync(join(dir, "0001_a.sql"), "CREATE TABLE t (n INTEGER);\nINSERT INTO nowhere VALUES (1);\n");
    await expect(applyMigrations(d1, dir)).rejects.toThrow(/nowhere/);
    expect(sqlite.prepare("SELECT name FROM sqlite_master WHERE name = 't'").all()).toEqual([]);
    writeFileSync(join(dir, "0001_a.sql"), "CREATE TABLE t (n INTEGER);\n");
    expect(await applyMigrations(d1, dir)).toEqual(["0001_a.sql"]);
  });

  test("this project's own migrations are valid and make the directory and the catalog", async () => {
    const { d1, sqlite } = memoryDatabase();
    await applyMigrations(d1, join(import.meta.dirname, "../../../migrations"));
    const insert =
      "INSERT INTO catalog (json, created_at_ms, actor) VALUES ('{}', 1, 'operator') RETURNING version";
    expect(sqlite.prepare(insert).all()).toEqual([{ version: 1 }]);
    sqlite.exec("INSERT INTO account VALUES ('a', 'slug', 'none', NULL, 1)");
    expect(() => sqlite.exec("INSERT INTO account VALUES ('b', 'slug', 'none', NULL, 1)")).toThrow(/UNIQUE/);
  });
});

test("statementsOf cuts at semicolons that end a line and drops comments", () => {
  const sql = "-- a; b\nCREATE TABLE t (\n  a TEXT, -- kept; it is inside\n  b TEXT\n);\n\nSELECT ';' ;\n";
  expect(statementsOf(sql)).toEqual([
    "CREATE TABLE t (\n  a TEXT, -- kept; it is inside\n  b TEXT\n)",
    "SELECT ';'",
  ]);
});
