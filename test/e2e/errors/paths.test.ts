// What stands before everything else: paths, methods and CORS.
import { describe, expect, inject, test } from "vitest";
import { type Ask, ask } from "../../support/ask.ts";
import { GOOD_BODY } from "../../support/bad-inputs.ts";
import { BASES, expectRefusal } from "../../support/refusals.ts";
import { SMALL } from "../../support/router.ts";

const demo = inject("demo");
const GOOD = GOOD_BODY["/chat/completions"];

const at = (path: string, more: Partial<Ask> = {}) => ask({ baseUrl: demo.base_url, path, ...more });
const chat = (body: object) => at("/v1/chat/completions", { key: demo.api_key, body });

describe("paths", () => {
  test.each([
    "/nope",
    "/v1",
    "/v1/",
    "/v1/nope",
    "/v1/openai/nope",
    "/api/v1/inference",
    "/api/v1/inference/nope",
  ])("GET and POST %s → 404", async (path) => {
    const answers = await Promise.all([at(path), at(path, { body: GOOD, key: demo.api_key })]);
    for (const answer of answers) expectRefusal(answer, { code: "not_found" });
  });

  test.each([
    "/v1/chat/completions/",
    "//v1/chat/completions",
    "/v1//chat/completions",
    "/v1/chat%2Fcompletions",
    "/v1/chat/completions%00",
    "/v1/chat\\completions",
    "/V1/chat/completions",
    // A list, never a wildcard: Inferbase's management is not OpenAI's.
    "/v1/keys",
    "/v1/openai/route",
  ])("POST %s names no endpoint", async (path) => {
    expectRefusal(await at(path, { body: GOOD, key: demo.api_key }), { code: "not_found" });
  });

  test.each(BASES)("%s/models/{id}: a slash in an id may come raw or escaped", async (base) => {
    const answers = await Promise.all(
      ["Qwen/Qwen3-4B", "Qwen%2FQwen3-4B", "Qwen%2fQwen3-4B", "qwen3-4b"].map((id) =>
        at(`${base}/models/${id}`),
      ),
    );
    for (const answer of answers) expect(answer.json).toMatchObject({ id: SMALL, object: "model" });
    const health = await at(`${base}/models/Qwen%2FQwen3-4B/health`);
    expect(health.json).toMatchObject({ model: SMALL, status: "ready" });
  });

  test.each([
    "Qwen%252FQwen3-4B",
    "Qwen//Qwen3-4B",
    "/Qwen/Qwen3-4B",
    "Qwen/%2e%2e/Qwen/Qwen3-4B",
    "..%2fmodels%2fQwen%2fQwen3-4B",
    "Qwen/Qwen3-4B/",
    "Qwen/Qwen3-4B%2F",
    "Qwen/Qwen3-4B%00",
    "Qwen\\Qwen3-4B",
    "Qwen%5CQwen3-4B",
    "qwen/qwen3-4b",
    "Qwen/Qwen3-4B%20",
    "%ff",
    "%",
    "__proto__",
    "",
    "health",
    "nobody/nothing",
    "nobody/nothing/health",
  ])("models/%s → 404", async (id) => {
    for (const base of BASES) {
      expectRefusal(await at(`${base}/models/${id}`), { code: "model_not_found", param: "model" });
    }
  });
});

describe("methods", () => {
  test.each([
    ["GET", "/v1/chat/completions", "POST"],
    ["PUT", "/v1/openai/embeddings", "POST"],
    ["DELETE", "/api/v1/inference/completions", "POST"],
    ["HEAD", "/v1/chat/completions", "POST"],
    ["GET", "/api/v1/inference/route", "POST"],
    ["POST", "/v1/models", "GET"],
    ["DELETE", "/v1/models/Qwen/Qwen3-4B", "GET"],
    ["PUT", "/api/v1/inference/keys", "GET, POST"],
    ["PUT", "/api/v1/inference/keys/key_00000000", "DELETE, GET, PATCH"],
    ["POST", "/api/v1/inference/key", "GET"],
    ["PATCH", "/api/v1/admin/accounts", "GET, POST"],
    ["POST", "/", "GET"],
  ])("%s %s → 405 with Allow: %s", async (method, path, allow) => {
    const answer = await at(path, { method, key: demo.api_key });
    if (method !== "HEAD") expectRefusal(answer, { code: "method_not_allowed" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow]);
  });

  test.each(["/v1/chat/completions", "/v1/models", "/api/v1/inference/keys", "/v1/models/Qwen/Qwen3-4B"])(
    "OPTIONS %s → 204, any origin, for a day",
    async (path) => {
      const answer = await at(path, { method: "OPTIONS", headers: { origin: "https://a.example" } });
      expect([answer.status, answer.text]).toEqual([204, ""]);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "access-control-allow-origin": "*",
        "access-control-allow-headers": expect.stringMatching(/authorization/),
        "access-control-max-age": "86400",
      });
    },
  );

  test("HEAD has the headers of GET and no body", async () => {
    const [head, get] = await Promise.all([at("/v1/models", { method: "HEAD" }), at("/v1/models")]);
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
  });

  test("every answer may be read by any page, with all its headers", async () => {
    const answers = await Promise.all([chat(GOOD), chat({}), at("/nope"), at("/v1/models")]);
    for (const { headers } of answers) {
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-expose-headers")).toBe("*");
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    }
  });
});
