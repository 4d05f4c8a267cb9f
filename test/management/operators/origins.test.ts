import { describe, expect, it } from "vitest";
import { CLOSED } from "../../../src/domain/breaker.ts";
import { type OriginHealth, UNKNOWN_HEALTH } from "../../../src/domain/health.ts";
import type { LogEvent } from "../../../src/domain/ports.ts";
import { mountOrigins } from "../../../src/management/operators/origins.ts";
import { ADMIN_TOKEN, fakePorts, mounted, NOW_MS } from "../fake-ports.ts";

const OPEN = { ...CLOSED, failuresInRow: 9, openedAtMs: NOW_MS - 1, openUntilMs: NOW_MS + 9_999, trips: 1 };
const HEALTH: Readonly<Record<string, OriginHealth>> = {
  "us-1": {
    ...UNKNOWN_HEALTH,
    latency: { peakMs: 123.4, usualMs: 100, atMs: NOW_MS, samples: 10 },
    answeredAtMs: NOW_MS,
    inFlight: 2,
    elsewhere: {
      atMs: NOW_MS,
      inFlight: 5,
      ttftMs: 90,
      queue: { running: 7, waiting: 1 },
      readiness: "ready",
    },
  },
  "eu-1": { ...UNKNOWN_HEALTH, breaker: OPEN },
};

/** What the regions' objects were asked, and a board on which a drain shows at once. */
function world() {
  const drained = new Map<string, boolean>();
  const refreshed: string[] = [];
  const logs: LogEvent[] = [];
  const ports = fakePorts(
    {},
    {
      health: {
        get: (id, model) => {
          const health = model === "acme/tuned" ? UNKNOWN_HEALTH : (HEALTH[id] ?? UNKNOWN_HEALTH);
          return { ...health, whole: { ...health.whole, isDrained: drained.get(id) ?? false } };
        },
        update: () => undefined,
      },
      regionHealth: {
        refresh: async (regions) => void refreshed.push(...regions.map(({ id }) => id)),
        setDrained: async (origin, isDrained) => void drained.set(origin.id, isDrained),
      },
      log: (event) => void logs.push(event),
    },
  );
  return { ask: mounted(ports, (http) => mountOrigins(http, "")), drained, refreshed, logs };
}

describe("GET /origins", () => {
  it("tells what isolates and checks know of each origin and model", async () => {
    const { ask, refreshed } = world();
    const { body } = await ask("GET", "/origins", { bearer: ADMIN_TOKEN });
    expect([...refreshed].sort()).toEqual(["eu-west", "us-east"]);
    const origin = { object: "origin", kind: "openai-compatible", drained: false, breaker: "closed" };
    const unknown = {
      model: "acme/tuned",
      status: "unknown",
      breaker: "closed",
      reopens_at: null,
      ttft_ms: null,
      in_flight: 0,
      queue_depth: null,
      consecutive_failures: 0,
    };
    const suspect = {
      ...unknown,
      model: "Qwen/Qwen3-14B",
      status: "suspect",
      breaker: "open",
      reopens_at: new Date(NOW_MS + 9_999).toISOString(),
      consecutive_failures: 9,
    };
    const good = {
      ...unknown,
      model: "Qwen/Qwen3-14B",
      status: "ok",
      ttft_ms: 123,
      in_flight: 7,
      queue_depth: 1,
    };
    expect(body).toEqual({
      object: "list",
      data: [
        { ...origin, id: "eu-1", region: "eu-west", models: [suspect, unknown] },
        { ...origin, id: "us-1", region: "us-east", models: [good] },
      ],
      next_cursor: null,
    });
  });

  it("comes in pages, and asks the regions of the page alone", async () => {
    const { ask, refreshed } = world();
    const first = await ask("GET", "/origins?limit=1", { bearer: ADMIN_TOKEN });
    expect(first.body.data).toMatchObject([{ id: "eu-1" }]);
    expect(refreshed).toEqual(["eu-west"]);
    const path = `/origins?limit=1&cursor=${first.body.next_cursor}`;
    const second = await ask("GET", path, { bearer: ADMIN_TOKEN });
    expect(second.body).toMatchObject({ data: [{ id: "us-1" }], next_cursor: null });
  });
});

describe("POST /origins/{id}/drain and /undrain", () => {
  it("take it out of service and bring it back, and leave a line in the log", async () => {
    const { ask, logs } = world();
    const drained = await ask("POST", "/origins/us-1/drain", { bearer: ADMIN_TOKEN });
    expect([drained.status, drained.body.drained]).toEqual([200, true]);
    expect(drained.body.models).toMatchObject([{ status: "drained" }]);
    const back = await ask("POST", "/origins/us-1/undrain", { bearer: ADMIN_TOKEN });
    expect(back.body).toMatchObject({ id: "us-1", drained: false, models: [{ status: "ok" }] });
    expect(logs.map(({ event, origin }) => [event, origin])).toEqual([
      ["origin-drained", "us-1"],
      ["origin-undrained", "us-1"],
    ]);
  });

  it("know no other origins", async () => {
    const { ask, drained } = world();
    const { status, body } = await ask("POST", "/origins/us-2/drain", { bearer: ADMIN_TOKEN });
    expect([status, body.error.code, drained.size]).toEqual([404, "not_found", 0]);
  });

  it.each(["drain", "undrain"])("%s is for operators", async (act) => {
    const { ask, drained } = world();
    expect((await ask("POST", `/origins/us-1/${act}`)).status).toBe(401);
    const wrong = await ask("POST", `/origins/us-1/${act}`, {
      bearer: "not-the-token-of-the-operators-at-all",
    });
    expect([wrong.status, drained.size]).toEqual([401, 0]);
  });
});
