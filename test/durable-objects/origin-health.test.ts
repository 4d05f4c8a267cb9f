import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { HealthReport, OriginHealthDoor, TargetReport } from "../../src/domain/health-gossip.ts";
import { model, origin } from "../routing/fixtures.ts";

afterEach(() => void vi.restoreAllMocks());

let objects = 0;

function open() {
  const namespace = (env as unknown as { ORIGIN_HEALTH: DurableObjectNamespace }).ORIGIN_HEALTH;
  const stub = namespace.get(namespace.idFromName(`region-${objects++}`));
  return {
    stub,
    door: stub as unknown as OriginHealthDoor,
    alarmAtMs: () => runInDurableObject(stub, (_object, state) => state.storage.getAlarm()),
    /** As the alarm does in its time. */
    check: () => runDurableObjectAlarm(stub),
  };
}

function report(isolate: string, changes: Partial<HealthReport> = {}): HealthReport {
  return {
    isolate,
    hadTraffic: false,
    catalogVersion: 1,
    watch: null,
    targets: [],
    origins: [],
    ...changes,
  };
}

const TARGET: TargetReport = {
  origin: "us-1",
  model: "a/m",
  inFlight: 3,
  ttftMs: 90,
  opening: null,
  goodAtMs: null,
};
const WATCH = [
  {
    model: model("a/m"),
    origin: origin("us-1", ["a/m"], {
      base_url: "https://gpu.invalid/v1",
      features: ["metrics"],
      secret: "ADMIN_TOKEN",
    }),
    servedAs: "a/m",
  },
];

/** Global fetch of the runtime under test; origins are asked by it. */
function origins(answer: (path: string) => Response) {
  const asked: Request[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const request = new Request(String(url), init);
    asked.push(request);
    return answer(new URL(request.url).pathname);
  });
  return asked;
}

describe("what isolates say", () => {
  test("reaches the others, each without its own requests", async () => {
    const { door } = open();
    await door.gossip(report("a", { targets: [TARGET] }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const heard = await door.gossip(report("b", { targets: [{ ...TARGET, inFlight: 4 }] }));
    expect(heard.targets).toEqual([{ ...TARGET, inFlight: 3, queue: null, readiness: null }]);
  });

  test("that nobody used the region sets no alarm; that somebody did sets one", async () => {
    const { door, alarmAtMs } = open();
    await door.gossip(report("a"));
    expect(await alarmAtMs()).toBeNull();
    await door.gossip(report("a", { hadTraffic: true }));
    expect(await alarmAtMs()).toBeGreaterThan(Date.now());
  });
});

describe("drains", () => {
  test("outlive the object's memory, and end when they are taken back", async () => {
    const { door, stub } = open();
    await door.setDrained("us-1", true);
    await evictDurableObject(stub);
    expect((await door.gossip(report("a"))).origins).toMatchObject([{ origin: "us-1", isDrained: true }]);
    await door.setDrained("us-1", false);
    await evictDurableObject(stub);
    expect((await door.gossip(report("a"))).origins).toEqual([]);
  });

  test("may be asked for again", async () => {
    const { door } = open();
    for (const isDrained of [true, true, false, false]) await door.setDrained("us-1", isDrained);
    expect((await door.gossip(report("a"))).origins).toEqual([]);
  });
});

describe("active checks", () => {
  const use = async (door: OriginHealthDoor) => {
    const { wantsWatch } = await door.gossip(report("a", { hadTraffic: true }));
    expect(wantsWatch).toBe(true);
    const next = await door.gossip(report("a", { watch: WATCH }));
    expect(next.wantsWatch).toBe(false);
  };

  test("are told to every isolate: ready, and how long its queue is", async () => {
    const asked = origins((path) =>
      path === "/metrics"
        ? new Response('vllm:num_requests_waiting{model_name="a/m"} 6\n')
        : Response.json({ data: [{ id: "a/m" }] }),
    );
    const { door, check, alarmAtMs } = open();
    await use(door);
    await check();
    const { targets, origins: rows } = await door.gossip(report("b"));
    expect(targets).toMatchObject([{ readiness: "ready", queue: { running: 0, waiting: 6 } }]);
    expect(rows).toMatchObject([{ origin: "us-1", check: { downSinceMs: null } }]);
    expect(await alarmAtMs()).toBeGreaterThan(Date.now() + 4_000);
    expect(asked.map(({ url }) => new URL(url).pathname).sort()).toEqual([
      "/health",
      "/metrics",
      "/v1/models",
    ]);
    // A catalog row may name secrets of origins only.
    expect(asked.some(({ headers }) => headers.has("authorization"))).toBe(false);
  });

  test("call an origin down at the second failure", async () => {
    origins(() => {
      throw new TypeError("connection refused");
    });
    const { door, check } = open();
    await use(door);
    await check();
    expect((await door.gossip(report("b"))).origins).toMatchObject([{ check: null }]);
    await check();
    const [row] = (await door.gossip(report("b"))).origins;
    expect(row?.check?.downSinceMs).toBeLessThanOrEqual(row?.check?.atMs ?? 0);
  });

  test("end a minute after the last request", async () => {
    const asked = origins(() => Response.json({ data: [] }));
    const { door, check, alarmAtMs } = open();
    await use(door);
    const laterMs = Date.now() + 60_000;
    vi.spyOn(Date, "now").mockImplementation(() => laterMs);
    await check();
    expect(await alarmAtMs()).toBeNull();
    expect(asked.length).toBeGreaterThan(0);
  });

  test("isolates with an older catalog do not bring its origins back", async () => {
    const { door } = open();
    await use(door);
    await door.gossip(report("a", { catalogVersion: 2, watch: [] }));
    const old = await door.gossip(report("b", { catalogVersion: 1, watch: WATCH }));
    expect(old).toMatchObject({ wantsWatch: false, origins: [] });
  });
});
