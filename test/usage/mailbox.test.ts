import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer, Command } from "../../src/domain/account-commands.ts";
import type { AccountId, ReservationId } from "../../src/domain/ids.ts";
import type { AccountRef } from "../../src/domain/key.ts";
import type { Mailbox, Ports } from "../../src/domain/ports.ts";
import { mailbox } from "../../src/usage/mailbox.ts";
import { type FakeApply, type FakePorts, fakePorts } from "../support/fake-ports.ts";

const refOf = (n: number): AccountRef => ({
  accountId: `acct_${String(n).padStart(11, "0")}` as AccountId,
  jurisdiction: "none",
});
const ONE = refOf(1);
const touch = (n: number): Command => ({ kind: "touch", reservationId: n as ReservationId, microUsd: n });
const renewed: Answer = { ok: true, verdict: "renewed" };

/** Answers each command with its own number, so that a callback shows whose answer it got. */
const echo: FakeApply = async (commands) =>
  commands.map((command) => ({
    ok: true,
    applied: "posted",
    postedMicroUsd: command.kind === "touch" ? command.microUsd : -1,
  }));

/** Rejects so often, then echoes. */
function failing(times: number): FakeApply {
  let left = times;
  return (commands, ref) =>
    left-- > 0 ? Promise.reject(new Error("the object broke")) : echo(commands, ref);
}

interface Posted {
  readonly box: Mailbox;
  readonly answers: (readonly [number, Answer])[];
  post(ports: Ports, n: number, account?: AccountRef): void;
}

function open(): Posted {
  const box = mailbox();
  const answers: (readonly [number, Answer])[] = [];
  return {
    box,
    answers,
    post(ports, n, account = ONE) {
      const onAnswer = (answer: Answer) => void answers.push([n, answer]);
      box.post(ports, { account, command: touch(n), onAnswer });
    },
  };
}

const numbersOf = (fake: FakePorts) =>
  fake.accountCalls.map(({ commands }) =>
    commands.map((command) => (command.kind === "touch" ? command.microUsd : null)),
  );

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("the mailbox", () => {
  it("gathers what comes within a moment and sends it in one call, in order", async () => {
    const fake = fakePorts({ apply: echo });
    const { post } = open();
    post(fake.ports, 1);
    await vi.advanceTimersByTimeAsync(10);
    post(fake.ports, 2);
    post(fake.ports, 3);
    expect(fake.accountCalls).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(20);
    expect(numbersOf(fake)).toEqual([[1, 2, 3]]);
    await vi.runAllTimersAsync();
  });

  it("leaves in time for a place to be free within 250 ms", async () => {
    const fake = fakePorts({ apply: echo });
    open().post(fake.ports, 1);
    await vi.advanceTimersByTimeAsync(50);
    expect(fake.accountCalls).toHaveLength(1);
  });

  it("gathers for each account by itself", async () => {
    const fake = fakePorts({ apply: echo });
    const { post } = open();
    post(fake.ports, 1, refOf(1));
    post(fake.ports, 2, refOf(2));
    post(fake.ports, 3, refOf(1));
    await vi.runAllTimersAsync();
    const calls = fake.accountCalls.map(({ ref }, at) => [ref.accountId, numbersOf(fake)[at]]);
    expect(calls).toEqual([
      [refOf(1).accountId, [1, 3]],
      [refOf(2).accountId, [2]],
    ]);
  });

  it("begins a new sack when one is under way, and does not wait for its answer", async () => {
    let release: (answers: readonly Answer[]) => void = () => undefined;
    const answers = [
      () => new Promise<readonly Answer[]>((resolve) => (release = resolve)),
      () => Promise.resolve([renewed]),
    ];
    const fake = fakePorts({ apply: () => (answers.shift() ?? unexpected)() });
    const box = open();
    box.post(fake.ports, 1);
    await vi.advanceTimersByTimeAsync(40);
    box.post(fake.ports, 2);
    await vi.advanceTimersByTimeAsync(40);
    expect(numbersOf(fake)).toEqual([[1], [2]]);
    expect(box.answers).toEqual([[2, renewed]]);
    release([renewed]);
    await vi.runAllTimersAsync();
    expect(box.answers).toEqual([
      [2, renewed],
      [1, renewed],
    ]);
  });

  it("gives each sender the answer to its own command", async () => {
    const fake = fakePorts({ apply: echo });
    const box = open();
    for (const n of [5, 6, 7]) box.post(fake.ports, n);
    await vi.runAllTimersAsync();
    expect(box.answers.map(([n, answer]) => [n, answer.ok && "applied" in answer && answer])).toEqual(
      [5, 6, 7].map((n) => [n, { ok: true, applied: "posted", postedMicroUsd: n }]),
    );
  });

  it("keeps the isolate alive until the answer is there", async () => {
    const fake = fakePorts({ apply: echo });
    const box = open();
    box.post(fake.ports, 1);
    const done = fake.settled();
    await vi.runAllTimersAsync();
    await done;
    expect(box.answers).toHaveLength(1);
  });

  it("sends a large sack in calls that the object takes whole", async () => {
    const fake = fakePorts({ apply: echo });
    const box = open();
    for (let n = 0; n < 5_001; n++) box.post(fake.ports, n);
    await vi.runAllTimersAsync();
    const sizes = fake.accountCalls.map(({ commands }) => commands.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
    expect(box.answers.map(([n]) => n)).toEqual(Array.from({ length: 5_001 }, (_, n) => n));
    expect(fake.logs).toEqual([]);
  });
});

describe("a broken object", () => {
  it.each([1, 2, 3, 4])(
    "is asked again after %d failures, through a new stub, with the same commands",
    async (times) => {
      const fake = fakePorts({ apply: failing(times) });
      const box = open();
      box.post(fake.ports, 1);
      box.post(fake.ports, 2);
      await vi.runAllTimersAsync();
      expect(fake.stubs).toHaveLength(times + 1);
      expect(numbersOf(fake)).toEqual(Array(times + 1).fill([1, 2]));
      expect(box.answers).toHaveLength(2);
      expect(fake.logs).toEqual([]);
    },
  );

  it("is given up within the 30 s that a Worker has left, and each command is said to be lost", async () => {
    const startedAtMs = Date.now();
    const fake = fakePorts({ apply: failing(99) });
    const box = open();
    box.post(fake.ports, 1);
    box.post(fake.ports, 2);
    await vi.runAllTimersAsync();
    expect(Date.now() - startedAtMs).toBeLessThan(20_000);
    expect(fake.stubs).toHaveLength(5);
    expect(box.answers).toEqual([]);
    const lost = { event: "command-lost", level: "error", account_id: ONE.accountId, kind: "touch" };
    expect(fake.logs).toEqual([lost, lost]);
  });

  it("that answers fewer than it was asked has lost the rest, not shifted it", async () => {
    const fake = fakePorts({ apply: async () => [renewed] });
    const box = open();
    for (const n of [1, 2]) box.post(fake.ports, n);
    await vi.runAllTimersAsync();
    expect(box.answers).toEqual([[1, renewed]]);
    expect(fake.logs).toMatchObject([{ event: "command-lost" }]);
  });

  it("does not hold up what is posted meanwhile", async () => {
    const fake = fakePorts({ apply: failing(1) });
    const box = open();
    box.post(fake.ports, 1);
    await vi.advanceTimersByTimeAsync(40);
    box.post(fake.ports, 2);
    await vi.advanceTimersByTimeAsync(40);
    expect(box.answers.map(([n]) => n)).toEqual([2]);
    await vi.runAllTimersAsync();
    expect(box.answers.map(([n]) => n)).toEqual([2, 1]);
  });
});

describe("a sack whose request was torn down", () => {
  /** Timers and promises of such a request never come. */
  async function strand(box: Posted, torn: FakePorts): Promise<void> {
    const { setTimeout: real } = globalThis;
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    box.post(torn.ports, 1);
    globalThis.setTimeout = real;
    await vi.advanceTimersByTimeAsync(500);
  }

  it("is taken over by the next request behind it, with everything in it, once", async () => {
    const torn = fakePorts({ apply: echo });
    const box = open();
    await strand(box, torn);
    const soon = fakePorts({ apply: echo });
    box.post(soon.ports, 2);
    await vi.advanceTimersByTimeAsync(100);
    // It may only be slow: a second is given before it counts as torn down.
    expect(soon.accountCalls).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1_000);
    const next = fakePorts({ apply: echo });
    box.post(next.ports, 3);
    await vi.runAllTimersAsync();
    expect(numbersOf(next)).toEqual([[1, 2, 3]]);
    expect(torn.accountCalls).toHaveLength(0);
    expect(box.answers.map(([n]) => n)).toEqual([1, 2, 3]);
  });

  it("is sent once, though several come to take it over", async () => {
    const box = open();
    await strand(box, fakePorts({ apply: echo }));
    await vi.advanceTimersByTimeAsync(1_000);
    const fakes = [2, 3, 4].map((n) => {
      const fake = fakePorts({ apply: echo });
      box.post(fake.ports, n);
      return fake;
    });
    await vi.runAllTimersAsync();
    expect(fakes.flatMap(numbersOf)).toEqual([[1, 2, 3, 4]]);
  });

  it("leaves the mailbox as new: the next one gathers again", async () => {
    const box = open();
    await strand(box, fakePorts({ apply: echo }));
    await vi.advanceTimersByTimeAsync(1_000);
    const fake = fakePorts({ apply: echo });
    box.post(fake.ports, 2);
    await vi.runAllTimersAsync();
    box.post(fake.ports, 3);
    box.post(fake.ports, 4);
    await vi.runAllTimersAsync();
    expect(numbersOf(fake)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

function unexpected(): Promise<never> {
  return Promise.reject(new Error("one call too many"));
}
