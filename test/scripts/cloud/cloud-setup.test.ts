import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseSecrets } from "../../../scripts/cloud/cloud-secrets.ts";
import { withResourceIds } from "../../../scripts/cloud/resource-ids.ts";
import { parseOutput } from "../../../scripts/cloud/wrangler.ts";

const IDS = { databaseId: "d1-id", namespaceId: "kv-id" };
const TOML = readFileSync(join(import.meta.dirname, "../../../wrangler.toml"), "utf8");

describe("withResourceIds", () => {
  test("writes both ids into this project's wrangler.toml and nothing else", () => {
    const changed = withResourceIds(TOML, IDS).split("\n");
    const differing = changed.filter((line, index) => line !== TOML.split("\n")[index]);
    expect(differing).toEqual(['database_id = "d1-id"', 'id = "kv-id"']);
  });

  test("again changes nothing", () => {
    const once = withResourceIds(TOML, IDS);
    expect(withResourceIds(once, IDS)).toBe(once);
  });

  test("a file without the line is refused", () => {
    expect(() => withResourceIds("name = 1", IDS)).toThrow(/no line like database_id/);
  });
});

describe("chooseSecrets", () => {
  const ALL = ["ADMIN_TOKEN", "KEY_PEPPERS", "ROUTE_KEYS", "SESSION_KEY"];

  test("a new Worker gets all, made at random", () => {
    const [first, second] = [chooseSecrets({}, new Set(), {}), chooseSecrets({}, new Set(), {})];
    expect(Object.keys(first)).toEqual(ALL);
    expect(first.KEY_PEPPERS).toMatch(/^1:/);
    expect(first.ADMIN_TOKEN).not.toBe(second.ADMIN_TOKEN);
  });

  test("what the Worker has stays; repeated runs put nothing", () => {
    expect(chooseSecrets({}, new Set(ALL), {})).toEqual({});
  });

  test("a value kept from an interrupted run is put again rather than replaced", () => {
    expect(chooseSecrets({ SESSION_KEY: "kept" }, new Set(), {}).SESSION_KEY).toBe("kept");
  });

  test("secrets of origins and a token of one's own come from the environment, nothing else does", () => {
    const env = { ORIGIN_A: "a", ADMIN_TOKEN: "mine", KEY_PEPPERS: "x", ORIGIN_EMPTY: "" };
    expect(chooseSecrets({}, new Set(ALL), env)).toEqual({ ORIGIN_A: "a", ADMIN_TOKEN: "mine" });
  });
});

test("parseOutput finds the JSON behind a banner, and none is null", () => {
  expect(parseOutput('⛅️ wrangler\n────\n[{"id":"x"}]\n')).toEqual([{ id: "x" }]);
  expect(parseOutput("no lists here")).toBeNull();
});
