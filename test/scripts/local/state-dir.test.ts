import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSecrets } from "../../../scripts/local/secrets.ts";
import { openStateDir, readState, writeState } from "../../../scripts/local/state-dir.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "state-dir-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("state files", () => {
  test("what is written is read back, mode 600, with no draft left", () => {
    writeState(dir, "a.json", { one: 1 });
    expect(readState(dir, "a.json")).toEqual({ one: 1 });
    expect(statSync(join(dir, "a.json")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["a.json"]);
  });

  test("a missing file is null, a damaged one is named", () => {
    expect(readState(dir, "none.json")).toBeNull();
    writeFileSync(join(dir, "bad.json"), "{");
    expect(() => readState(dir, "bad.json")).toThrow(/bad\.json is damaged/);
  });
});

describe("openStateDir", () => {
  test("makes what is missing of the path", () => {
    openStateDir(join(dir, "x/y/z"));
    expect(statSync(join(dir, "x/y/z")).isDirectory()).toBe(true);
  });

  test("says so when a file stands in the way", () => {
    writeFileSync(join(dir, "file"), "");
    expect(() => openStateDir(join(dir, "file/state"))).toThrow(/is not writable/);
  });

  test("returns on file systems that refuse new folders", { skip: process.platform !== "linux" }, () => {
    expect(() => openStateDir("/proc/inferroute")).toThrow(/is not writable/);
  });
});

describe("loadSecrets", () => {
  test("secrets are made once and stay", () => {
    const first = loadSecrets(dir, ["ORIGIN_A"]);
    expect(loadSecrets(dir, ["ORIGIN_A"])).toEqual(first);
    expect(first.adminToken.length).toBeGreaterThanOrEqual(32);
    expect(first.keyPeppers).toMatch(/^1:[A-Za-z0-9+/=]{44}$/);
    expect(first.keyPeppers).not.toBe(first.routeKeys);
  });

  test("a name that comes later gets a key without changing the others", () => {
    const first = loadSecrets(dir, ["ORIGIN_A"]);
    const second = loadSecrets(dir, ["ORIGIN_A", "ORIGIN_B"]);
    expect(second.originKeys.ORIGIN_A).toBe(first.originKeys.ORIGIN_A);
    expect(second.originKeys.ORIGIN_B).toBeDefined();
    expect(second.originKeys.ORIGIN_B).not.toBe(second.originKeys.ORIGIN_A);
  });

  test("a file with some fields missing is completed", () => {
    mkdirSync(dir, { recursive: true });
    writeState(dir, "secrets.json", { adminToken: "kept" });
    expect(loadSecrets(dir, [])).toMatchObject({ adminToken: "kept", originKeys: {} });
  });
});
