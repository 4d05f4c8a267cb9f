import { beforeAll, expect, test } from "vitest";
import {
  ask,
  askAsOperator,
  bindings,
  migrateDirectory,
  openAccount,
  signIn,
} from "../support/worker-app.ts";

const KEYS = "/api/v1/inference/keys";

beforeAll(migrateDirectory);

async function exported(name: string): Promise<readonly Record<string, unknown>[]> {
  const object = await bindings.ARCHIVE.get(name);
  const lines = (await object?.text())?.trimEnd().split("\n") ?? [];
  return lines.map((line) => JSON.parse(line));
}

test("a deleted account is in the archive and nowhere else; its keys, sessions and slug are free", async () => {
  const account = await openAccount({ name: "Gone", subject: "user|gone" });
  const { accountId, managementKey, slug } = account;
  const { body: key } = await ask("POST", KEYS, { bearer: managementKey, body: { name: "worker" } });
  const cookie = await signIn(managementKey);
  await askAsOperator("POST", `/accounts/${accountId}/credits`, { amount_usd: 3, reference: "r1" });

  const deleted = await askAsOperator("DELETE", `/accounts/${accountId}`);
  expect(deleted).toMatchObject({ status: 200, body: { account_id: accountId, export: expect.any(String) } });
  const lines = await exported(deleted.body.export);
  expect(lines.map(({ type }) => type)).toEqual([
    "account",
    "key",
    "key",
    "transaction",
    "audit",
    "audit",
    "audit",
    "audit",
    "audit",
  ]);
  expect(lines).toMatchObject([
    { account_id: accountId, name: "Gone", credits: { balanceMicroUsd: 3_000_000 } },
    { name: "management" },
    { id: key.id, name: "worker" },
    { amount_usd: 3, reference: "r1" },
    { action: "account.change", facts: { status: "deactivated" } },
    { action: "credits.give" },
    { action: "session.open" },
    { action: "key.create" },
    { action: "account.open" },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/"mac"|"proof"|pepper/);

  for (const bearer of [managementKey, key.key]) {
    expect(await ask("GET", "/api/v1/inference/key", { bearer })).toMatchObject({ status: 401 });
  }
  expect(await ask("GET", KEYS, { headers: { cookie } })).toMatchObject({ status: 401 });
  expect(await askAsOperator("DELETE", `/accounts/${accountId}`)).toMatchObject({ status: 404 });
  expect((await askAsOperator("GET", "/accounts")).text).not.toContain(accountId);
  const next = await openAccount({ name: "Gone", subject: "user|gone" });
  expect(next.slug).toBe(slug);
  expect(next.accountId).not.toBe(accountId);
});

test("a large export arrives whole, in parts", async () => {
  const { archive } = await import("../../src/live/archive.ts");
  const lines = Array.from({ length: 20 }, (_, n) => `${n}:${"é".repeat(500_000)}`);
  await archive(bindings.ARCHIVE).put(
    "large",
    (async function* () {
      yield* lines;
    })(),
  );
  expect(await (await bindings.ARCHIVE.get("large"))?.text()).toBe(`${lines.join("\n")}\n`);
});

test("an export that fails half-way leaves no name behind", async () => {
  const { archive } = await import("../../src/live/archive.ts");
  const failing = async function* () {
    yield "x".repeat(9_000_000);
    throw new Error("the object went away");
  };
  await expect(archive(bindings.ARCHIVE).put("half", failing())).rejects.toThrow("went away");
  expect(await bindings.ARCHIVE.head("half")).toBeNull();
});
