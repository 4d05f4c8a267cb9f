import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSED } from "../../src/domain/breaker.ts";
import type { Target } from "../../src/domain/catalog.ts";
import { type OriginHealth, UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { healthOf } from "../../src/management/model-health.ts";
import { fakeModel, fakeOrigin, fakePorts } from "./fake-ports.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MODEL = fakeModel("m");
let unique = 0;

/** Origins nobody has asked yet, at one address each. */
function targets(...regions: string[]): readonly Target[] {
  return regions.map((region) => ({
    model: MODEL,
    origin: fakeOrigin(`origin-${++unique}`, region, { secret: "ORIGIN_KEY" }),
    servedAs: "m-served",
  }));
}

const READY = () => Response.json({ data: [{ id: "m-served" }] });
const LOADING = () => new Response("", { status: 503 });
const DOWN = () => new Response("", { status: 500 });

function portsWith(fetch: Ports["fetch"]): Ports {
  return fakePorts({}, { fetch, now: () => Date.now(), secret: (name) => `value of ${name}` });
}

/** Answers in the order of the calls. */
function answering(...answers: (() => Response)[]) {
  const urls: string[] = [];
  const ports = portsWith(async (url) => {
    urls.push(url);
    const answer = answers[urls.length - 1];
    if (answer === undefined) throw new Error("one call too many");
    return answer();
  });
  return { ports, urls };
}

describe("healthOf", () => {
  it("is the best of the regions, each the best of its origins", async () => {
    const { ports } = answering(DOWN, LOADING, DOWN);
    expect(await healthOf(ports, targets("us", "us", "eu"))).toEqual({
      status: "loading",
      regions: { us: "loading", eu: "unavailable" },
    });
    const other = answering(READY, LOADING, DOWN);
    expect(await healthOf(other.ports, targets("us", "eu", "us"))).toEqual({
      status: "ready",
      regions: { us: "ready", eu: "loading" },
    });
  });

  it("asks each origin once in two seconds, however often it is polled", async () => {
    const { ports, urls } = answering(READY, LOADING);
    const polled = targets("us");
    await healthOf(ports, polled);
    vi.advanceTimersByTime(1_999);
    expect(await healthOf(ports, polled)).toMatchObject({ status: "ready" });
    expect(urls).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(await healthOf(ports, polled)).toMatchObject({ status: "loading" });
    expect(urls).toHaveLength(2);
  });

  it("gives an origin two seconds, then lets it go", async () => {
    let reason: unknown = null;
    const ports = portsWith(
      (_url, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener("abort", () => {
            reason = init.signal?.reason;
            reject(new Error("aborted"));
          });
        }),
    );
    const health = healthOf(ports, targets("us"));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(reason).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(await health).toEqual({ status: "unavailable", regions: { us: "unavailable" } });
    expect(reason).toBe("ttft");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never has more than four probes open", async () => {
    let open = 0;
    let most = 0;
    const ports = portsWith(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 10));
      open--;
      return READY();
    });
    const health = healthOf(ports, targets(...Array.from({ length: 9 }, () => "us")));
    await vi.advanceTimersByTimeAsync(100);
    expect(await health).toMatchObject({ status: "ready" });
    expect(most).toBe(4);
  });

  it("keeps no caller waiting longer than ten seconds and one probe", async () => {
    let calls = 0;
    const ports = portsWith((_url, init) => {
      calls++;
      return new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    });
    const health = healthOf(ports, targets(...Array.from({ length: 400 }, () => "us")));
    await vi.advanceTimersByTimeAsync(12_000);
    expect(await health).toMatchObject({ status: "unavailable" });
    expect(calls).toBe(20);
  });

  it("calls an origin it cannot reach, or does not know how to call, unavailable", async () => {
    const broken = portsWith(async () => {
      throw new TypeError("connection refused");
    });
    expect(await healthOf(broken, targets("us"))).toMatchObject({ status: "unavailable" });
    const endless = portsWith(async () => new Response("x".repeat(1024 * 1024 + 1)));
    expect(await healthOf(endless, targets("us"))).toMatchObject({ status: "unavailable" });
  });

  const knowing = (changes: Partial<OriginHealth>) => {
    const { ports, urls } = answering(READY);
    const health = { get: () => ({ ...UNKNOWN_HEALTH, ...changes }), update: () => undefined };
    return { ports: { ...ports, health }, urls };
  };
  const found = (readiness: "ready" | "loading", ageMs = 0) => ({
    elsewhere: { atMs: Date.now() - ageMs, inFlight: 0, queue: null, ttftMs: null, readiness },
  });

  it("believes an active check of the last seconds, and asks nobody then", async () => {
    const { ports, urls } = knowing(found("loading"));
    expect(await healthOf(ports, targets("us"))).toMatchObject({ status: "loading" });
    expect(urls).toEqual([]);
    const old = knowing(found("loading", 6_000));
    expect(await healthOf(old.ports, targets("us"))).toMatchObject({ status: "ready" });
    expect(old.urls).toHaveLength(1);
  });

  it("calls what is loading by its own word loading, though a list names it", async () => {
    const { ports } = knowing({ ...found("ready"), loadingUntilMs: Date.now() + 1 });
    expect(await healthOf(ports, targets("us"))).toMatchObject({ status: "loading" });
  });

  const answeredAgo = (ms: number) => ({ answeredAtMs: Date.now() - ms });
  const UNLISTED = () => Response.json({ data: [{ id: "another" }] });
  const GONE = () => new Response("", { status: 404 });
  const weighing = async (answer: () => Response, changes: Partial<OriginHealth>) => {
    const { ports } = answering(answer);
    const health = { get: () => ({ ...UNKNOWN_HEALTH, ...changes }), update: () => undefined };
    return (await healthOf({ ...ports, health }, targets("us"))).status;
  };

  it("believes a good answer more than a list that lacks the name, however old, and the list before any", async () => {
    expect(await weighing(UNLISTED, {})).toBe("unavailable");
    expect(await weighing(UNLISTED, answeredAgo(1_000))).toBe("ready");
    expect(await weighing(UNLISTED, answeredAgo(3_600_000))).toBe("ready");
    expect(await weighing(UNLISTED, { ...answeredAgo(1_000), loadingUntilMs: Date.now() + 1 })).toBe(
      "loading",
    );
  });

  it("believes a good answer of the last minute more than the refusal of a list, and never more than silence", async () => {
    expect(await weighing(GONE, answeredAgo(59_999))).toBe("ready");
    expect(await weighing(GONE, answeredAgo(60_000))).toBe("unavailable");
    const silence = () => {
      throw new TypeError("connection refused");
    };
    expect(await weighing(silence, answeredAgo(1_000))).toBe("unavailable");
  });

  it.each([
    ["drained", () => ({ whole: { breaker: CLOSED, isDrained: true } })],
    [
      "shut by its breaker",
      () => ({ breaker: { ...CLOSED, openedAtMs: Date.now(), openUntilMs: Date.now() + 1 } }),
    ],
  ])("calls an origin that is %s unavailable, and asks nobody", async (_, changes) => {
    const { ports, urls } = knowing(changes());
    expect(await healthOf(ports, targets("us"))).toMatchObject({ status: "unavailable" });
    expect(urls).toEqual([]);
  });

  it("sends the origin's own secret and follows no redirect", async () => {
    let sent: RequestInit = {};
    const ports = portsWith(async (_url, init) => {
      sent = init;
      return READY();
    });
    await healthOf(ports, targets("us"));
    expect(new Headers(sent.headers).get("authorization")).toBe("Bearer value of ORIGIN_KEY");
    expect(sent.redirect).toBe("manual");
    expect(sent.method ?? "GET").toBe("GET");
  });
});
