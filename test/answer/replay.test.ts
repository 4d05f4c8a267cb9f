import { describe, expect, it } from "vitest";
import { keepAnswer, replayAnswer } from "../../src/answer/replay.ts";
import type { Accepted } from "../../src/domain/accepted.ts";
import type { AnswersDoor, StoredAnswer } from "../../src/domain/idempotency.ts";
import type { AccountId, RequestId } from "../../src/domain/ids.ts";
import type { AccountRef, Jurisdiction } from "../../src/domain/key.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { fakePorts } from "../support/fake-ports.ts";

const ACCOUNT: AccountRef = { accountId: "acct_00000000001" as AccountId, jurisdiction: "us" };
const REQUEST = "req_first" as RequestId;
const ANSWER: StoredAnswer = {
  status: 200,
  headers: {
    "content-type": "application/json",
    "x-request-id": REQUEST,
    "x-inferroute-cost-usd": "0.000025",
  },
  body: '{"id":"chatcmpl-first"}',
};
const DAY_MS = 86_400_000;

interface Kept {
  readonly place: string;
  readonly answer: StoredAnswer;
  readonly expiresAtMs: number;
}

/** Answers by account, jurisdiction and id, as the objects keep them apart. */
function answersPorts(broken: Partial<AnswersDoor> = {}) {
  const kept: Kept[] = [];
  const place = (ref: AccountRef, jurisdiction: Jurisdiction, id: string) =>
    `${ref.accountId}/${jurisdiction}/${id}`;
  const answers: Ports["answers"] = (ref, jurisdiction) => ({
    async put(id, answer, expiresAtMs) {
      kept.push({ place: place(ref, jurisdiction, id), answer, expiresAtMs });
    },
    get: async (id) => kept.find((each) => each.place === place(ref, jurisdiction, id))?.answer ?? null,
    recall: async () => null,
    remember: async () => undefined,
    erase: async () => undefined,
    ...broken,
  });
  return { ports: { ...fakePorts().ports, answers }, kept };
}

/** The pinned region's jurisdiction is not the account's. */
const ACCEPTED = { caller: ACCOUNT, requestId: REQUEST, textJurisdiction: "eu" } as unknown as Accepted; // all that is read

describe("an answer", () => {
  it("is kept for a day, in the jurisdiction of the region that was pinned", async () => {
    const { ports, kept } = answersPorts();
    const sinceMs = Date.now();
    expect(await keepAnswer(ports, ACCEPTED, ANSWER)).toBe(true);
    expect(kept).toMatchObject([{ place: `${ACCOUNT.accountId}/eu/${REQUEST}`, answer: ANSWER }]);
    expect((kept[0]?.expiresAtMs ?? 0) - sinceMs - DAY_MS).toBeLessThan(1_000);
    expect(kept[0]?.expiresAtMs).toBeGreaterThanOrEqual(sinceMs + DAY_MS);
  });

  it("that is too long for a row of storage is not kept, and nobody is asked to", async () => {
    const { ports, kept } = answersPorts();
    expect(await keepAnswer(ports, ACCEPTED, { ...ANSWER, body: "x".repeat(512 * 1024) })).toBe(true);
    expect(await keepAnswer(ports, ACCEPTED, { ...ANSWER, body: "x".repeat(512 * 1024 + 1) })).toBe(false);
    expect(kept).toHaveLength(1);
  });

  it("that cannot be stored is not kept: the caller still has it", async () => {
    const { ports } = answersPorts({ put: () => Promise.reject(new Error("the object broke")) });
    expect(await keepAnswer(ports, ACCEPTED, ANSWER)).toBe(false);
  });
});

describe("a replay", () => {
  const replay = { requestId: REQUEST, jurisdiction: "eu" } as const;

  it("is the first answer, byte for byte, and says that it is one and whose", async () => {
    const { ports } = answersPorts();
    await keepAnswer(ports, ACCEPTED, { ...ANSWER, status: 201 });
    const response = await replayAnswer(ports, ACCOUNT, replay);
    expect(response.status).toBe(201);
    expect(await response.text()).toBe(ANSWER.body);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "application/json",
      "x-inferroute-cost-usd": "0.000025",
      "idempotency-replayed": "true",
      "x-inferroute-original-request-id": REQUEST,
    });
  });

  it("is looked for where the first answer was stored, and nowhere else", async () => {
    const { ports } = answersPorts();
    await keepAnswer(ports, ACCEPTED, ANSWER);
    const elsewhere = replayAnswer(ports, ACCOUNT, { ...replay, jurisdiction: "us" });
    await expect(elsewhere).rejects.toMatchObject({ code: "stream_not_replayable" });
    const stranger = { ...ACCOUNT, accountId: "acct_00000000002" as AccountId };
    await expect(replayAnswer(ports, stranger, replay)).rejects.toMatchObject({
      code: "stream_not_replayable",
    });
  });

  it("of a text that is gone is a 409 that names the request", async () => {
    const error = await replayAnswer(answersPorts().ports, ACCOUNT, replay).catch((cause) => cause);
    expect(error).toMatchObject({ code: "stream_not_replayable", status: 409 });
    expect(error.message).toContain(REQUEST);
  });
});
