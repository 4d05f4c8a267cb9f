import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnswersDoor, StoredAnswer } from "../../src/domain/idempotency.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ANSWER: StoredAnswer = {
  status: 200,
  headers: { "content-type": "application/json", "x-inferroute-model": "Qwen/Qwen3-14B" },
  body: '{"text":"Grüße, 世界 \u0000 \\ud800"}',
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
  const stub = namespace.get(namespace.idFromName(`answers-${objects++}`));
  const inside = <Result>(work: (storage: DurableObjectStorage) => Result | Promise<Result>) =>
    runInDurableObject(stub, (_object, state) => work(state.storage));
  return {
    stub,
    answers: stub as unknown as AnswersDoor,
    count: () => inside(({ sql }) => sql.exec("SELECT count(*) AS n FROM answer").one().n),
    alarm: () => inside((storage) => storage.getAlarm()),
  };
}

describe("an answer", () => {
  test("is given back as it was put: status, headers and every character", async () => {
    const { answers } = open();
    await answers.put("req_1", { ...ANSWER, status: 201 }, nowMs + DAY_MS);
    expect(await answers.get("req_1")).toEqual({ ...ANSWER, status: 201 });
  });

  test("as long as one may be is kept whole", async () => {
    const { answers } = open();
    const body = "世".repeat(512 * 1024);
    await answers.put("req_1", { ...ANSWER, body }, nowMs + DAY_MS);
    expect((await answers.get("req_1"))?.body).toBe(body);
  });

  test("put again replaces the first", async () => {
    const { answers, count } = open();
    await answers.put("req_1", ANSWER, nowMs + DAY_MS);
    await answers.put("req_1", { ...ANSWER, body: "second" }, nowMs + DAY_MS);
    expect((await answers.get("req_1"))?.body).toBe("second");
    expect(await count()).toBe(1);
  });

  test("nobody put is null", async () => {
    expect(await open().answers.get("req_1")).toBeNull();
  });

  test("survives an eviction", async () => {
    const { answers, stub } = open();
    await answers.put("req_1", ANSWER, nowMs + DAY_MS);
    await evictDurableObject(stub);
    expect(await answers.get("req_1")).toEqual(ANSWER);
  });

  test("is gone to the millisecond when its time is over, swept or not", async () => {
    const { answers, count } = open();
    await answers.put("req_1", ANSWER, nowMs + DAY_MS);
    nowMs += DAY_MS - 1;
    expect(await answers.get("req_1")).toEqual(ANSWER);
    nowMs += 1;
    expect(await answers.get("req_1")).toBeNull();
    expect(await count()).toBe(1);
  });
});

describe("the sweep", () => {
  test("deletes what has expired and nothing else", async () => {
    const { answers, stub, count } = open();
    await answers.put("old", ANSWER, nowMs + HOUR_MS);
    await answers.put("new", ANSWER, nowMs + DAY_MS);
    nowMs += HOUR_MS;
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await count()).toBe(1);
    expect(await answers.get("new")).toEqual(ANSWER);
  });

  test("comes within an hour, again as long as there is something to wait for, and then no more", async () => {
    const { answers, stub, alarm } = open();
    await answers.put("req_1", ANSWER, nowMs + 2 * HOUR_MS);
    expect(await alarm()).toBe(nowMs + HOUR_MS);
    nowMs += HOUR_MS;
    await runDurableObjectAlarm(stub);
    expect(await alarm()).toBe(nowMs + HOUR_MS);
    nowMs += HOUR_MS;
    await runDurableObjectAlarm(stub);
    expect(await alarm()).toBeNull();
  });

  test("is not put off by those who keep putting", async () => {
    const { answers, alarm } = open();
    await answers.put("req_1", ANSWER, nowMs + DAY_MS);
    const firstMs = await alarm();
    nowMs += HOUR_MS / 2;
    await answers.put("req_2", ANSWER, nowMs + DAY_MS);
    expect(await alarm()).toBe(firstMs);
  });

  test("goes on in small turns until all that expired is gone, however much that is", async () => {
    const { answers, stub, count, alarm } = open();
    for (let n = 0; n < 1_201; n++) await answers.put(`req_${n}`, ANSWER, nowMs + HOUR_MS);
    nowMs += HOUR_MS;
    for (let turns = 0; turns < 3; turns++) {
      expect(await count()).toBeGreaterThan(0);
      expect(((await alarm()) ?? Number.POSITIVE_INFINITY) - nowMs).toBeLessThanOrEqual(1_000);
      await runDurableObjectAlarm(stub);
    }
    expect(await count()).toBe(0);
    expect(await alarm()).toBeNull();
  }, 20_000);
});

describe("erase", () => {
  test("leaves neither texts nor an alarm, and an object that works", async () => {
    const { answers, count, alarm } = open();
    await answers.put("req_1", ANSWER, nowMs + DAY_MS);
    await answers.erase();
    expect([await answers.get("req_1"), await count(), await alarm()]).toEqual([null, 0, null]);
    await answers.put("req_2", ANSWER, nowMs + DAY_MS);
    expect(await answers.get("req_2")).toEqual(ANSWER);
  });
});
