import { describe, expect, it } from "vitest";
import { catalogCache } from "../../src/catalog/load.ts";
import type { Catalog } from "../../src/domain/catalog.ts";
import type { StoredCatalog } from "../../src/domain/ports.ts";

const FRESH_MS = 5_000;
const USABLE_MS = 60_000;
const START_MS = 1_000_000;

function stored(version: number): StoredCatalog {
  const rows = { regions: [], models: [], origins: [] };
  return { version, createdAtMs: version * 1000, actor: "test", rows };
}

/** A store whose loads end when the test says so, and a clock that is an argument. */
function rig() {
  const loads: PromiseWithResolvers<StoredCatalog | null>[] = [];
  const refreshes: Promise<unknown>[] = [];
  const load = () => {
    const pending = Promise.withResolvers<StoredCatalog | null>();
    loads.push(pending);
    return pending.promise;
  };
  const cache = catalogCache(load, { freshMs: FRESH_MS, usableMs: USABLE_MS });
  const at = (afterMs: number): Promise<Catalog> =>
    cache.current(START_MS + afterMs, (refresh) => refreshes.push(refresh));
  return { loads, refreshes, at };
}

/** A rig that holds `version`, loaded at 0 ms. */
async function loaded(version: number) {
  const it = rig();
  const first = it.at(0);
  it.loads[0]?.resolve(stored(version));
  return { ...it, first: await first };
}

describe("catalogCache", () => {
  it("waits for the first load", async () => {
    const { at, loads, refreshes } = rig();
    const first = at(0);
    loads[0]?.resolve(stored(3));
    expect(await first).toMatchObject({ version: 3, createdAtS: 3 });
    expect(refreshes).toHaveLength(0);
  });

  it("lets concurrent first calls load each for themselves: no request waits for another's promise", async () => {
    const { at, loads } = rig();
    const first = at(0);
    const second = at(1);
    expect(loads).toHaveLength(2);
    loads[1]?.resolve(stored(3));
    expect((await second).version).toBe(3);
    loads[0]?.resolve(stored(3));
    expect(await first).toBe(await second);
  });

  it("waits for the store again after a rest: nobody is served what an operator took back long ago", async () => {
    const { at, loads, refreshes } = await loaded(1);
    const rested = at(USABLE_MS);
    loads[1]?.resolve(stored(2));
    expect((await rested).version).toBe(2);
    expect(refreshes).toHaveLength(0);
  });

  it("goes on with what it holds where the store fails after a rest", async () => {
    const { at, loads } = await loaded(1);
    const rested = at(USABLE_MS);
    loads[1]?.reject(new Error("the store is down"));
    expect((await rested).version).toBe(1);
  });

  it("has an empty catalog of version 0 where none is stored", async () => {
    const { at, loads } = rig();
    const first = at(0);
    loads[0]?.resolve(null);
    expect(await first).toMatchObject({
      version: 0,
      createdAtS: 0,
      rows: { models: [], origins: [], regions: [] },
    });
    expect((await first).models.size).toBe(0);
  });

  it("rejects while nothing is held, and tries again at the next call", async () => {
    const { at, loads } = rig();
    const first = at(0);
    loads[0]?.reject(new Error("store down"));
    await expect(first).rejects.toThrow("store down");
    const second = at(1);
    loads[1]?.resolve(stored(1));
    expect((await second).version).toBe(1);
  });

  it("answers from memory while fresh", async () => {
    const { at, loads, first } = await loaded(1);
    expect(await at(FRESH_MS - 1)).toBe(first);
    expect(loads).toHaveLength(1);
  });

  it("answers the old one at once when stale, and the new one after the refresh", async () => {
    const { at, loads, refreshes, first } = await loaded(1);
    expect(await at(FRESH_MS)).toBe(first);
    expect(refreshes).toHaveLength(1);
    loads[1]?.resolve(stored(2));
    await refreshes[0];
    expect((await at(FRESH_MS + 1)).version).toBe(2);
  });

  it("refreshes once at a time", async () => {
    const { at, loads, refreshes, first } = await loaded(1);
    await at(FRESH_MS);
    expect(await at(FRESH_MS * 3)).toBe(first);
    expect(loads).toHaveLength(2);
    loads[1]?.resolve(stored(1));
    await refreshes[0];
    await at(FRESH_MS * 3);
    expect(loads).toHaveLength(3);
  });

  it("is fresh again after a refresh", async () => {
    const { at, loads, refreshes } = await loaded(1);
    await at(FRESH_MS);
    loads[1]?.resolve(stored(1));
    await refreshes[0];
    await at(2 * FRESH_MS - 1);
    expect(loads).toHaveLength(2);
  });

  it("keeps the compiled catalog when the version did not change", async () => {
    const { at, loads, refreshes, first } = await loaded(1);
    await at(FRESH_MS);
    loads[1]?.resolve(stored(1));
    await refreshes[0];
    expect(await at(FRESH_MS + 1)).toBe(first);
  });

  it("keeps the old catalog when a refresh fails, and tries again later", async () => {
    const { at, loads, refreshes, first } = await loaded(1);
    await at(FRESH_MS);
    loads[1]?.reject(new Error("store down"));
    await expect(refreshes[0]).resolves.toBeUndefined();
    expect(await at(FRESH_MS + 1)).toBe(first);
    expect(loads).toHaveLength(2);
    await at(2 * FRESH_MS);
    loads[2]?.resolve(stored(2));
    await refreshes[1];
    expect((await at(2 * FRESH_MS)).version).toBe(2);
  });

  it.each([[stored(1)], [null]])(
    "does not go back to an older version that a lagging copy gives",
    async (old) => {
      const { at, loads, refreshes, first } = await loaded(2);
      await at(FRESH_MS);
      loads[1]?.resolve(old);
      await refreshes[0];
      expect(await at(FRESH_MS + 1)).toBe(first);
    },
  );

  it("gives up a refresh that never reports: its request was ended by the platform", async () => {
    const { at, loads, refreshes } = await loaded(1);
    await at(FRESH_MS);
    await at(FRESH_MS + 29_999);
    expect(loads).toHaveLength(2);
    await at(FRESH_MS + 30_000);
    expect(loads).toHaveLength(3);
    // The lost one may report after all: it neither ends the newer refresh nor brings back its version.
    loads[1]?.resolve(stored(2));
    await refreshes[0];
    await at(2 * FRESH_MS + 30_000);
    expect(loads).toHaveLength(3);
    loads[2]?.resolve(stored(3));
    await refreshes[1];
    expect((await at(FRESH_MS + 30_001)).version).toBe(3);
  });
});
