import { describe, expect, it } from "vitest";
import { UNKNOWN_HEALTH } from "../../../src/domain/health.ts";
import { mountOrigins } from "../../../src/management/operators/origins.ts";
import { ADMIN_TOKEN, fakePorts, mounted, NOW_MS } from "../fake-ports.ts";

const HEALTH = new Map([
  [
    "us-1",
    { ttftMs: 123.4, consecutiveFailures: 0, lastFailureAtMs: null, loadingUntilMs: null, inFlight: 2 },
  ],
  [
    "eu-1",
    { ttftMs: null, consecutiveFailures: 9, lastFailureAtMs: NOW_MS - 1, loadingUntilMs: null, inFlight: 0 },
  ],
]);

const ports = fakePorts(
  {},
  {
    health: {
      get: (id, model) => (model === "acme/tuned" ? UNKNOWN_HEALTH : (HEALTH.get(id) ?? UNKNOWN_HEALTH)),
      update: () => undefined,
    },
  },
);
const ask = mounted(ports, (http) => mountOrigins(http, ""));

describe("GET /origins", () => {
  it("tells what this isolate knows of each origin and model", async () => {
    const { body } = await ask("GET", "/origins", { bearer: ADMIN_TOKEN });
    expect(body).toEqual({
      object: "list",
      data: [
        {
          id: "eu-1",
          object: "origin",
          region: "eu-west",
          kind: "openai-compatible",
          models: [
            {
              model: "Qwen/Qwen3-14B",
              status: "suspect",
              ttft_ms: null,
              in_flight: 0,
              consecutive_failures: 9,
            },
            { model: "acme/tuned", status: "unknown", ttft_ms: null, in_flight: 0, consecutive_failures: 0 },
          ],
        },
        {
          id: "us-1",
          object: "origin",
          region: "us-east",
          kind: "openai-compatible",
          models: [
            { model: "Qwen/Qwen3-14B", status: "ok", ttft_ms: 123, in_flight: 2, consecutive_failures: 0 },
          ],
        },
      ],
      next_cursor: null,
    });
  });

  it("comes in pages", async () => {
    const first = await ask("GET", "/origins?limit=1", { bearer: ADMIN_TOKEN });
    expect(first.body.data).toMatchObject([{ id: "eu-1" }]);
    const path = `/origins?limit=1&cursor=${first.body.next_cursor}`;
    const second = await ask("GET", path, { bearer: ADMIN_TOKEN });
    expect(second.body).toMatchObject({ data: [{ id: "us-1" }], next_cursor: null });
  });
});
