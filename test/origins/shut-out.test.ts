import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shutByOthers } from "../../src/domain/breaker.ts";
import type { OriginHealth } from "../../src/domain/health.ts";
import { lastWord } from "../../src/origins/retry-policy.ts";
import type { FakeFetch } from "../support/fake-ports.ts";
import { answering } from "./fake-origin.ts";
import { A, B, expectNothingLeft, good, letGo, streamed, type Walked, walkTo } from "./walk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const REGION = "eu-west";
const PIN = { pinnedRegion: REGION };
const BROKEN = answering(500, "");
const SILENT: FakeFetch = (_url, { signal }) =>
  new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("cut"))));
/** What the caller is told at the end of one more request. */
async function told(walk: Walked, passMs = 1_000) {
  const { result } = await streamed(walk, passMs);
  if ("answer" in result) throw new Error("it was answered");
  return lastWord(walk.order.route, result);
}

function change(walk: Walked, with_: (health: OriginHealth) => OriginHealth, target = A): void {
  walk.fake.ports.health.update(target.origin.id, target.model.id, with_);
}

async function opened(origin: FakeFetch, targets = [A]): Promise<Walked> {
  const walk = walkTo({ targets, origin, route: PIN });
  for (let request = 0; request < 5 * targets.length; request++) await streamed(walk, 40_000);
  return walk;
}

describe("a pinned region that is down", () => {
  it.each([
    ["by errors", BROKEN, 502],
    ["by empty bodies", answering(200, ""), 502],
    ["by silence", SILENT, 504],
  ])(
    "%s: keeps its own word at first, and is told by name once its breaker is open",
    async (_, origin, status) => {
      const walk = walkTo({ targets: [A], origin, route: { ...PIN, fallback: false } });
      for (let request = 0; request < 4; request++) {
        const first = await told(walk, 40_000);
        expect(first.status).toBe(status);
        expect(first.message).toContain(`'${REGION}'`);
      }
      const last = await told(walk, 40_000);
      expect(last).toMatchObject({ code: "region_unavailable", status: 503 });
      expect(last.message).toContain(`'${REGION}'`);
      expectNothingLeft(walk);
    },
  );

  it("is to be asked again when the first of its breakers lets a try pass", async () => {
    const walk = walkTo({ targets: [A], origin: BROKEN, route: { ...PIN, fallback: false } });
    for (let request = 0; request < 4; request++) await told(walk, 0);
    const { details } = await told(walk, 0);
    const { openUntilMs } = walk.fake.ports.health.get(A.origin.id, A.model.id).breaker;
    expect(details.retryAfterMs).toBe(openUntilMs - Date.now());
  });

  it("is told by its first failure where active checks found nobody there", async () => {
    const walk = walkTo({ targets: [A], origin: BROKEN, route: { ...PIN, fallback: false } });
    const elsewhere = {
      atMs: Date.now(),
      inFlight: 0,
      queue: null,
      ttftMs: null,
      readiness: "unavailable",
    } as const;
    change(walk, (health) => ({ ...health, elsewhere }));
    expect(await told(walk)).toMatchObject({ code: "region_unavailable" });
  });

  it("is not down while one of its origins is well, nor where nothing was pinned", async () => {
    const half = walkTo({ targets: [A, B], origin: BROKEN, route: { ...PIN, fallback: false } });
    for (let request = 0; request < 7; request++) {
      await vi.advanceTimersByTimeAsync(1_000);
      expect((await told(half, 0)).code).toBe("upstream_failed");
    }
    expect(half.hosts()).toHaveLength(7);
    const free = walkTo({ targets: [A], origin: BROKEN, route: { fallback: false } });
    for (let request = 0; request < 6; request++) expect((await told(free)).code).toBe("upstream_failed");
  });

  it("is not told to who left, nor where a model is merely loading", async () => {
    const walk = await opened(BROKEN);
    walk.caller.abort();
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await told(walk)).code).toBe("client_closed_request");
    const loading = answering(503, '{"error":"loading","estimated_time":20}');
    let isBack = false;
    const cold = await opened((url, init) => (isBack ? loading : BROKEN)(url, init));
    isBack = true;
    for (let request = 0; request < 3; request++) expect((await told(cold, 0)).code).toBe("model_loading");
  });
});

describe("an open breaker of the last origin", () => {
  it("lets each request try once and no oftener", async () => {
    const walk = await opened(BROKEN);
    for (let request = 0; request < 5; request++) {
      const before = walk.hosts().length;
      await told(walk, 1_000);
      expect(walk.hosts().length - before).toBe(1);
    }
  });

  it("keeps nobody from an origin that is back", async () => {
    let isBack = false;
    const origin: FakeFetch = (url, init) => (isBack ? good : BROKEN)(url, init);
    const walk = await opened(origin);
    isBack = true;
    letGo((await streamed(walk)).result);
    letGo((await streamed(walk)).result);
  });

  it("tries each of the targets once", async () => {
    const walk = await opened(BROKEN, [A, B]);
    await vi.advanceTimersByTimeAsync(1_000);
    const before = walk.hosts().length;
    await told(walk, 1_000);
    expect(walk.hosts().slice(before).toSorted()).toEqual(["a", "b"]);
  });

  it("refuses nobody by others' word alone", async () => {
    const walk = walkTo({ targets: [A], origin: good, route: PIN });
    const nowMs = Date.now();
    const opening = { openedAtMs: nowMs - 1, openUntilMs: nowMs + 10_000 };
    change(walk, (health) => ({ ...health, breaker: shutByOthers(health.breaker, opening) }));
    const first = streamed(walk);
    const second = streamed(walk);
    for (const { result } of [await first, await second]) letGo(result);
  });
});
