import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { setUpCloud } from "../../../scripts/cloud/set-up-cloud.ts";
import type { Wrangler, WranglerCall, WranglerRun } from "../../../scripts/cloud/wrangler.ts";

let dir = "";
let configPath = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cloud-"));
  configPath = join(dir, "wrangler.toml");
  copyFileSync(join(import.meta.dirname, "../../../wrangler.toml"), configPath);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A Cloudflare account behind wrangler's commands, as far as the set-up uses them. */
function accountDouble() {
  const calls: string[] = [];
  const databases: object[] = [];
  const namespaces: object[] = [];
  const secrets: Record<string, string> = {};
  let hasBucket = false;
  const said = (value: unknown): WranglerRun => ({ ok: true, stdout: JSON.stringify(value), stderr: "" });
  const failed: WranglerRun = { ok: false, stdout: "", stderr: "✘ [ERROR] not found [code: 10007]" };
  const answer = ({ args, input }: WranglerCall): WranglerRun => {
    switch (args.slice(0, 3).join(" ")) {
      case "whoami --json":
        return said({ loggedIn: true });
      case "d1 list --json":
        return said(databases);
      case "d1 create inferroute":
        databases.push({ name: "other", uuid: "not-ours" }, { name: "inferroute", uuid: "d1-id" });
        return said("created");
      case "kv namespace list":
        return said(namespaces);
      case "kv namespace create":
        namespaces.push({ title: "inferroute-catalog", id: "kv-id" });
        return said("created");
      case "r2 bucket info":
        return hasBucket ? said({}) : failed;
      case "r2 bucket create":
        hasBucket = true;
        return said("created");
      case "d1 migrations apply":
        return said("applied");
      case "secret list --format":
        // The Worker exists from the first secret on.
        return Object.keys(secrets).length === 0
          ? failed
          : said(Object.keys(secrets).map((name) => ({ name })));
      case "secret bulk":
        Object.assign(secrets, JSON.parse(input ?? "{}"));
        return said("done");
      default:
        return failed;
    }
  };
  const wrangler: Wrangler = async (call) => {
    calls.push(call.args.join(" "));
    return answer(call);
  };
  return { wrangler, calls, secrets };
}

function run(wrangler: Wrangler, env: Record<string, string> = {}) {
  const lines: string[] = [];
  const done = setUpCloud({
    wrangler,
    configPath,
    stateDir: join(dir, "state"),
    env,
    say: (line) => lines.push(line),
  });
  return { done, lines };
}

test("an empty account gets everything, and wrangler.toml the ids", async () => {
  const { wrangler, secrets } = accountDouble();
  const { done, lines } = run(wrangler, { ORIGIN_KEY_A: "origin-secret" });
  await done;
  expect(readFileSync(configPath, "utf8")).toContain('database_id = "d1-id"');
  expect(readFileSync(configPath, "utf8")).toContain('\nid = "kv-id"');
  expect(Object.keys(secrets).toSorted()).toEqual([
    "ADMIN_TOKEN",
    "KEY_PEPPERS",
    "ORIGIN_KEY_A",
    "ROUTE_KEYS",
    "SESSION_KEY",
  ]);
  for (const value of Object.values(secrets)) expect(lines.join("\n")).not.toContain(value);
  const kept = join(dir, "state/secrets.json");
  expect(JSON.parse(readFileSync(kept, "utf8"))).toEqual(secrets);
  expect(statSync(kept).mode & 0o077).toBe(0);
});

test("a second run creates nothing and changes no secret", async () => {
  const { wrangler, calls, secrets } = accountDouble();
  await run(wrangler).done;
  const before = { ...secrets };
  const config = readFileSync(configPath, "utf8");
  calls.length = 0;
  await run(wrangler).done;
  expect(calls.filter((call) => /create|bulk/.test(call))).toEqual([]);
  expect(secrets).toEqual(before);
  expect(readFileSync(configPath, "utf8")).toBe(config);
});

test("without a login nothing is tried and the line says what to do", async () => {
  const calls: string[] = [];
  const wrangler: Wrangler = async ({ args }) => {
    calls.push(args.join(" "));
    return { ok: false, stdout: '{"loggedIn":false}', stderr: "" };
  };
  await expect(run(wrangler).done).rejects.toThrow(/Not logged in to Cloudflare: run `npx wrangler login`/);
  expect(calls).toEqual(["whoami --json"]);
});

test("a command that fails ends the set-up with wrangler's own words", async () => {
  const { wrangler } = accountDouble();
  const refusing: Wrangler = (call) =>
    call.args[0] === "kv"
      ? Promise.resolve({ ok: false, stdout: "banner\n✘ [ERROR] no permission", stderr: "" })
      : wrangler(call);
  await expect(run(refusing).done).rejects.toThrow(/wrangler kv namespace list failed: .*no permission/);
});
