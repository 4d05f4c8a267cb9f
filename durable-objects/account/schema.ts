// Tables of the Account object, as append-only numbered migrations. One row per fact; see
// docs/storage.md for what each column means and how long it lives.

/** Applied in order, once each; never edited after a release. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE account(
     k INTEGER PRIMARY KEY CHECK(k = 1),
     name TEXT NOT NULL, plan TEXT NOT NULL, status TEXT NOT NULL, jurisdiction TEXT NOT NULL,
     limits TEXT NOT NULL, view_version INTEGER NOT NULL, created_at_ms INTEGER NOT NULL,
     credits INTEGER NOT NULL, posted INTEGER NOT NULL, held INTEGER NOT NULL,
     next_id INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL,
     CHECK(posted >= 0), CHECK(held >= 0), CHECK(credits - posted - held >= 0)
   );
   CREATE TABLE key(
     id TEXT PRIMARY KEY, name TEXT NOT NULL, prefix TEXT NOT NULL,
     pepper_version INTEGER NOT NULL, mac TEXT NOT NULL,
     scopes TEXT NOT NULL, model_pool TEXT, optimize_mode TEXT, region TEXT, rpm INTEGER,
     budget_micro_usd INTEGER, budget_period TEXT,
     spent_total INTEGER NOT NULL, spent_month INTEGER NOT NULL, month TEXT NOT NULL,
     expires_at_ms INTEGER, created_at_ms INTEGER NOT NULL, last_used_at_ms INTEGER, revoked_at_ms INTEGER
   );
   CREATE TABLE reservation(
     id INTEGER PRIMARY KEY, nonce TEXT UNIQUE NOT NULL, key_id TEXT NOT NULL,
     micro_usd INTEGER NOT NULL, checkpoint INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
   );
   CREATE TABLE ledger_entry(
     seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, amount INTEGER NOT NULL,
     balance_after INTEGER NOT NULL, reference TEXT, request_id TEXT,
     pending_id INTEGER UNIQUE, created_at_ms INTEGER NOT NULL
   );
   CREATE UNIQUE INDEX ledger_entry_reference ON ledger_entry(reference) WHERE reference IS NOT NULL;`,
  // Credits are set aside in chunks; only requests that outlive a renewal have a row. A journal row is one
  // save: the ids it settled, and their usage rows until the UsageLog has them.
  `DROP TABLE reservation;
   ALTER TABLE account ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE account ADD COLUMN entry_seq INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE account ADD COLUMN gpu_ms INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE account ADD COLUMN gpu_month TEXT NOT NULL DEFAULT '';
   CREATE TABLE open_entry(
     id INTEGER PRIMARY KEY, nonce TEXT NOT NULL, key_id TEXT NOT NULL,
     micro_usd INTEGER NOT NULL, checkpoint INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
   );
   CREATE TABLE orphan(epoch INTEGER PRIMARY KEY, micro_usd INTEGER NOT NULL, until_ms INTEGER NOT NULL);
   CREATE TABLE journal(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, ids BLOB NOT NULL, rows TEXT);`,
  `CREATE TABLE session(jti TEXT PRIMARY KEY, key_id TEXT NOT NULL, expires_at_ms INTEGER NOT NULL);
   CREATE INDEX session_key ON session(key_id);
   CREATE TABLE previous_secret(
     key_id TEXT PRIMARY KEY, pepper_version INTEGER NOT NULL, mac TEXT NOT NULL, valid_until_ms INTEGER NOT NULL
   );
   CREATE TABLE audit(
     seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
     target TEXT, facts TEXT NOT NULL
   );`,
  `CREATE TABLE idempotency(
     place TEXT PRIMARY KEY, body_hash TEXT NOT NULL, request_id TEXT NOT NULL, state TEXT NOT NULL,
     jurisdiction TEXT, created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
   );
   CREATE INDEX idempotency_expiry ON idempotency(expires_at_ms);`,
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
