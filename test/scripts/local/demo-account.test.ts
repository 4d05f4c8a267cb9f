import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Api, Call, Reply } from "../../../scripts/local/api.ts";
import { ensureDemoAccount } from "../../../scripts/local/demo-account.ts";

const ADMIN = "operator-token";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "demo-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A router that knows the keys it gave out, until it forgets them. */
function routerDouble() {
  const calls: Call[] = [];
  let known = new Set<string>();
  let count = 0;
  const give = (prefix: string) => {
    const key = `${prefix}${++count}`;
    known.add(key);
    return key;
  };
  const answer = ({ path, bearer }: Call): Reply => {
    if (path === "/api/v1/inference/key") return { status: known.has(bearer) ? 200 : 401, body: {} };
    if (path === "/api/v1/admin/accounts") {
      return { status: 201, body: { account_id: "acct", slug: "demo", management_key: give("m") } };
    }
    if (path === "/api/v1/admin/accounts/acct/credits") return { status: 201, body: {} };
    if (path === "/api/v1/inference/keys" && known.has(bearer))
      return { status: 201, body: { key: give("k") } };
    return { status: 404, body: {} };
  };
  const api: Api = async (call) => {
    calls.push(call);
    return answer(call);
  };
  return { api, calls, forget: () => (known = new Set()) };
}

describe("the demo account", () => {
  test("is enterprise, has 1,000 USD and a key with the default scopes", async () => {
    const { api, calls } = routerDouble();
    expect(await ensureDemoAccount(api, dir, ADMIN)).toEqual({
      accountId: "acct",
      managementKey: "m1",
      apiKey: "k2",
    });
    expect(calls.map(({ body }) => body)).toEqual([
      { name: "Demo", plan: "enterprise" },
      { amount_usd: 1000, reference: "demo" },
      { name: "demo" },
    ]);
    expect(calls.map(({ bearer }) => bearer)).toEqual([ADMIN, ADMIN, "m1"]);
  });

  test("keeps its keys over restarts, and is not credited again", async () => {
    const { api, calls } = routerDouble();
    const first = await ensureDemoAccount(api, dir, ADMIN);
    calls.length = 0;
    expect(await ensureDemoAccount(api, dir, ADMIN)).toEqual(first);
    expect(calls.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });

  test("is made anew when the router refuses the kept keys", async () => {
    const { api, forget } = routerDouble();
    const first = await ensureDemoAccount(api, dir, ADMIN);
    forget();
    const second = await ensureDemoAccount(api, dir, ADMIN);
    expect(second.apiKey).not.toBe(first.apiKey);
    expect(await ensureDemoAccount(api, dir, ADMIN)).toEqual(second);
  });

  test("a refusal of the router ends the start with its words", async () => {
    const api: Api = async () => ({ status: 401, body: { error: { message: "wrong token" } } });
    await expect(ensureDemoAccount(api, dir, ADMIN)).rejects.toThrow(/answered 401.*wrong token/);
  });
});
