import { describe, expect, it } from "vitest";
import type { Command, CommandOf } from "../../../src/domain/account-commands.ts";
import type { AuditEntry } from "../../../src/domain/audit.ts";
import type { DirectoryEntry, Ports } from "../../../src/domain/ports.ts";
import type { ShownRow } from "../../../src/domain/usage-log.ts";
import { mountOperators } from "../../../src/management/operators.ts";
import {
  ACCOUNT,
  ADMIN_TOKEN,
  FACTS,
  fakePorts,
  KEY,
  mounted,
  NOW_MS,
  type Script,
  TRANSACTION,
} from "../fake-ports.ts";

const ENTRY: DirectoryEntry = {
  ...ACCOUNT,
  slug: "acme",
  subjectMac: null,
  createdAtMs: Date.parse("2026-08-31T23:00:00Z"),
};
const NAME = `accounts/${ACCOUNT.accountId}/2026-10-01T12:00:00.000Z.jsonl`;
const PATH = `/admin/accounts/${ACCOUNT.accountId}`;

interface Options {
  readonly script?: Script;
  readonly overrides?: Partial<Ports>;
  /** Rows of September's log. */
  readonly usageRows?: number;
}

/** Everything that happened, in order. */
function app({ script = {}, overrides = {}, usageRows = 0 }: Options = {}) {
  const events: string[] = [];
  const lines: string[] = [];
  const plain = fakePorts();
  const scripted = fakePorts({
    account: { ok: true, account: FACTS },
    "change-account": ({ changes }: CommandOf<"change-account">) => {
      events.push(`status ${changes.status}`);
      return { ok: true, account: FACTS };
    },
    credits: { ok: true, balanceMicroUsd: 5, pendingMicroUsd: 0, availableMicroUsd: 5, updatedAtMs: NOW_MS },
    "list-keys": { ok: true, rows: [KEY] },
    transactions: { ok: true, rows: [TRANSACTION] },
    audit: { ok: true, rows: [AUDIT] },
    ...script,
  });
  const ports = fakePorts(
    {},
    {
      account: (ref) => ({
        apply: (commands: readonly Command[]) => scripted.account(ref).apply(commands),
        drain: async () => void events.push("drain"),
        erase: async () => void events.push("erase account"),
      }),
      usageLog: (_, month) => ({
        ...plain.usageLog(ACCOUNT, month),
        exportRows: async (limit, afterSeq) => {
          const all = month === "2026-09" ? usageRows : 0;
          const from = (afterSeq ?? 0) + 1;
          const count = Math.max(0, Math.min(limit, all - from + 1));
          return Array.from({ length: count }, (_, index) => ({ seq: from + index }) as ShownRow);
        },
        erase: async () => void events.push(`erase ${month}`),
      }),
      answers: (_, jurisdiction) => ({
        ...plain.answers(ACCOUNT, jurisdiction),
        erase: async () => void events.push(`erase answers ${jurisdiction}`),
      }),
      archive: {
        put: async (name, exported) => {
          for await (const line of exported) lines.push(line);
          events.push(`archive ${name}`);
        },
      },
      directory: {
        ...plain.directory,
        find: async (id) => (id === ENTRY.accountId ? ENTRY : null),
        remove: async (id) => void events.push(`remove ${id}`),
      },
      ...overrides,
    },
  );
  const ask = mounted(ports, (http) => mountOperators(http, "/admin"));
  return {
    events,
    lines,
    ports,
    ask: (path = PATH, bearer = ADMIN_TOKEN) => ask("DELETE", path, { bearer }),
  };
}

const AUDIT: AuditEntry = {
  seq: 1,
  atMs: NOW_MS,
  actor: "operator",
  action: "account.open",
  target: null,
  facts: {},
};

describe("DELETE /accounts/{id}", () => {
  it("lets nothing in, exports everything, erases everything, and forgets who it was last", async () => {
    const { events, ask } = app();
    const reply = await ask();
    expect([reply.status, reply.body]).toEqual([200, { account_id: ACCOUNT.accountId, export: NAME }]);
    expect(events).toEqual([
      "status deactivated",
      "drain",
      `archive ${NAME}`,
      "erase account",
      "erase 2026-08",
      "erase 2026-09",
      "erase 2026-10",
      "erase answers eu",
      "erase answers none",
      "erase answers us",
      `remove ${ACCOUNT.accountId}`,
    ]);
  });

  it("exports one JSON line per thing, without a MAC or any other secret", async () => {
    const { lines, ask } = app({ usageRows: 2 });
    await ask();
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed.map(({ type }) => type)).toEqual([
      "account",
      "key",
      "transaction",
      "audit",
      "usage",
      "usage",
    ]);
    expect(parsed[0]).toMatchObject({ account_id: ACCOUNT.accountId, slug: "acme", plan: "pro" });
    expect(parsed[1]).toMatchObject({ id: KEY.id, spent_usd: 1.5 });
    expect(parsed[2]).toMatchObject({ amount_usd: 2.5 });
    expect(lines.join("\n")).not.toMatch(/mac|pepper/i);
  });

  it("reads logs of any length page by page", async () => {
    const { lines, ask } = app({ usageRows: 1_700 });
    await ask();
    const seqs = lines
      .map((line) => JSON.parse(line))
      .flatMap(({ type, seq }) => (type === "usage" ? [seq] : []));
    expect(seqs).toEqual(Array.from({ length: 1_700 }, (_, index) => index + 1));
  });

  it.each<[string, Options]>([
    ["the archive fails", { overrides: { archive: { put: () => Promise.reject(new Error("R2 is down")) } } }],
    [
      "a page cannot be read",
      { script: { transactions: { ok: false, code: "overloaded", message: "Busy." } } },
    ],
  ])("erases nothing when %s, and the account lives on as it was", async (_, options) => {
    const { events, ask } = app(options);
    const reply = await ask();
    expect([reply.status, reply.body.error.code]).toEqual([503, "overloaded"]);
    expect(events).toEqual(["status deactivated", "drain", "status active"]);
  });

  it("finishes what was cut short after the export: nothing is left to export", async () => {
    const gone = { ok: false, code: "not_found", message: "Gone." } as const;
    const { events, ask } = app({ script: { account: gone } });
    const reply = await ask();
    expect(reply.body).toEqual({ account_id: ACCOUNT.accountId, export: null });
    expect(events[0]).toBe("erase account");
    expect(events.at(-1)).toBe(`remove ${ACCOUNT.accountId}`);
  });

  it("is 404 for accounts of nobody and 401 for everybody but operators", async () => {
    const { events, ask } = app();
    expect((await ask("/admin/accounts/acct_00000000009")).status).toBe(404);
    expect((await ask(PATH, `${ADMIN_TOKEN}x`)).status).toBe(401);
    expect(events).toEqual([]);
  });
});
