import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accepted, admit, applyTo } from "../../src/admission/admit.ts";
import type { Answer, Refusal } from "../../src/domain/account-commands.ts";
import { RouterError } from "../../src/domain/errors.ts";
import type { AccountId, KeyId, RequestId, ReservationId, SessionId } from "../../src/domain/ids.ts";
import { type Caller, type KeyCaller, SUBJECT_KEY_ID } from "../../src/domain/key.ts";
import { type FakeApply, fakePorts } from "../support/fake-ports.ts";

const CALLER: KeyCaller = {
  by: "key",
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
  tokens: 30,
  gpuMs: 0,
  idempotency: null,
} as const;
const RESERVATION = { id: 1 as ReservationId, heldMicroUsd: 2, leaseMs: 60_000 };
const ADMITTED: Answer = {
  ok: true,
  verdict: "admitted",
  reservation: RESERVATION,
  limits: {},
  queueDepth: 0,
};

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
    const { by, keyId, proofs } = CALLER;
    expect(await admit(fake.ports, CALLER, REQUEST)).toEqual(ADMITTED);
    expect(fake.accountCalls).toHaveLength(1);
    expect(fake.accountCalls[0]?.commands).toEqual([
      { kind: "admit", by, keyId, proofs, scope: "inference", ...REQUEST },
    ]);
  });

  it("gives the earlier answer's place back as a value, where the same request was answered", async () => {
    const replay = { requestId: "req_0" as RequestId, jurisdiction: "eu" } as const;
    const answer = await admit(always({ ok: true, verdict: "replay", replay }).ports, CALLER, REQUEST);
    expect(answer).toMatchObject({ verdict: "replay", replay });
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
    const good = { ok: true, verdict: "renewed" } as const;
    expect(accepted(good)).toBe(good);
    expect(() => accepted({ ok: false, code: "key_revoked", message: "Gone." })).toThrow("Gone.");
  });
});

describe("a refusal for the minute's requests", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const FULL: Refusal = {
    ok: false,
    code: "rate_limit_exceeded",
    message: "Wait.",
    retryAfterMs: 30_000,
    limits: { requests: { limit: 5, remaining: 0, resetMs: 61_000 } },
  };

  /** Refuses with the first, and lets everything behind it in. */
  function refusingOnce(refusal: Refusal) {
    const answers: Answer[] = [refusal];
    return fakePorts({ apply: async () => [answers.shift() ?? ADMITTED] });
  }

  const codeOf = (asked: Promise<unknown>) =>
    asked.then(
      () => "admitted",
      (error: RouterError) => error.code,
    );

  it("is repeated for a second without asking, with the time that is left", async () => {
    const fake = refusingOnce(FULL);
    expect(await codeOf(admit(fake.ports, CALLER, REQUEST))).toBe("rate_limit_exceeded");
    await vi.advanceTimersByTimeAsync(999);
    const again = await admit(fake.ports, CALLER, REQUEST).catch((error) => error);
    expect(again).toMatchObject({ code: "rate_limit_exceeded", details: { retryAfterMs: 29_001 } });
    expect(again.details.headers["x-ratelimit-limit-requests"]).toBe("5");
    expect(fake.accountCalls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await codeOf(admit(fake.ports, CALLER, REQUEST))).toBe("admitted");
  });

  it("is never repeated beyond the instant at which there is room", async () => {
    const fake = refusingOnce({ ...FULL, retryAfterMs: 40 });
    await codeOf(admit(fake.ports, CALLER, REQUEST));
    await vi.advanceTimersByTimeAsync(39);
    expect(await codeOf(admit(fake.ports, CALLER, REQUEST))).toBe("rate_limit_exceeded");
    await vi.advanceTimersByTimeAsync(1);
    expect(await codeOf(admit(fake.ports, CALLER, REQUEST))).toBe("admitted");
  });

  it("is repeated to the same secret, session or subject and to nobody else", async () => {
    const session = { ...CALLER, by: "session", sessionId: "ses_1" as SessionId } as Caller;
    const subject = { ...CALLER, by: "subject", keyId: SUBJECT_KEY_ID } as Caller;
    const secret: Caller = { ...CALLER, proofs: [{ pepperVersion: 2, mac: "another" }] };
    const callers = [CALLER, session, subject, secret];
    for (const refused of callers) {
      const fake = refusingOnce(FULL);
      await codeOf(admit(fake.ports, refused, REQUEST));
      const codes = await Promise.all(callers.map((caller) => codeOf(admit(fake.ports, caller, REQUEST))));
      expect(codes).toEqual(
        callers.map((caller) => (caller === refused ? "rate_limit_exceeded" : "admitted")),
      );
    }
  });

  it("does not hide from a request that only proves its key", async () => {
    const fake = refusingOnce(FULL);
    await codeOf(admit(fake.ports, CALLER, REQUEST));
    expect(await codeOf(admit(fake.ports, CALLER, { ...REQUEST, intent: "prove-key" }))).toBe("admitted");
  });

  it.each(["tokens_exceeded", "concurrency_exceeded", "gpu_quota_exceeded", "insufficient_credits"] as const)(
    "is the only one that is repeated: %s may be over for a smaller request, or at once",
    async (code) => {
      const fake = refusingOnce({ ...FULL, code });
      expect(await codeOf(admit(fake.ports, CALLER, REQUEST))).toBe(code);
      expect(await codeOf(admit(fake.ports, CALLER, REQUEST))).toBe("admitted");
    },
  );
});
