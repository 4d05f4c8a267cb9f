import { describe, expect, it } from "vitest";
import type { CatalogStore, StoredCatalog } from "../../../src/domain/ports.ts";
import { mountCatalog } from "../../../src/management/operators/catalog.ts";
import { sampleCatalog, sampleWith } from "../../catalog/sample-catalog.ts";
import { ADMIN_TOKEN, fakePorts, mounted, ROWS } from "../fake-ports.ts";

/** Versions in memory, oldest first. */
function app() {
  const versions: StoredCatalog[] = [];
  const catalogStore: CatalogStore = {
    newest: async () => versions.at(-1) ?? null,
    get: async (version) => versions[version - 1] ?? null,
    list: async (limit, before) =>
      versions
        .filter(({ version }) => version < (before ?? 99))
        .reverse()
        .slice(0, limit),
    put: async (rows, actor, createdAtMs) => {
      const stored = { version: versions.length + 1, rows, actor, createdAtMs };
      versions.push(stored);
      return stored;
    },
  };
  const ask = mounted(fakePorts({}, { catalogStore }), (http) => mountCatalog(http, ""));
  return {
    versions,
    ask: (method: string, path: string, body?: unknown) => ask(method, path, { bearer: ADMIN_TOKEN, body }),
  };
}

describe("/catalog", () => {
  it("is not found while empty", async () => {
    expect(await app().ask("GET", "/catalog")).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
  });

  it("is stored with its defaults filled in and shown with its version", async () => {
    const { ask } = app();
    const put = await ask("PUT", "/catalog", sampleCatalog());
    expect(put).toMatchObject({ status: 200, body: { version: 1, created_at: "2026-10-01T12:00:00.000Z" } });
    const shown = await ask("GET", "/catalog");
    expect(shown.headers.get("etag")).toBe('"1"');
    expect(Object.keys(shown.body)).toEqual(["regions", "models", "origins"]);
    expect(shown.body).toMatchObject({ regions: [{ id: "us-east", name: "us-east" }] });
  });

  it("can be put back as it was shown", async () => {
    const { ask, versions } = app();
    await ask("PUT", "/catalog", sampleCatalog());
    const { body } = await ask("GET", "/catalog");
    expect((await ask("PUT", "/catalog", body)).body.version).toBe(2);
    expect(versions[1]?.rows).toEqual(versions[0]?.rows);
  });

  it("is refused whole, with every fault and its path", async () => {
    const { ask, versions } = app();
    const reply = await ask("PUT", "/catalog", sampleWith("origins", 0, { region: "mars", weight: 0 }));
    expect(reply).toMatchObject({ status: 400, body: { error: { code: "invalid_value" } } });
    const paths = reply.body.error.faults.map((fault: { path: string }) => fault.path);
    expect(paths).toEqual(expect.arrayContaining(["origins[0].region", "origins[0].weight"]));
    expect(versions).toEqual([]);
  });

  it("lists its versions, newest first, without their rows", async () => {
    const { ask } = app();
    for (let turn = 0; turn < 3; turn++) await ask("PUT", "/catalog", sampleCatalog());
    const first = await ask("GET", "/catalog/versions?limit=2");
    expect(first.body.data).toEqual([
      { version: 3, created_at: "2026-10-01T12:00:00.000Z", actor: "operator" },
      { version: 2, created_at: "2026-10-01T12:00:00.000Z", actor: "operator" },
    ]);
    const second = await ask("GET", `/catalog/versions?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ version: 1 }], next_cursor: null });
  });

  it("goes back by storing old rows as a new version", async () => {
    const { ask, versions } = app();
    await ask("PUT", "/catalog", sampleCatalog());
    await ask("PUT", "/catalog", ROWS);
    const reply = await ask("POST", "/catalog/rollback", { version: 1 });
    expect(reply).toMatchObject({ status: 200, body: { version: 3 } });
    expect(versions[2]?.rows).toEqual(versions[0]?.rows);
  });

  it.each([
    [404, { version: 9 }],
    [400, { version: 0 }],
    [400, { version: "1" }],
    [400, {}],
  ])("answers %i to a rollback to %j", async (status, body) => {
    expect((await app().ask("POST", "/catalog/rollback", body)).status).toBe(status);
  });
});
