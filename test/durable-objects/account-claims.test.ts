import { env, evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { AccountDoor, Answer, Command, NewKey } from "../../src/domain/account-commands.ts";
import type { AuditEntry } from "../../src/domain/audit.ts";
import type { KeyId, SessionId } from "../../src/domain/ids.ts";
import { type Claim, type KeyClaim, type KeyProof, SCOPES, SUBJECT_KEY_ID } from "../../src/domain/key.ts";

let accounts = 0;

const proofOf = (secret: string, pepperVersion = 1): KeyProof => ({
  pepperVersion,
  mac: `mac-${pepperVersion}-of-${secret}`,
});
const MANAGE = "key_manage00" as KeyId;

/** What a Worker sends for a secret: one proof per pepper it knows, the current one first. */
const byKey = (secret: string, peppers = [1], keyId = MANAGE): KeyClaim => ({
  by: "key",
  keyId,
  proofs: peppers.map((version) => proofOf(secret, version)),
});
const bySession = (id: string, keyId = MANAGE): Claim => ({
  by: "session",
  keyId,
  sessionId: id as SessionId,
});
const SUBJECT: Claim = { by: "subject", keyId: SUBJECT_KEY_ID };

function newKey(id: KeyId, secret: string): NewKey {
  return {
    id,
    name: "test",
    prefix: "inf_1n",
    proof: proofOf(secret),
    scopes: SCOPES,
    modelPool: null,
    optimizeMode: null,
    region: null,
    rpm: null,
    budget: null,
    expiresAtMs: null,
  };
}

async function openAccount() {
  const namespace = (env as unknown as { ACCOUNT: DurableObjectNamespace }).ACCOUNT;
  const stub = namespace.get(namespace.idFromName(`claims-${accounts++}`));
  const door = stub as unknown as AccountDoor;
  const apply = async (...commands: Command[]) => await door.apply(commands);
  await apply({
    kind: "open-account",
    name: "Test",
    plan: "enterprise",
    jurisdiction: "none",
    managementKey: newKey(MANAGE, "one"),
  });
  const verdictOn = async (claim: Claim): Promise<string> => {
    const [answer] = await apply({ kind: "authorize", ...claim, scope: null });
    return codeOf(answer);
  };
  const signIn = (id: string, claim: KeyClaim = byKey("one"), livesMs = 3_600_000) =>
    apply({
      kind: "open-session",
      keyId: claim.keyId,
      proofs: claim.proofs,
      sessionId: id as SessionId,
      expiresAtMs: Date.now() + livesMs,
    });
  const rotate = (secret: string, overlapMs: number) =>
    apply({ kind: "rotate-key", keyId: MANAGE, prefix: "inf_2n", proof: proofOf(secret), overlapMs });
  return { stub, door, apply, verdictOn, signIn, rotate };
}

function codeOf(answer: Answer | undefined): string {
  if (answer === undefined) return "no answer";
  return answer.ok ? "ok" : answer.code;
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Objects under test read the clock of the test's isolate. */
function inFuture(ms: number): void {
  const now = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => now + ms);
}

describe("sessions", () => {
  test("act as the key that opened them, also after the object was evicted", async () => {
    const { signIn, verdictOn, apply, stub } = await openAccount();
    await signIn("ses_1");
    expect(await verdictOn(bySession("ses_1"))).toBe("ok");
    await evictDurableObject(stub);
    const [answer] = await apply({ kind: "authorize", ...bySession("ses_1"), scope: "keys:write" });
    expect(answer).toMatchObject({ ok: true, key: { id: MANAGE, scopes: SCOPES } });
  });

  test("nobody opened, or another key did, are none", async () => {
    const { signIn, verdictOn, apply } = await openAccount();
    await signIn("ses_1");
    await apply({ kind: "create-key", key: newKey("key_other000" as KeyId, "other") });
    expect(await verdictOn(bySession("ses_2"))).toBe("invalid_token");
    expect(await verdictOn(bySession("ses_1", "key_other000" as KeyId))).toBe("invalid_token");
  });

  test("ended by DELETE are over at once; ending again is no fault", async () => {
    const { signIn, verdictOn, apply } = await openAccount();
    await signIn("ses_1");
    await signIn("ses_2");
    const end = { kind: "end-session", sessionId: "ses_1" as SessionId } as const;
    expect((await apply(end))[0]).toEqual({ ok: true, ended: true });
    expect((await apply(end))[0]).toEqual({ ok: true, ended: false });
    expect(await verdictOn(bySession("ses_1"))).toBe("invalid_token");
    expect(await verdictOn(bySession("ses_2"))).toBe("ok");
  });

  test("end when their time is up", async () => {
    const { signIn, verdictOn } = await openAccount();
    await signIn("ses_1", byKey("one"), 60_000);
    inFuture(59_000);
    expect(await verdictOn(bySession("ses_1"))).toBe("ok");
    inFuture(2_000);
    expect(await verdictOn(bySession("ses_1"))).toBe("invalid_token");
  });

  test("a revoked key ends its sessions", async () => {
    const { signIn, verdictOn, apply } = await openAccount();
    await signIn("ses_1");
    await apply({ kind: "revoke-key", keyId: MANAGE });
    expect(await verdictOn(bySession("ses_1"))).toBe("invalid_token");
    expect(await verdictOn(byKey("one"))).toBe("key_revoked");
  });

  test("of a deactivated account may nothing, and may again when it is active", async () => {
    const { signIn, verdictOn, apply } = await openAccount();
    await signIn("ses_1");
    await apply({ kind: "change-account", changes: { status: "deactivated" } });
    expect(await verdictOn(bySession("ses_1"))).toBe("account_deactivated");
    await apply({ kind: "change-account", changes: { status: "active" } });
    expect(await verdictOn(bySession("ses_1"))).toBe("ok");
  });

  test("beyond a hundred a key, the one that would end first ends", async () => {
    const { signIn, verdictOn } = await openAccount();
    await signIn("ses_first", byKey("one"), 1_000_000);
    for (let n = 0; n < 100; n++) await signIn(`ses_${n}`);
    expect(await verdictOn(bySession("ses_first"))).toBe("invalid_token");
    expect(await verdictOn(bySession("ses_0"))).toBe("ok");
    expect(await verdictOn(bySession("ses_99"))).toBe("ok");
  });

  test("need a proof of the key: another secret opens none", async () => {
    const { signIn, verdictOn } = await openAccount();
    expect(codeOf((await signIn("ses_1", byKey("guess")))[0])).toBe("invalid_api_key");
    expect(await verdictOn(bySession("ses_1"))).toBe("invalid_token");
  });
});

describe("rotation", () => {
  test("overlap: both secrets are good until the previous one's end, then it is expired", async () => {
    const { rotate, verdictOn } = await openAccount();
    const [answer] = await rotate("two", 60_000);
    expect(answer).toMatchObject({ ok: true, key: { id: MANAGE, prefix: "inf_2n" } });
    expect(await verdictOn(byKey("one"))).toBe("ok");
    expect(await verdictOn(byKey("two"))).toBe("ok");
    inFuture(61_000);
    expect(await verdictOn(byKey("one"))).toBe("expired_api_key");
    expect(await verdictOn(byKey("two"))).toBe("ok");
  });

  test("without overlap ends the previous secret at once", async () => {
    const { rotate, verdictOn } = await openAccount();
    await rotate("two", 0);
    expect(await verdictOn(byKey("one"))).toBe("expired_api_key");
  });

  test("again replaces the previous secret: the one before is unknown", async () => {
    const { rotate, verdictOn } = await openAccount();
    await rotate("two", 60_000);
    await rotate("three", 60_000);
    expect(await verdictOn(byKey("one"))).toBe("invalid_api_key");
    expect(await verdictOn(byKey("two"))).toBe("ok");
    expect(await verdictOn(byKey("three"))).toBe("ok");
  });

  test("keeps settings and spending; changing and revoking the key is about both secrets", async () => {
    const { rotate, verdictOn, apply } = await openAccount();
    await rotate("two", 60_000);
    const [changed] = await apply({ kind: "change-key", keyId: MANAGE, changes: { name: "renamed" } });
    expect(changed).toMatchObject({ ok: true, key: { id: MANAGE, name: "renamed", scopes: SCOPES } });
    expect(await verdictOn(byKey("one"))).toBe("ok");
    await apply({ kind: "revoke-key", keyId: MANAGE });
    for (const secret of ["one", "two"]) expect(await verdictOn(byKey(secret))).toBe("key_revoked");
    expect(codeOf((await rotate("three", 0))[0])).toBe("invalid_value");
  });

  test("ends sessions with the secret that could have opened them", async () => {
    const { rotate, signIn, verdictOn } = await openAccount();
    await signIn("ses_before");
    await rotate("two", 60_000);
    const [late] = await signIn("ses_late", byKey("one"));
    expect(late).toMatchObject({ ok: true, session: { expiresAtMs: expect.any(Number) } });
    await signIn("ses_new", byKey("two"));
    for (const id of ["ses_before", "ses_late", "ses_new"]) expect(await verdictOn(bySession(id))).toBe("ok");
    inFuture(61_000);
    for (const id of ["ses_before", "ses_late"]) expect(await verdictOn(bySession(id))).toBe("invalid_token");
    expect(await verdictOn(bySession("ses_new"))).toBe("ok");
  });

  test("knows no key that is not the account's, the owner's stand-in least of all", async () => {
    const { apply } = await openAccount();
    for (const keyId of ["key_nobody00" as KeyId, SUBJECT_KEY_ID]) {
      const rotate = { kind: "rotate-key", keyId, prefix: "p", proof: proofOf("x"), overlapMs: 0 } as const;
      expect(codeOf((await apply(rotate))[0])).toBe("not_found");
      expect(codeOf((await apply({ kind: "revoke-key", keyId }))[0])).toBe("not_found");
    }
  });
});

describe("a new pepper", () => {
  test("takes over a key at its next use; the old one may then be taken away", async () => {
    const { verdictOn } = await openAccount();
    expect(await verdictOn(byKey("one", [2]))).toBe("invalid_api_key");
    expect(await verdictOn(byKey("one", [2, 1]))).toBe("ok");
    expect(await verdictOn(byKey("one", [2]))).toBe("ok");
    expect(await verdictOn(byKey("one", [1]))).toBe("invalid_api_key");
  });

  test("takes over the previous secret as well, and neither becomes the other", async () => {
    const { rotate, verdictOn } = await openAccount();
    await rotate("two", 60_000);
    expect(await verdictOn(byKey("one", [2, 1]))).toBe("ok");
    expect(await verdictOn(byKey("one", [2]))).toBe("ok");
    expect(await verdictOn(byKey("two", [2]))).toBe("invalid_api_key");
    expect(await verdictOn(byKey("two", [2, 1]))).toBe("ok");
    expect(await verdictOn(byKey("two", [2]))).toBe("ok");
    inFuture(61_000);
    expect(await verdictOn(byKey("one", [2]))).toBe("expired_api_key");
  });

  test("takes over nothing that was not proven", async () => {
    const { verdictOn } = await openAccount();
    const mixed: KeyClaim = { ...byKey("one"), proofs: [proofOf("forged", 2), proofOf("guess", 1)] };
    expect(await verdictOn(mixed)).toBe("invalid_api_key");
    expect(await verdictOn(byKey("one"))).toBe("ok");
    expect(await verdictOn(byKey("forged", [2]))).toBe("invalid_api_key");
  });
});

describe("the account's owner", () => {
  test("may everything, and has no key to show for it", async () => {
    const { apply } = await openAccount();
    const [answer, keys] = await apply(
      { kind: "authorize", ...SUBJECT, scope: "keys:write" },
      { kind: "list-keys", limit: 10, afterId: null },
    );
    expect(answer).toMatchObject({ ok: true, key: { id: SUBJECT_KEY_ID, scopes: SCOPES } });
    expect(keys).toMatchObject({ rows: [{ id: MANAGE }] });
  });

  test("may nothing in an account that is deactivated, or not there", async () => {
    const { apply, verdictOn } = await openAccount();
    await apply({ kind: "change-account", changes: { status: "deactivated" } });
    expect(await verdictOn(SUBJECT)).toBe("account_deactivated");
    const namespace = (env as unknown as { ACCOUNT: DurableObjectNamespace }).ACCOUNT;
    const nobody = namespace.get(namespace.idFromName("claims-nobody")) as unknown as AccountDoor;
    expect(codeOf((await nobody.apply([{ kind: "authorize", ...SUBJECT, scope: null }]))[0])).toBe(
      "invalid_token",
    );
  });

  test("is not somebody with a key of that name", async () => {
    const { verdictOn } = await openAccount();
    const stranger: KeyClaim = { by: "key", keyId: SUBJECT_KEY_ID, proofs: [{ pepperVersion: 0, mac: "" }] };
    expect(await verdictOn(stranger)).toBe("invalid_api_key");
    expect(await verdictOn(bySession("ses_1", SUBJECT_KEY_ID))).toBe("invalid_token");
  });
});

describe("the audit", () => {
  async function audited(apply: (...commands: Command[]) => Promise<readonly Answer[]>) {
    const [answer] = await apply({ kind: "audit", limit: 100, beforeSeq: null });
    if (!answer?.ok || !("rows" in answer)) throw new Error("no audit");
    return answer.rows as readonly AuditEntry[]; // the answer to this command
  }

  test("names every change, who made it and to what, newest first", async () => {
    const { apply, signIn } = await openAccount();
    const as = { kind: "authorize", ...byKey("one"), scope: null } as const;
    const created = newKey("key_new00000" as KeyId, "new");
    await apply({ kind: "deposit", reference: "r1", microUsd: 2_500_000, entry: "grant" });
    await apply({ kind: "deposit", reference: "r1", microUsd: 2_500_000, entry: "grant" });
    await apply({ kind: "change-account", changes: { plan: "pro" } });
    await apply(as, {
      kind: "create-key",
      key: { ...created, budget: { amountMicroUsd: 1, period: "month" } },
    });
    await signIn("ses_1");
    const session = { kind: "authorize", ...bySession("ses_1"), scope: null } as const;
    await apply(session, {
      kind: "change-key",
      keyId: created.id,
      changes: { modelPool: ["a/*"], rpm: null },
    });
    await apply(session, { kind: "end-session", sessionId: "ses_1" as SessionId });
    const owner = { kind: "authorize", ...SUBJECT, scope: null } as const;
    await apply(owner, {
      kind: "rotate-key",
      keyId: created.id,
      prefix: "p",
      proof: proofOf("next"),
      overlapMs: 5,
    });
    await apply(owner, { kind: "revoke-key", keyId: created.id });
    const rows = await audited(apply);
    expect(rows.map(({ actor, action, target, facts }) => [actor, action, target, facts])).toEqual([
      ["subject", "key.revoke", created.id, {}],
      ["subject", "key.rotate", created.id, { overlap_ms: 5 }],
      [`session:${MANAGE}`, "session.end", "ses_1", {}],
      [`session:${MANAGE}`, "key.change", created.id, { model_pool: ["a/*"], rpm: null }],
      ["operator", "session.open", "ses_1", { key_id: MANAGE }],
      [
        `key:${MANAGE}`,
        "key.create",
        created.id,
        {
          scopes: SCOPES,
          name: "test",
          model_pool: null,
          optimize_mode: null,
          region: null,
          rpm: null,
          budget: { amount_usd: 0.000001, period: "month" },
        },
      ],
      ["operator", "account.change", null, { plan: "pro" }],
      ["operator", "credits.give", null, { entry: "grant", reference: "r1", amount_usd: 2.5 }],
      ["operator", "account.open", null, { plan: "enterprise", jurisdiction: "none", key_id: MANAGE }],
    ]);
    expect(JSON.stringify(rows)).not.toContain("mac-");
  });

  test("leaves out what was refused, and what only looks", async () => {
    const { apply } = await openAccount();
    const stranger = { kind: "authorize", ...byKey("guess"), scope: null } as const;
    await apply(stranger, { kind: "revoke-key", keyId: MANAGE });
    await apply({ kind: "revoke-key", keyId: "key_nobody00" as KeyId });
    await apply({ kind: "credits" }, { kind: "account" }, { kind: "get-key", keyId: MANAGE });
    expect((await audited(apply)).map(({ action }) => action)).toEqual(["account.open"]);
  });

  test("survives an eviction and is read page by page", async () => {
    const { apply, stub } = await openAccount();
    for (let n = 0; n < 3; n++) await apply({ kind: "change-account", changes: { limits: { rpm: n } } });
    await evictDurableObject(stub);
    const [answer] = await apply({ kind: "audit", limit: 2, beforeSeq: 4 });
    expect(answer).toMatchObject({ rows: [{ seq: 3, facts: { limits: { rpm: 1 } } }, { seq: 2 }] });
  });
});

describe("erasing", () => {
  test("leaves nothing of the account, in memory as in storage", async () => {
    const { apply, door, stub, signIn, verdictOn } = await openAccount();
    await signIn("ses_1");
    await apply({ kind: "deposit", reference: "r1", microUsd: 5, entry: "grant" });
    await door.drain();
    await door.erase();
    const everything = async () => {
      const claims = [byKey("one"), bySession("ses_1"), SUBJECT];
      expect(await Promise.all(claims.map(verdictOn))).toEqual([
        "invalid_api_key",
        "invalid_token",
        "invalid_token",
      ]);
      expect(codeOf((await apply({ kind: "account" }))[0])).toBe("not_found");
      const answers = await apply(
        { kind: "credits" },
        { kind: "list-keys", limit: 9, afterId: null },
        { kind: "transactions", limit: 9, beforeSeq: null },
        { kind: "audit", limit: 9, beforeSeq: null },
      );
      expect(answers).toMatchObject([{ balanceMicroUsd: 0 }, { rows: [] }, { rows: [] }, { rows: [] }]);
    };
    await everything();
    await evictDurableObject(stub);
    await everything();
  });
});
