// Who has an account, in D1: ids, slugs and jurisdictions, so that operators can list them and a JWT's subject
// finds its account. What an account may do is in its own object.
import type { AccountId } from "../domain/ids.ts";
import type { Jurisdiction } from "../domain/key.ts";
import type { AccountDirectory, DirectoryEntry } from "../domain/ports.ts";

export function accountDirectory(db: D1Database): AccountDirectory {
  return {
    find: async (accountId) => {
      const row = await db.prepare("SELECT * FROM account WHERE id = ?").bind(accountId).first<Row>();
      return row === null ? null : entryOf(row);
    },
    list: async (limit, afterId) => {
      const { results } = await db
        .prepare("SELECT * FROM account WHERE id > ? ORDER BY id LIMIT ?")
        .bind(afterId ?? "", limit)
        .all<Row>();
      return results.map(entryOf);
    },
    findBySubject: async (macs) => {
      const places = macs.map(() => "?").join(", ");
      const statement = db.prepare(`SELECT * FROM account WHERE subject_mac IN (${places})`);
      const row = await statement.bind(...macs).first<Row>();
      return row === null ? null : entryOf(row);
    },
    renewSubject: async (accountId, mac) => {
      await db.prepare("UPDATE account SET subject_mac = ? WHERE id = ?").bind(mac, accountId).run();
    },
    remove: async (accountId) => {
      await db.prepare("DELETE FROM account WHERE id = ?").bind(accountId).run();
    },
    add: async (entry) => {
      const { meta } = await db
        .prepare(
          `INSERT INTO account(id, slug, jurisdiction, subject_mac, created_at_ms) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING`,
        )
        .bind(entry.accountId, entry.slug, entry.jurisdiction, entry.subjectMac, entry.createdAtMs)
        .run();
      return meta.changes === 1;
    },
  };
}

interface Row {
  readonly id: string;
  readonly slug: string;
  readonly jurisdiction: string;
  readonly subject_mac: string | null;
  readonly created_at_ms: number;
}

// The casts read back what `add` wrote from the same types.
function entryOf(row: Row): DirectoryEntry {
  return {
    accountId: row.id as AccountId,
    slug: row.slug,
    jurisdiction: row.jurisdiction as Jurisdiction,
    subjectMac: row.subject_mac,
    createdAtMs: row.created_at_ms,
  };
}
