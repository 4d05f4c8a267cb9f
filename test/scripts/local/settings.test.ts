import { describe, expect, test } from "vitest";
import { readSettings } from "../../../scripts/local/settings.ts";

const AT = { root: "/project", isTerminal: false };

describe("readSettings", () => {
  test("without variables the contract's defaults hold", () => {
    expect(readSettings({}, AT)).toEqual({
      port: 8787,
      stateDir: "/project/.local/state",
      catalogFile: null,
      simulators: { mode: "on", firstPort: null },
      log: "json",
      leaseS: 60,
      adminToken: null,
      handedOn: {
        ALLOWED_ORIGINS: "",
        JWT_ISSUER: "",
        JWT_AUDIENCE: "",
        JWT_JWKS_URL: "",
        HEDGE_SHARE: "",
      },
      originSecrets: {},
    });
  });

  test("an empty variable counts as absent", () => {
    const env = { PORT: "", STATE_DIR: "", SIM: "", LOG: "", ADMIN_TOKEN: "", ORIGIN_KEY_A: "" };
    expect(readSettings(env, AT)).toEqual(readSettings({}, AT));
  });

  test("a person at a terminal reads pretty lines unless LOG says otherwise", () => {
    expect(readSettings({}, { ...AT, isTerminal: true }).log).toBe("pretty");
    expect(readSettings({ LOG: "json" }, { ...AT, isTerminal: true }).log).toBe("json");
  });

  test("paths are relative to the project, absolute ones stay", () => {
    const settings = readSettings({ STATE_DIR: "state", CATALOG_FILE: "/etc/catalog.json" }, AT);
    expect(settings.stateDir).toBe("/project/state");
    expect(settings.catalogFile).toBe("/etc/catalog.json");
  });

  test("every ORIGIN_… variable and no other is a secret of origins", () => {
    const env = { ORIGIN_KEY_EU: "a", ORIGIN_X: "b", ORIGINAL: "c", KEY_PEPPERS: "d" };
    expect(readSettings(env, AT).originSecrets).toEqual({ ORIGIN_KEY_EU: "a", ORIGIN_X: "b" });
  });

  test("SIM=off switches the simulators off whatever SIM_PORT says", () => {
    expect(readSettings({ SIM: "off", SIM_PORT: "9101" }, AT).simulators).toEqual({ mode: "off" });
  });

  test("SIM_PORT leaves room for three ports in a row", () => {
    expect(readSettings({ SIM_PORT: "65533" }, AT).simulators).toEqual({ mode: "on", firstPort: 65533 });
    expect(() => readSettings({ SIM_PORT: "65534" }, AT)).toThrow("SIM_PORT=65534: use a whole number");
  });

  test.each([
    [{ PORT: "0" }, "PORT=0"],
    [{ PORT: "80.5" }, "PORT=80.5"],
    [{ PORT: "-1" }, "PORT=-1"],
    [{ PORT: "65536" }, "PORT=65536"],
    [{ PORT: "abc" }, "PORT=abc"],
    [{ LEASE_S: "0" }, "LEASE_S=0"],
    [{ LEASE_S: "3601" }, "LEASE_S=3601"],
    [{ SIM: "no" }, "SIM=no: use on or off."],
    [{ LOG: "xml" }, "LOG=xml: use json or pretty."],
  ])("%j is refused by name", (env, message) => {
    expect(() => readSettings(env, AT)).toThrow(message);
  });

  test("an admin token of 31 characters is refused without showing it, one of 32 is taken", () => {
    expect(() => readSettings({ ADMIN_TOKEN: "s".repeat(31) }, AT)).toThrow(/^ADMIN_TOKEN has 31 characters/);
    expect(readSettings({ ADMIN_TOKEN: "s".repeat(32) }, AT).adminToken).toBe("s".repeat(32));
  });
});
