import { describe, expect, it } from "vitest";
import type { CommandOf } from "../../../src/domain/account-commands.ts";
import type { AuditEntry } from "../../../src/domain/audit.ts";
import { mountOperators } from "../../../src/management/operators.ts";
import { ACCOUNT, ADMIN_TOKEN, fakePorts, mounted, NOW_MS } from "../fake-ports.ts";

const ENTRIES: readonly AuditEntry[] = [3, 2, 1].map((seq) => ({
  seq,
  atMs: NOW_MS,
  actor: "key:key_00000001",
  action: "key.revoke",
  target: `key_0000000${seq}`,
  facts: { n: seq },
}));

function app() {
  const ports = fakePorts(
    {
      audit: ({ limit, beforeSeq }: CommandOf<"audit">) => ({
        ok: true,
        rows: ENTRIES.filter(({ seq }) => seq < (beforeSeq ?? 9)).slice(0, limit),
      }),
    },
    {
      directory: {
        ...fakePorts().directory,
        find: async (id) =>
          id === ACCOUNT.accountId
            ? { ...ACCOUNT, slug: "acme", subjectMac: null, createdAtMs: NOW_MS }
            : null,
      },
      catalogStore: {
        ...fakePorts().catalogStore,
        list: async (limit, before) =>
          [2, 1]
            .filter((version) => version < (before ?? 9))
            .slice(0, limit)
            .map((version) => ({ version, createdAtMs: NOW_MS, actor: "operator" })),
      },
    },
  );
  const ask = mounted(ports, (http) => mountOperators(http, "/admin"));
  return {
    ports,
    ask: (path: string, bearer: string | undefined = ADMIN_TOKEN) =>
      ask("GET", `/admin/audit${path}`, { bearer }),
  };
}

describe("GET /audit", () => {
  it("lists what was done to an account, newest first, page by page", async () => {
    const { ask } = app();
    const first = await ask(`?account=${ACCOUNT.accountId}&limit=2`);
    expect(first.status).toBe(200);
    expect(first.body.data).toEqual([
      {
        created_at: "2026-10-01T12:00:00.000Z",
        actor: "key:key_00000001",
        action: "key.revoke",
        target: "key_00000003",
        facts: { n: 3 },
      },
      expect.objectContaining({ target: "key_00000002" }),
    ]);
    const second = await ask(`?account=${ACCOUNT.accountId}&limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ target: "key_00000001" }], next_cursor: null });
  });

  it("without an account lists the catalog's changes", async () => {
    const { ask, ports } = app();
    const { body } = await ask("?limit=1");
    expect(body).toMatchObject({
      object: "list",
      data: [{ actor: "operator", action: "catalog.put", target: "2" }],
    });
    expect((await ask(`?limit=1&cursor=${body.next_cursor}`)).body).toMatchObject({
      data: [{ target: "1" }],
      next_cursor: null,
    });
    expect(ports.asked).toEqual([]);
  });

  it.each([
    ["?account=acct_00000000009", 404],
    ["?account=", 404],
    ["?account=x&account=y", 400],
    ["?key=1", 400],
  ])("refuses %s with %i", async (query, status) => {
    expect((await app().ask(query)).status).toBe(status);
  });

  it("is the operators' alone", async () => {
    expect((await app().ask("", `${ADMIN_TOKEN}x`)).status).toBe(401);
  });
});
