import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHAT, errorOf, HELLO, openRegion, type RegionClient, wholeOf } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());

async function cards() {
  return JSON.parse(await (await region.get("/v1/models")).text()).data;
}

describe("the list of models", () => {
  it("has vLLM's cards", async () => {
    const [first] = await cards();
    expect(first).toMatchObject({
      id: CHAT,
      object: "model",
      owned_by: "vllm",
      root: "Qwen/Qwen3-14B",
      parent: null,
      max_model_len: 4096,
    });
    expect(first.permission[0]).toMatchObject({ object: "model_permission", allow_sampling: true });
  });
});

describe("LoRA adapters", () => {
  it("are loaded, listed, called and unloaded", async () => {
    const loaded = await region.post("/v1/load_lora_adapter", {
      lora_name: "acme/tone",
      lora_path: "/adapters/tone",
    });
    expect(await loaded.text()).toBe("Success: LoRA adapter 'acme/tone' added successfully.");
    expect((await cards()).at(-1)).toMatchObject({ id: "acme/tone", root: "/adapters/tone", parent: CHAT });
    const tuned = await wholeOf(region.chat({ model: "acme/tone", messages: HELLO }));
    expect(tuned.model).toBe("acme/tone");
    expect(tuned.choices[0]?.message.content).not.toBe(
      (await wholeOf(region.chat({}))).choices[0]?.message.content,
    );
    expect((await region.post("/v1/unload_lora_adapter", { lora_name: "acme/tone" })).status).toBe(200);
    expect((await region.chat({ model: "acme/tone" })).status).toBe(404);
  });

  it("are refused twice, nameless, unknown, or without such a base", async () => {
    const load = (body: unknown) => region.post("/v1/load_lora_adapter", body);
    expect(await errorOf(load({ lora_name: "x" }))).toMatchObject({ type: "InvalidUserInput", code: 400 });
    await load({ lora_name: "twice", lora_path: "/a" });
    expect((await errorOf(load({ lora_name: "twice", lora_path: "/a" }))).message).toContain(
      "already been loaded",
    );
    expect((await load({ lora_name: "y", lora_path: "/a", base_model_name: "nope" })).status).toBe(400);
    expect((await region.post("/v1/unload_lora_adapter", { lora_name: "never" })).status).toBe(404);
  });
});

describe("health and metrics", () => {
  it("health is 200 and empty", async () => {
    const answer = await region.get("/health");
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  it("metrics are Prometheus gauges by model", async () => {
    const text = await (await region.get("/metrics")).text();
    for (const name of ["num_requests_running", "num_requests_waiting", "gpu_cache_usage_perc"]) {
      expect(text).toContain(`# TYPE vllm:${name} gauge\n`);
      expect(text).toMatch(new RegExp(`vllm:${name}\\{[^}]*model_name="${CHAT}"\\} 0\n`));
    }
  });
});
