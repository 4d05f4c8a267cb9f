-- Who has an account (ids, slugs and jurisdictions only: no personal data), and every version the
-- catalog ever had. Applied once, never edited: a change is a new numbered file.

CREATE TABLE account (
  id TEXT PRIMARY KEY,
  slug TEXT UNIQUE NOT NULL,
  jurisdiction TEXT NOT NULL,
  subject_mac TEXT UNIQUE,
  created_at_ms INTEGER NOT NULL
);

CREATE TABLE catalog (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL
);
