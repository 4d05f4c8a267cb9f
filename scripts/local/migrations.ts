// Applies migrations/*.sql in the order of their names, each once and as one transaction. Recorded in
// the table that `wrangler d1 migrations` uses, so both ways of applying see the same history.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a D1 database that is needed here. */
export interface MigratedDatabase {
  prepare(sql: string): MigrationStatement;
  batch(statements: MigrationStatement[]): Promise<unknown>;
}

export interface MigrationStatement {
  bind(...values: unknown[]): MigrationStatement;
  run(): Promise<{ results: unknown[] }>;
}

const RECORD = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** The names that were applied now. */
export async function applyMigrations(database: MigratedDatabase, dir: string): Promise<readonly string[]> {
  await database.prepare(RECORD).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").run();
  // The column is TEXT and written by this file and wrangler alone.
  const known = new Set((results as { name: string }[]).map(({ name }) => name));
  const names = readdirSync(dir).filter((name) => name.endsWith(".sql") && !known.has(name));
  for (const name of names.sort()) {
    const statements = statementsOf(readFileSync(join(dir, name), "utf8"));
    const record = database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
    await database.batch([...statements.map((sql) => database.prepare(sql)), record]);
  }
  return names;
}

/** A statement ends with `;` at the end of a line: migrations hold no triggers and no such literals. */
export function statementsOf(sql: string): readonly string[] {
  const withoutComments = sql.replace(/^\s*--.*$/gm, "");
  return withoutComments
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
