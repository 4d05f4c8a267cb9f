import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../../sim/faults.ts";
import { CHAT, eventually, HELLO, openRegion, type RegionClient, wholeOf } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion({ apiKey: "secret" });
});
afterAll(() => region.running.close());

const read = async (path: string) => JSON.parse(await (await region.admin("GET", path)).text());
const ask = (body: Record<string, unknown> = {}) =>
  region.post(
    "/v1/chat/completions",
    { model: CHAT, messages: HELLO, ...body },
    { authorization: "Bearer secret" },
  );

describe("the admin endpoint", () => {
  it("needs no key", async () => {
    expect((await region.admin("GET", "/faults")).status).toBe(200);
  });

  it("sets, lists and clears faults, and lists the kinds to those who guess", async () => {
    const unknown = await region.admin("POST", "/faults", { kind: "explode" });
    expect(unknown.status).toBe(400);
    const { error } = JSON.parse(await unknown.text());
    for (const kind of FAULT_KINDS) expect(error).toContain(kind);
    await region.fault({ kind: "die", model: "other", after_bytes: 5, count: 2 });
    expect(await read("/faults")).toMatchObject([{ kind: "die", model: "other", after_bytes: 5, count: 2 }]);
    await region.admin("DELETE", "/faults");
    expect(await read("/faults")).toEqual([]);
  });

  it("shows the requests seen, and forgets them", async () => {
    await wholeOf(ask({ max_tokens: 3 }));
    expect(await region.lastRequest()).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions",
      model: CHAT,
      headers: { authorization: "Bearer secret" },
      body: { max_tokens: 3 },
      status: 200,
      started_at: expect.any(Number),
      ended_at: expect.any(Number),
      outcome: "completed",
      tokens_sent: 3,
      bytes_sent: expect.any(Number),
    });
    await region.admin("DELETE", "/requests");
    expect(await read("/requests")).toEqual([]);
  });

  it("keeps the last 200 and no large bodies", async () => {
    await ask({ padding: "x".repeat(300_000) });
    expect((await region.lastRequest()).body).toMatch(/^<300\d+ bytes of application\/json>$/);
    await Promise.all(Array.from({ length: 205 }, () => region.get("/health")));
    expect(await read("/requests")).toHaveLength(200);
  });

  it("changes timing while running, and refuses what is none", async () => {
    await region.admin("POST", "/timing", { cold_start_ms: 60_000, scale: 1 });
    const cold = await ask();
    expect([cold.status, cold.headers.get("retry-after")]).toEqual([503, "60"]);
    await region.admin("POST", "/timing", { coldStartMs: 0, scale: 0 });
    expect((await ask()).status).toBe(200);
    expect(await read("/timing")).toMatchObject({ coldStartMs: 0, scale: 0 });
    for (const wrong of [{ speed: 1 }, { scale: -1 }, { slots: 0 }, { scale: "fast" }]) {
      expect((await region.admin("POST", "/timing", wrong)).status).toBe(400);
    }
  });

  it("holds answers until they are released, and counts them meanwhile", async () => {
    await region.admin("POST", "/hold", { held: true });
    const answers = [ask(), ask({ stream: true })];
    expect(await eventually(async () => (await read("/state")).running === 2)).toBe(true);
    expect((await region.lastRequest()).outcome).toBe("running");
    expect(await (await region.get("/metrics")).text()).toContain(
      `num_requests_running{engine="0",model_name="${CHAT}"} 2`,
    );
    await region.admin("POST", "/hold", { held: false });
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200]);
    expect(await eventually(async () => (await read("/state")).running === 0)).toBe(true);
  });

  it("knows no other paths", async () => {
    expect((await region.admin("GET", "/nothing")).status).toBe(404);
  });
});
