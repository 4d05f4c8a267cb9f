import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accepted, admit, applyTo, keepLease } from "../../src/admission/admit.ts";
import type { Answer, Command } from "../../src/domain/account-commands.ts";
import { RouterError } from "../../src/domain/errors.ts";
import type { AccountId, KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import type { Caller } from "../../src/domain/key.ts";
import { type FakeApply, fakePorts } from "../support/fake-ports.ts";

const CALLER: Caller = {
  accountId: "acct_00000000001" as AccountId,
  jurisdiction: "none",
  keyId: "key_00000001" as KeyId,
  proofs: [{ pepperVersion: 2, mac: "mac" }],
};
const REQUEST = {
  nonce: "req_1" as RequestId,
  viewVersion: 3,
  intent: "consume",
  hold: { leastMicroUsd: 1, mostMicroUsd: 2 },
} as const;
const RESERVATION = { id: 1 as ReservationId, heldMicroUsd: 2, leaseMs: 60_000 };
const ADMITTED: Answer = { ok: true, verdict: "admitted", reservation: RESERVATION, limits: {} };

const always = (answer: Answer) => fakePorts({ apply: () => Promise.resolve([answer]) });
const fault = (flags: object) => Object.assign(new Error("the object broke"), flags);

/** Fails with each in turn, then answers. */
function failing(...causes: readonly unknown[]): FakeApply {
  const left = [...causes];
  return () => (left.length > 0 ? Promise.reject(left.shift()) : Promise.resolve([ADMITTED]));
}

describe("admit", () => {
  it("sends one command with the caller's claims and gives the answer back", async () => {
    const fake = always(ADMITTED);
    const { keyId, proofs } = CALLER;
    expect(await admit(fake.ports, CALLER, REQUEST)).toEqual(ADMITTED);
    expect(fake.accountCalls).toHaveLength(1);
    expect(fake.accountCalls[0]?.commands).toEqual([
      { kind: "admit", keyId, proofs, scope: "inference", ...REQUEST },
    ]);
  });

  it("gives a stale view back as a value", async () => {
    const view = { version: 4, modelPool: null, optimizeMode: null, region: null };
    const answer = await admit(always({ ok: true, verdict: "stale", view }).ports, CALLER, REQUEST);
    expect(answer).toMatchObject({ verdict: "stale", view });
  });

  it("throws a refusal with its time to retry and the headers of the limit", async () => {
    const limits = { requests: { limit: 5, remaining: 0, resetMs: 61_000 } };
    const refusal: Answer = {
      ok: false,
      code: "rate_limit_exceeded",
      message: "Wait.",
      retryAfterMs: 9,
      limits,
    };
    const error = await admit(always(refusal).ports, CALLER, REQUEST).catch((cause) => cause);
    expect(error).toBeInstanceOf(RouterError);
    expect(error).toMatchObject({ status: 429, message: "Wait.", details: { retryAfterMs: 9 } });
    expect(error.details.headers["x-ratelimit-remaining-requests"]).toBe("0");
  });
});

describe("a broken object", () => {
  it("is asked once more, through a new stub, where it says that this may help", async () => {
    const fake = fakePorts({ apply: failing(fault({ retryable: true })) });
    expect(await applyTo(fake.ports, CALLER, [])).toEqual([ADMITTED]);
    expect(fake.stubs).toHaveLength(2);
  });

  it.each([
    ["overloaded", [fault({ overloaded: true })], 1],
    ["broken for good", [fault({})], 1],
    ["broken twice", [fault({ retryable: true }), fault({ retryable: true })], 2],
    ["thrown as text", ["a string"], 1],
  ])("that is %s is a 503, not a 500", async (_, causes, calls) => {
    const fake = fakePorts({ apply: failing(...causes) });
    const error = await applyTo(fake.ports, CALLER, []).catch((cause) => cause);
    expect(error).toMatchObject({ code: "overloaded", status: 503, details: { retryAfterMs: 1_000 } });
    expect(error.message).not.toContain("broke");
    expect(fake.stubs).toHaveLength(calls);
  });
});

describe("accepted", () => {
  it("is the good answer itself, and throws a plain refusal without extras", () => {
    const good = { ok: true, revoked: false } as const;
    expect(accepted(good)).toBe(good);
    expect(() => accepted({ ok: false, code: "key_revoked", message: "Gone." })).toThrow("Gone.");
  });
});

describe("a lease", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const order = (fields: { used?: () => number; onRevoked?: () => void }) => ({
    account: CALLER,
    reservation: RESERVATION,
    usedMicroUsd: fields.used ?? (() => 0),
    onRevoked: fields.onRevoked ?? (() => undefined),
  });
  const touched = (calls: readonly { readonly commands: readonly Command[] }[]) =>
    calls.flatMap(({ commands }) =>
      commands.map((command) => (command.kind === "touch" ? command.microUsd : null)),
    );

  it("is renewed six times within its length, with what was used so far", async () => {
    const fake = always({ ok: true, revoked: false });
    let used = 0;
    const lease = keepLease(fake.ports, order({ used: () => ++used }));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(touched(fake.accountCalls)).toEqual([]);
    await vi.advanceTimersByTimeAsync(50_001);
    expect(touched(fake.accountCalls)).toEqual([1, 2, 3, 4, 5, 6]);
    lease.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fake.accountCalls).toHaveLength(6);
  });

  it("tells when the key was revoked meanwhile", async () => {
    const onRevoked = vi.fn();
    const lease = keepLease(always({ ok: true, revoked: true }).ports, order({ onRevoked }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onRevoked).toHaveBeenCalledOnce();
    lease.end();
  });

  it("outlives failed and refused renewals", async () => {
    const onRevoked = vi.fn();
    const refusal: Answer = { ok: false, code: "overloaded", message: "" };
    const answers = [
      () => Promise.reject(fault({})),
      () => Promise.resolve([refusal]),
      () => Promise.resolve([]),
    ];
    const fake = fakePorts({ apply: () => (answers.shift() ?? (() => Promise.resolve([])))() });
    const lease = keepLease(fake.ports, order({ onRevoked }));
    await vi.advanceTimersByTimeAsync(40_000);
    expect(fake.accountCalls).toHaveLength(4);
    expect(onRevoked).not.toHaveBeenCalled();
    lease.end();
  });
});
