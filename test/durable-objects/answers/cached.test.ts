import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_SHELF_SIZE } from "../../../durable-objects/answers/cached.ts";
import type { AnswersDoor } from "../../../src/domain/idempotency.ts";
import { type CachedAnswer, MAX_CACHED_LENGTH } from "../../../src/domain/response-cache.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ANSWER: CachedAnswer = {
  model: "Qwen/Qwen3-14B",
  origin: "us-east-1",
  servedAs: "qwen3-14b",
  createdS: 1_712_345_678,
  usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 2, gpuMs: 0, estimated: false },
  isUsageReported: true,
  text: '{"text":"Grüße, 世界 \\u0000 \\"\\ud800\\""}',
};

let objects = 0;
/** Far ahead of the runtime's own clock: no alarm rings by itself. */
let nowMs = 0;
beforeEach(() => {
  nowMs = Date.now() + DAY_MS;
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
});
afterEach(() => void vi.restoreAllMocks());

function open() {
  const namespace = (env as unknown as { ANSWERS: DurableObjectNamespace }).ANSWERS;
  const stub = namespace.get(namespace.idFromName(`cached-${objects++}`));
  const inside = <Result>(work: (storage: DurableObjectStorage) => Result | Promise<Result>) =>
    runInDurableObject(stub, (_object, state) => work(state.storage));
  return {
    stub,
    answers: stub as unknown as AnswersDoor,
    weight: () =>
      inside(({ sql }) =>
        sql.exec("SELECT count(*) AS rows, coalesce(sum(size), 0) AS size FROM cached").one(),
      ),
    alarm: () => inside((storage) => storage.getAlarm()),
  };
}

/** So many that the shelf is full, each a second younger than the one before; how many that were. */
async function fill({ answers }: ReturnType<typeof open>): Promise<number> {
  const text = "x".repeat(MAX_CACHED_LENGTH);
  const many = Math.ceil(MAX_SHELF_SIZE / MAX_CACHED_LENGTH) + 2;
  for (let n = 0; n < many; n++)
    await answers.remember(`p-${n}`, { ...ANSWER, text }, nowMs + DAY_MS + n * 1_000);
  return many;
}

describe("an answer", () => {
  test("is recalled as it was remembered, to every character", async () => {
    const { answers } = open();
    await answers.remember("p", ANSWER, nowMs + DAY_MS);
    expect(await answers.recall("p")).toEqual(ANSWER);
  });

  test.each(["世", '"', "\\", "\u0000"])("of %j, as long as one may be, is kept whole", async (character) => {
    const { answers } = open();
    const text = character.repeat(MAX_CACHED_LENGTH);
    await answers.remember("p", { ...ANSWER, text }, nowMs + DAY_MS);
    expect((await answers.recall("p"))?.text === text).toBe(true);
  });

  test("of another place, and one that nobody remembered, is null", async () => {
    const { answers } = open();
    await answers.remember("p", ANSWER, nowMs + DAY_MS);
    expect([await answers.recall("q"), await answers.recall("P")]).toEqual([null, null]);
  });

  test("remembered again takes the place of the first", async () => {
    const { answers, weight } = open();
    await answers.remember("p", { ...ANSWER, text: "first" }, nowMs + HOUR_MS);
    await answers.remember("p", { ...ANSWER, text: "second" }, nowMs + DAY_MS);
    nowMs += HOUR_MS;
    expect((await answers.recall("p"))?.text).toBe("second");
    expect((await weight()).rows).toBe(1);
  });

  test("is gone to the millisecond when its time is over, swept or not", async () => {
    const { answers } = open();
    await answers.remember("p", ANSWER, nowMs + DAY_MS);
    nowMs += DAY_MS - 1;
    expect(await answers.recall("p")).toEqual(ANSWER);
    nowMs += 1;
    expect(await answers.recall("p")).toBeNull();
  });

  test("survives an eviction", async () => {
    const { answers, stub } = open();
    await answers.remember("p", ANSWER, nowMs + DAY_MS);
    await evictDurableObject(stub);
    expect(await answers.recall("p")).toEqual(ANSWER);
  });

  test("is not what an Idempotency-Key of the same name keeps", async () => {
    const { answers } = open();
    await answers.put("p", { status: 200, headers: {}, body: "kept" }, nowMs + DAY_MS);
    expect(await answers.recall("p")).toBeNull();
    await answers.remember("q", ANSWER, nowMs + DAY_MS);
    expect(await answers.get("q")).toBeNull();
  });
});

describe("a full shelf", () => {
  test("drops the oldest and no more than it must", async () => {
    const full = open();
    const many = await fill(full);
    const { rows, size } = await full.weight();
    expect(size).toBeLessThanOrEqual(MAX_SHELF_SIZE);
    expect(Number(size)).toBeGreaterThan(MAX_SHELF_SIZE - 2 * MAX_CACHED_LENGTH);
    const dropped = many - Number(rows);
    expect(dropped).toBeGreaterThan(0);
    expect(await full.answers.recall(`p-${dropped - 1}`)).toBeNull();
    expect(await full.answers.recall(`p-${dropped}`)).not.toBeNull();
    expect(await full.answers.recall(`p-${many - 1}`)).not.toBeNull();
  }, 30_000);

  test("still is one after an eviction", async () => {
    const full = open();
    await fill(full);
    const before = await full.weight();
    await evictDurableObject(full.stub);
    await full.answers.remember(
      "one more",
      { ...ANSWER, text: "x".repeat(MAX_CACHED_LENGTH) },
      nowMs + 2 * DAY_MS,
    );
    const after = await full.weight();
    expect(after.rows).toBe(before.rows);
    expect(after.size).toBeLessThanOrEqual(MAX_SHELF_SIZE);
  }, 30_000);
});

describe("the sweep", () => {
  test("deletes what has expired and nothing else, of both kinds", async () => {
    const { answers, stub, weight, alarm } = open();
    await answers.remember("old", ANSWER, nowMs + HOUR_MS);
    expect(await alarm()).toBe(nowMs + HOUR_MS);
    await answers.remember("new", ANSWER, nowMs + DAY_MS);
    await answers.put("req_1", { status: 200, headers: {}, body: "kept" }, nowMs + HOUR_MS / 2);
    nowMs += HOUR_MS;
    await runDurableObjectAlarm(stub);
    expect((await weight()).rows).toBe(1);
    expect(await answers.recall("new")).toEqual(ANSWER);
    expect(await alarm()).toBe(nowMs + HOUR_MS);
    nowMs += DAY_MS;
    await runDurableObjectAlarm(stub);
    expect(await weight()).toEqual({ rows: 0, size: 0 });
    expect(await alarm()).toBeNull();
  });

  test("goes on in small turns until all that expired is gone", async () => {
    const { answers, stub, weight, alarm } = open();
    for (let n = 0; n < 501; n++) await answers.remember(`p-${n}`, ANSWER, nowMs + HOUR_MS);
    nowMs += HOUR_MS;
    await runDurableObjectAlarm(stub);
    expect((await weight()).rows).toBe(1);
    expect(((await alarm()) ?? Number.POSITIVE_INFINITY) - nowMs).toBeLessThanOrEqual(1_000);
    await runDurableObjectAlarm(stub);
    expect((await weight()).rows).toBe(0);
  }, 20_000);
});

describe("erase", () => {
  test("leaves nothing, and a shelf that weighs nothing", async () => {
    const full = open();
    await fill(full);
    await full.answers.erase();
    expect(await full.answers.recall("p-5")).toBeNull();
    expect(await full.weight()).toEqual({ rows: 0, size: 0 });
    await full.answers.remember("p", ANSWER, nowMs + HOUR_MS);
    await full.answers.remember("q", ANSWER, nowMs + DAY_MS);
    expect((await full.weight()).rows).toBe(2);
  }, 30_000);
});
