import { describe, expect, it } from "vitest";
import type { Answer, Command } from "../../src/domain/account-commands.ts";
import { type OriginHealth, UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { mountModels } from "../../src/management/models.ts";
import { fakePorts, mounted } from "./fake-ports.ts";

const VIEW = { version: 3, modelPool: null, optimizeMode: "cost", region: null } as const;

function admitTo(view: object) {
  return (command: Extract<Command, { kind: "admit" }>): Answer =>
    command.viewVersion === VIEW.version
      ? { ok: true, verdict: "admitted", reservation: null, limits: {} }
      : { ok: true, verdict: "stale", view: { ...VIEW, ...view } };
}

function board(): Ports["health"] {
  const known = new Map<string, OriginHealth>();
  const get = (originId: string) => known.get(originId) ?? UNKNOWN_HEALTH;
  return { get, update: (originId, _, change) => void known.set(originId, change(get(originId))) };
}

function app(view: object = {}) {
  const calls: { readonly url: string; readonly method: string }[] = [];
  const ports = fakePorts(
    { admit: admitTo(view) },
    {
      fetch: async (url, init) => {
        calls.push({ url, method: init.method ?? "GET" });
        const isQuestion = init.method === "POST";
        return isQuestion
          ? Response.json({ error: "loading", estimated_time: 20 }, { status: 503 })
          : Response.json({ data: [{ id: "qwen3" }] });
      },
      secret: () => null,
      health: board(),
    },
  );
  const ask = mounted(ports, (http) => mountModels(http, "/v1"));
  return { ports, ask, questions: () => calls.filter(({ method }) => method === "POST") };
}

const PATH = "/v1/models/Qwen/Qwen3-14B/health";

describe("GET /models/{id}/health?wake=true", () => {
  it("asks one origin one small question, counts a request, and says what is so then", async () => {
    const { ports, ask, questions } = app();
    const reply = await ask("GET", `${PATH}?wake=true`);
    expect(reply).toMatchObject({ status: 200, body: { model: "Qwen/Qwen3-14B" } });
    expect(questions()).toHaveLength(1);
    const intents = ports.asked.flatMap(({ commands }) =>
      commands.flatMap((one) => ("intent" in one ? [one.intent] : [])),
    );
    expect(new Set(intents)).toEqual(new Set(["count-request"]));
    expect(Object.values(reply.body.regions).sort()).toEqual(["loading", "ready"]);
  });

  it.each(["", "?wake=false", "?wake="])("wakes nothing with '%s'", async (query) => {
    const { ask, questions } = app();
    expect((await ask("GET", PATH + query)).status).toBe(200);
    expect(questions()).toHaveLength(0);
  });

  it("needs a key", async () => {
    const { ask, questions } = app();
    const reply = await ask("GET", `${PATH}?wake=true`, { bearer: null });
    expect(reply).toMatchObject({ status: 401, body: { error: { code: "missing_api_key" } } });
    expect(questions()).toHaveLength(0);
  });

  it("stays inside the key's region, and wakes nothing where the key may not go", async () => {
    const pinned = app({ region: "eu-west" });
    await pinned.ask("GET", `${PATH}?wake=true`);
    expect(pinned.questions().map(({ url }) => new URL(url).hostname)).toEqual(["eu-1.invalid"]);
    const shut = app({ modelPool: ["acme/*"] });
    const reply = await shut.ask("GET", `${PATH}?wake=true`);
    expect(reply).toMatchObject({ status: 403, body: { error: { code: "model_forbidden" } } });
    expect(shut.questions()).toHaveLength(0);
  });
});
