import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findCached, keepCached, recordingFor } from "../../src/answer/cache.ts";
import { compileCatalog } from "../../src/catalog/compile.ts";
import type { Accepted } from "../../src/domain/accepted.ts";
import type { Origin, Target } from "../../src/domain/catalog.ts";
import type { AccountId } from "../../src/domain/ids.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { MAX_CACHED_LENGTH } from "../../src/domain/response-cache.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { unpackTexts } from "../../src/lib/packed-texts.ts";
import { sampleInference, sampleModel, sampleOrigin, sampleRoute } from "../domain/sample-target.ts";
import { fakeAnswers } from "../support/fake-answers.ts";
import { fakePorts } from "../support/fake-ports.ts";
import { SAMPLE_ACCOUNT, sampleAccepted } from "./sample-accepted.ts";

const MODEL = sampleModel();
const FALLBACK = sampleModel({ id: "Qwen/Qwen3-4B" });
const serving = (as: string) => MODELS.map(({ id }) => ({ model: id, as }));
const MODELS = [MODEL, FALLBACK];
const ORIGIN = sampleOrigin({ serves: serving("qwen3") });
const TARGET: Target = { model: MODEL, origin: ORIGIN, servedAs: "qwen3" };
const DAY_MS = 86_400_000;

/** `origins`: as the catalog lists them when the answer is asked for. */
function world(origins: readonly Origin[] = [ORIGIN]) {
  const catalog = compileCatalog({ regions: [], models: MODELS, origins }, 1, 0);
  const fake = fakePorts({ catalog });
  const kept = fakeAnswers();
  return { ...fake, ...kept, ports: { ...fake.ports, answers: kept.answers } };
}

function asking(fields: Partial<Accepted> = {}): Accepted {
  const inference = sampleInference({ maxOutputTokens: 50 });
  return sampleAccepted({ cachePlace: "place-1", inference, route: sampleRoute([TARGET]), ...fields });
}

const MADE = { target: TARGET, text: "the words", createdS: 7, usage: NO_USAGE, isUsageReported: true };

describe("an answer that is kept", () => {
  it("is found by the same name, with who wrote it", async () => {
    const { ports } = world();
    keepCached(ports, asking(), MADE);
    const found = await findCached(ports, asking());
    expect(found?.answer).toMatchObject({
      text: "the words",
      createdS: 7,
      origin: ORIGIN.id,
      servedAs: "qwen3",
    });
    expect(found?.target).toEqual(TARGET);
  });

  it("is not read where the isolate has no room for it", async () => {
    const { ports } = world();
    keepCached(ports, asking(), MADE);
    const full: Ports = { ...ports, room: { ...ports.room, take: () => false } };
    expect(await findCached(full, asking())).toBeNull();
  });

  it("lies in the account's object of the text's jurisdiction, for a day", () => {
    const { ports, cached } = world();
    keepCached(ports, asking({ textJurisdiction: "us" }), MADE);
    const [[place, { expiresAtMs }] = ["", { expiresAtMs: 0 }]] = cached;
    expect(place).toBe(`${SAMPLE_ACCOUNT}/us/place-1`);
    expect(Math.abs(expiresAtMs - Date.now() - DAY_MS)).toBeLessThan(1_000);
  });

  it.each<[string, Partial<Accepted>]>([
    ["another account", { caller: { ...asking().caller, accountId: "acct_00000000002" as AccountId } }],
    ["another jurisdiction", { textJurisdiction: "us" }],
    ["another name", { cachePlace: "place-2" }],
    ["a request that does not use the cache", { cachePlace: null }],
  ])("is not there for %s", async (_, fields) => {
    const { ports } = world();
    keepCached(ports, asking(), MADE);
    expect(await findCached(ports, asking(fields))).toBeNull();
  });

  it.each<[string, readonly Origin[], Partial<Accepted>]>([
    ["its origin has left the catalog", [], {}],
    ["its origin now serves the model under another name", [{ ...ORIGIN, serves: serving("qwen3-new") }], {}],
    [
      "its origin has moved out of the pinned region",
      [{ ...ORIGIN, region: "eu-west" }],
      { route: sampleRoute([TARGET], { pinnedRegion: "us-east" }) },
    ],
  ])("is not given any more when %s", async (_, origins, fields) => {
    const { ports } = world(origins);
    keepCached(ports, asking(), MADE);
    expect(await findCached(ports, asking(fields))).toBeNull();
  });
});

describe("an answer is not kept", () => {
  const heldFor = (heldMicroUsd: number) => ({ ...asking().reservation, heldMicroUsd });
  const unlimited = sampleInference({ maxOutputTokens: null });
  const FALLEN: Target = { ...TARGET, model: FALLBACK };

  function isKept(fields: Partial<Accepted>, made: Partial<typeof MADE> = {}): boolean {
    const { ports, cached } = world();
    keepCached(ports, asking(fields), { ...MADE, ...made });
    return cached.size === 1;
  }

  it("of a request that does not use the cache", () => {
    expect([isKept({}), isKept({ cachePlace: null })]).toEqual([true, false]);
  });

  it("that a fallback model wrote: it would outlive the fault that called for it", () => {
    expect(isKept({ route: sampleRoute([TARGET, FALLEN]) }, { target: FALLEN })).toBe(false);
    expect(isKept({ route: sampleRoute([FALLEN, TARGET]) }, { target: FALLEN })).toBe(true);
  });

  it("that is too long", () => {
    expect(isKept({}, { text: "x".repeat(MAX_CACHED_LENGTH) })).toBe(true);
    expect(isKept({}, { text: "x".repeat(MAX_CACHED_LENGTH + 1) })).toBe(false);
  });

  it("that the account's credits could have cut short, where the caller set no limit", () => {
    expect(isKept({ inference: unlimited, reservation: heldFor(10) })).toBe(false);
    expect(isKept({ inference: unlimited, reservation: heldFor(1_000_000) })).toBe(true);
    expect(isKept({ reservation: heldFor(15) })).toBe(true);
  });
});

describe("a cache that does not work costs nobody an answer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const broken = (door: Partial<ReturnType<Ports["answers"]>>) => {
    const { ports, logs, settled } = world();
    const answers: Ports["answers"] = (...place) => ({ ...ports.answers(...place), ...door });
    return { ports: { ...ports, answers }, logs, settled };
  };

  it("when it cannot be read", async () => {
    const { ports, logs } = broken({ recall: () => Promise.reject(new Error("the object broke")) });
    expect(await findCached(ports, asking())).toBeNull();
    expect(logs).toMatchObject([{ event: "cache-unreachable", level: "warn" }]);
  });

  it("when it is nowhere to be had", async () => {
    const { ports, logs } = world();
    const nowhere = () => {
      throw new Error("no such jurisdiction");
    };
    const without = { ...ports, answers: nowhere };
    expect(await findCached(without, asking())).toBeNull();
    keepCached(without, asking(), MADE);
    expect(logs).toMatchObject([{ event: "cache-unreachable" }, { event: "cache-unreachable" }]);
  });

  it("when it hangs: after a second the origin is asked", async () => {
    const { ports } = broken({ recall: () => new Promise(() => {}) });
    const sinceMs = Date.now();
    const found = findCached(ports, asking()).then((hit) => [hit, Date.now() - sinceMs]);
    await vi.runAllTimersAsync();
    expect(await found).toEqual([null, 1_000]);
  });

  it("when it cannot be written", async () => {
    const { ports, logs, settled } = broken({ remember: () => Promise.reject(new Error("full")) });
    keepCached(ports, asking(), MADE);
    await settled();
    expect(logs).toMatchObject([{ event: "cache-unreachable" }]);
  });
});

describe("a recording", () => {
  it("is made only for those who asked", () => {
    expect(recordingFor(world().ports, asking({ cachePlace: null }))).toBeNull();
  });

  it("holds the events in order", () => {
    const recording = recordingFor(world().ports, asking());
    for (const event of ['{"a":1}', '{"a":2}']) recording?.add(event);
    expect([...unpackTexts(recording?.packed() ?? "[]")]).toEqual(['{"a":1}', '{"a":2}']);
  });

  it("is let go where the isolate has no room for it: the stream itself goes on", () => {
    const { ports } = world();
    const full: Ports = { ...ports, room: { ...ports.room, take: () => false } };
    const recording = recordingFor(full, asking());
    recording?.add("a");
    expect(recording?.packed()).toBeNull();
  });

  it("takes room for all that it holds, in steps", () => {
    const { ports } = world();
    let taken = 0;
    const take = (bytes: number) => {
      taken += bytes;
      return true;
    };
    const counting = { ...ports.room, take };
    const recording = recordingFor({ ...ports, room: counting }, asking());
    for (let n = 0; n < 3_000; n++) recording?.add(`${n} ${"x".repeat(n % 7)}`);
    const length = recording?.packed()?.length ?? 0;
    expect(taken).toBeGreaterThanOrEqual(length);
    expect(taken - length).toBeLessThan(16 * 1024);
  });

  it("of a stream that grows too long is let go, and what follows with it", () => {
    const recording = recordingFor(world().ports, asking());
    recording?.add("a".repeat(MAX_CACHED_LENGTH - 50));
    expect(recording?.packed()).not.toBeNull();
    recording?.add("b".repeat(100));
    expect(recording?.packed()).toBeNull();
    recording?.add("c");
    expect(recording?.packed()).toBeNull();
  });
});
