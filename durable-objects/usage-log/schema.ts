// Tables of the UsageLog object, as append-only numbered migrations; see docs/storage.md for what each column
// means and how long it lives. An object nobody wrote to has no tables: asking costs no storage.

/** Applied in order, once each; never edited after a release. */
const MIGRATIONS: readonly string[] = [
  // Each index is another write for each request: one for looking an id up and keeping it once, one for every
  // list. The latter holds all that filters ask, so that rows which do not match are never read.
  `CREATE TABLE request(
     seq INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, created_at_ms INTEGER NOT NULL,
     series_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,
     charged INTEGER NOT NULL, balance_after INTEGER NOT NULL, tags TEXT, json TEXT
   );
   CREATE INDEX request_place ON request(created_at_ms, seq, series_id);
   CREATE TABLE series(
     id INTEGER PRIMARY KEY, facet TEXT NOT NULL,
     model TEXT NOT NULL, key TEXT NOT NULL, region TEXT NOT NULL, task TEXT NOT NULL, status INTEGER NOT NULL,
     UNIQUE(facet, model, key, region, task, status)
   );
   CREATE TABLE rollup(
     span_ms INTEGER NOT NULL, series_id INTEGER NOT NULL, start_ms INTEGER NOT NULL,
     requests INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
     input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost INTEGER NOT NULL,
     queue_depth_max INTEGER NOT NULL, latency BLOB NOT NULL,
     PRIMARY KEY(span_ms, series_id, start_ms)
   ) WITHOUT ROWID;
   CREATE TABLE batch(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL);`,
  `CREATE TABLE feedback(
     decision_id TEXT PRIMARY KEY, created_at_ms INTEGER NOT NULL, model TEXT NOT NULL, task TEXT,
     rating REAL, correct INTEGER, preferred_model TEXT, prompt TEXT
   ) WITHOUT ROWID;
   CREATE INDEX feedback_place ON feedback(created_at_ms, decision_id);
   CREATE TABLE saving(
     day_ms INTEGER PRIMARY KEY, requests INTEGER NOT NULL, paid INTEGER NOT NULL, baseline INTEGER NOT NULL
   );`,
];

/** Brings the object's tables to the newest version; costs one read when they are. */
export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS migration(version INTEGER PRIMARY KEY)");
  const [row] = sql.exec("SELECT coalesce(max(version), 0) AS version FROM migration").toArray();
  const applied = Number(row?.version ?? 0);
  storage.transactionSync(() => {
    MIGRATIONS.slice(applied).forEach((statements, index) => {
      sql.exec(statements);
      sql.exec("INSERT INTO migration(version) VALUES (?)", applied + index + 1);
    });
  });
}

export function hasTables(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'migration'").toArray().length > 0;
}
