import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Ask,
  free,
  type LimitState,
  limitState,
  limitsLeft,
  overLimit,
  restoreLimits,
  snapshotLimits,
  take,
} from "../../src/admission/limits.ts";
import type { KeyId, ReservationId } from "../../src/domain/ids.ts";
import type { Limits } from "../../src/domain/plan.ts";

const START_MS = Date.UTC(2026, 10, 20, 12, 0, 0, 321);
const MINUTE_MS = 60_000;
const LEASE_MS = 60_000;

/** One request as a log keeps it that forgets nothing. */
interface Logged {
  readonly id: ReservationId;
  readonly keyId: KeyId;
  readonly atMs: number;
  readonly asked: number;
  /** As asked until it ends, then as used. */
  tokens: number;
  isOpen: boolean;
}

const KEYS = ["key_0", "key_1", "key_2"] as const;
const KEY_RPM: Readonly<Record<string, number | null>> = { key_0: null, key_1: 2, key_2: 5 };

const wait = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 500 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 15_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(999, 1_000, 59_999, 60_000, 60_999, 61_000) },
  { weight: 1, arbitrary: fc.constant(3_600_000) },
);
const happening = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("ask" as const),
      waitMs: wait,
      key: fc.constantFrom(...KEYS),
      tokens: fc.integer({ min: 0, max: 800 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      waitMs: wait,
      which: fc.nat(20),
      /** Of what was asked. */
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), waitMs: wait }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer Each> ? Each : never;
const happenings = fc.array(happening, { minLength: 1, maxLength: 150 });
const limits: fc.Arbitrary<Limits> = fc.record({
  rpm: fc.option(fc.integer({ min: 1, max: 10 })),
  tpm: fc.option(fc.integer({ min: 1, max: 2_000 })),
  concurrency: fc.option(fc.integer({ min: 1, max: 8 })),
  gpuHours: fc.constant(null),
});

interface Turn {
  readonly state: LimitState;
  readonly ask: Ask;
  readonly log: readonly Logged[];
  readonly over: ReturnType<typeof overLimit>;
}

/** Plays what happens; `onAsk` sees each request before it is counted. */
function play(course: readonly Happening[], most: Limits, onAsk: (turn: Turn) => void): readonly Logged[] {
  let state = limitState();
  const log: Logged[] = [];
  let nowMs = START_MS;
  for (const each of course) {
    nowMs += each.waitMs;
    if (each.kind === "restart") {
      const open = log.filter(({ isOpen }) => isOpen).map(({ id }) => id);
      state = restoreLimits(structuredClone(snapshotLimits(state, nowMs)), open, LEASE_MS);
    } else if (each.kind === "end") {
      const open = log.filter(({ isOpen }) => isOpen);
      const ended = open[each.which % Math.max(1, open.length)];
      if (ended === undefined) continue;
      const tokens = Math.floor(ended.asked * each.share);
      // After a restart nobody knows what a request was counted with: it stays as asked.
      const isKnown = (state.slots.get(ended.id)?.second ?? 0) > 0;
      free(state, ended.id, { used: { tokens, gpuMs: 0 }, nowMs });
      if (isKnown) ended.tokens = tokens;
      ended.isOpen = false;
    } else {
      const keyId = each.key as KeyId;
      const ask = { keyId, keyRpm: KEY_RPM[each.key] ?? null, tokens: each.tokens, gpuMs: 0, nowMs };
      const over = overLimit(state, most, ask);
      onAsk({ state, ask, log, over });
      if (over !== null) continue;
      const id = (log.length + 1) as ReservationId;
      take(state, id, ask);
      log.push({ id, keyId, atMs: nowMs, asked: each.tokens, tokens: each.tokens, isOpen: true });
    }
  }
  return log;
}

const sumOf = (log: readonly Logged[]) => log.reduce((sum, { tokens }) => sum + tokens, 0);
const within = (log: readonly Logged[], nowMs: number, ms: number) =>
  log.filter(({ atMs }) => atMs > nowMs - ms);

describe("against a log that forgets nothing", () => {
  test("no limit is exceeded in any sliding minute, whoever asks for how much and whenever it restarts", () => {
    fc.assert(
      fc.property(happenings, limits, (course, most) => {
        play(course, most, ({ ask, log, over }) => {
          if (over !== null) return;
          const { nowMs, keyId, keyRpm, tokens } = ask;
          const recent = within(log, nowMs, MINUTE_MS + 1);
          if (most.rpm !== null) expect(recent.length + 1).toBeLessThanOrEqual(most.rpm);
          const ofKey = recent.filter((each) => each.keyId === keyId);
          if (keyRpm !== null) expect(ofKey.length + 1).toBeLessThanOrEqual(keyRpm);
          // What exceeds the limit by itself is let in alone, or it never could be.
          if (most.tpm !== null && sumOf(recent) > 0)
            expect(sumOf(recent) + tokens).toBeLessThanOrEqual(most.tpm);
          const open = log.filter(({ isOpen }) => isOpen);
          if (most.concurrency !== null) expect(open.length + 1).toBeLessThanOrEqual(most.concurrency);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("nobody is refused whom the log of the last 61 seconds would let in", () => {
    fc.assert(
      fc.property(happenings, limits, (course, most) => {
        play(course, most, ({ ask, log, over }) => {
          if (over === null) return;
          const { nowMs, keyId, keyRpm, tokens } = ask;
          const recent = within(log, nowMs, 61_000);
          const isFull: Readonly<Record<string, boolean>> = {
            rate_limit_exceeded:
              recent.length >= (most.rpm ?? Number.POSITIVE_INFINITY) ||
              recent.filter((each) => each.keyId === keyId).length >= (keyRpm ?? Number.POSITIVE_INFINITY),
            tokens_exceeded: most.tpm !== null && sumOf(recent) + Math.min(tokens, most.tpm) > most.tpm,
            concurrency_exceeded:
              log.filter(({ isOpen }) => isOpen).length >= (most.concurrency ?? Number.POSITIVE_INFINITY),
          };
          expect(isFull[over.code]).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("whoever waits as told is let in, and a millisecond earlier is not", () => {
    fc.assert(
      fc.property(happenings, limits, (course, most) => {
        const unheld = { ...most, concurrency: null };
        play(course, unheld, ({ state, ask, over }) => {
          if (over === null) return;
          const copy = () => restoreLimits(structuredClone(snapshotLimits(state, ask.nowMs)), [], LEASE_MS);
          const at = (nowMs: number) => overLimit(copy(), unheld, { ...ask, nowMs });
          expect(at(ask.nowMs + over.retryAfterMs)).toBeNull();
          expect(at(ask.nowMs + over.retryAfterMs - 1)).not.toBeNull();
        });
      }),
      { numRuns: 200 },
    );
  });

  test("what is shown as left is what is left", () => {
    fc.assert(
      fc.property(happenings, limits, (course, most) => {
        play(course, most, ({ state, ask, log }) => {
          const { keyId, keyRpm, nowMs } = ask;
          const recent = within(log, nowMs, 61_000).filter(
            ({ atMs }) => secondOf(atMs) > secondOf(nowMs) - 61,
          );
          const ofKey = recent.filter((each) => each.keyId === keyId).length;
          const left = [
            ...(most.rpm === null ? [] : [most.rpm - recent.length]),
            ...(keyRpm === null ? [] : [keyRpm - ofKey]),
          ];
          const shown = limitsLeft(state, most, ask);
          expect(shown.requests?.remaining).toBe(
            left.length === 0 ? undefined : Math.max(0, Math.min(...left)),
          );
          expect(shown.tokens?.remaining).toBe(
            most.tpm === null ? undefined : Math.max(0, most.tpm - sumOf(recent)),
          );
        });
      }),
      { numRuns: 300 },
    );
  });
});

const secondOf = (ms: number) => Math.floor(ms / 1_000);
