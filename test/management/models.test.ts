import { describe, expect, it } from "vitest";
import { compileCatalog } from "../../src/catalog/compile.ts";
import { mountModels } from "../../src/management/models.ts";
import { fakePorts, mounted, type Reply, ROWS } from "./fake-ports.ts";

const ask = mounted(fakePorts(), (http) => {
  mountModels(http, "/v1");
  mountModels(http, "/v1/openai");
});

function idsOf(reply: Reply): readonly string[] {
  return reply.body.data.map((row: { id: string }) => row.id);
}

describe("GET /models", () => {
  it("lists the public models to everybody", async () => {
    const reply = await ask("GET", "/v1/models", { bearer: null });
    expect(idsOf(reply)).toEqual(["Qwen/Qwen3-14B", "dslim/ner"]);
    expect(reply.body).toMatchObject({ object: "list", next_cursor: null });
    expect(reply.body.data[0]).toEqual({
      id: "Qwen/Qwen3-14B",
      object: "model",
      created: 1790856000,
      owned_by: "inferbase",
      context_length: 8192,
      max_output_tokens: 4096,
      price: { input_per_mtok: 0.1, cached_input_per_mtok: null, output_per_mtok: 0.3 },
      regions: ["us-east"],
      capabilities: ["chat", "completions"],
      task: "text-generation",
    });
  });

  it("adds its private models and its own origins' regions for an account", async () => {
    const reply = await ask("GET", "/v1/openai/models");
    expect(idsOf(reply)).toEqual(["Qwen/Qwen3-14B", "acme/tuned", "dslim/ner"]);
    expect(reply.body.data[0].regions).toEqual(["us-east", "eu-west"]);
  });

  it("checks a key that is sent", async () => {
    expect((await ask("GET", "/v1/models", { bearer: "inf_typo" })).status).toBe(401);
    const ports = fakePorts({ authorize: { ok: false, code: "key_revoked", message: "gone" } });
    const asRevoked = mounted(ports, (http) => mountModels(http, ""));
    expect((await asRevoked("GET", "/models")).status).toBe(403);
  });
});

describe("GET /models/{id}", () => {
  it.each(["Qwen/Qwen3-14B", "Qwen%2FQwen3-14B", "qwen"])("finds %s", async (name) => {
    const reply = await ask("GET", `/v1/models/${name}`, { bearer: null });
    expect(reply).toMatchObject({ status: 200, body: { id: "Qwen/Qwen3-14B", object: "model" } });
    expect(reply.body.input_schema).toMatchObject({ type: "object", required: ["model", "messages"] });
  });

  it("says how a model of another task is called", async () => {
    const { body } = await ask("GET", "/v1/models/dslim/ner", { bearer: null });
    expect(body.input_schema).toMatchObject({ required: ["model", "inputs"] });
  });

  it.each([
    "nobody/nothing",
    "qwen/qwen3-14b",
    "Qwen%252FQwen3-14B",
    "Qwen/Qwen3-14B/",
    "Qwen//Qwen3-14B",
    "/Qwen/Qwen3-14B",
    "Qwen%2F..%2FQwen%2FQwen3-14B",
    "Qwen%5CQwen3-14B",
    "Qwen/Qwen3-14B%00",
    "%ff",
    "",
    "rival/tuned",
    "acme/tuned",
    "health",
    "nobody/health",
    "Qwen/Qwen3-14B/health/",
  ])("knows no %j", async (name) => {
    const reply = await ask("GET", `/v1/models/${name}`, { bearer: null });
    expect(reply).toMatchObject({
      status: 404,
      body: { error: { code: "model_not_found", param: "model" } },
    });
  });

  it("shows a private model to its account alone", async () => {
    expect((await ask("GET", "/v1/models/acme/tuned")).body.regions).toEqual(["eu-west"]);
    expect((await ask("GET", "/v1/models/rival/tuned")).status).toBe(404);
  });
});

describe("GET /models/{id}/health", () => {
  it("answers under the id, whatever name it was asked by", async () => {
    const rows = {
      ...ROWS,
      origins: ROWS.origins.map((origin) => ({ ...origin, base_url: "https://models-test.invalid" })),
    };
    const ports = fakePorts(
      {},
      {
        catalog: async () => compileCatalog(rows, 1, 0),
        fetch: async () => Response.json({ data: [{ id: "qwen3" }] }),
      },
    );
    const probing = mounted(ports, (http) => mountModels(http, ""));
    for (const path of ["/models/qwen/health", "/models/Qwen%2FQwen3-14B%2Fhealth"]) {
      expect((await probing("GET", path, { bearer: null })).body).toEqual({
        model: "Qwen/Qwen3-14B",
        status: "ready",
        regions: { "us-east": "ready" },
      });
    }
  });

  it("of a model that nobody serves is unavailable", async () => {
    const { body } = await ask("GET", "/v1/models/dslim/ner/health", { bearer: null });
    expect(body).toEqual({ model: "dslim/ner", status: "unavailable", regions: {} });
  });
});
