import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkOrigin } from "../../src/origins/active-check.ts";
import { model, origin } from "../routing/fixtures.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MODELS = ["a/one", "a/two"];
const targetsOf = (changes: Parameters<typeof origin>[2] = {}) =>
  MODELS.map((id) => ({
    model: model(id),
    origin: origin("o", MODELS, { base_url: "https://gpu.invalid/v1", secret: "ORIGIN_KEY", ...changes }),
    servedAs: id,
  }));

const READY = () => Response.json({ data: [{ id: "a/one" }] });
const pages = (answers: Readonly<Record<string, () => Response>>) => {
  const asked: { readonly url: string; readonly init: RequestInit }[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    const answer = answers[new URL(url).pathname];
    if (answer === undefined) throw new TypeError("connection refused");
    return answer();
  };
  return { ports: { fetch, secret: (name: string) => `value of ${name}` }, asked };
};
const EMPTY = () => new Response("", { status: 200 });
const status = (code: number) => () => new Response("", { status: code });

describe("an active check", () => {
  it("asks the health page and the list once, for all models of the origin", async () => {
    const { ports, asked } = pages({ "/health": EMPTY, "/v1/models": READY });
    expect(await checkOrigin(ports, targetsOf())).toEqual({
      isUp: true,
      targets: [
        { readiness: "ready", queue: null },
        // Not listed, which is no word on whether it answers.
        { readiness: null, queue: null },
      ],
    });
    expect(asked.map(({ url }) => new URL(url).pathname).sort()).toEqual(["/health", "/v1/models"]);
    for (const { init } of asked) {
      expect(new Headers(init.headers).get("authorization")).toBe("Bearer value of ORIGIN_KEY");
      expect([init.method ?? "GET", init.redirect]).toEqual(["GET", "manual"]);
    }
  });

  it("reads the queue where the catalog says that it is told", async () => {
    const metrics = () => new Response('vllm:num_requests_waiting{model_name="a/two"} 5\n');
    const { ports } = pages({ "/health": EMPTY, "/v1/models": READY, "/metrics": metrics });
    const { targets } = await checkOrigin(ports, targetsOf({ features: ["metrics"] }));
    expect(targets.map(({ queue }) => queue)).toEqual([null, { running: 0, waiting: 5 }]);
  });

  it.each([
    ["nothing answers", {}],
    ["the engine behind the server is dead", { "/health": status(500), "/v1/models": READY }],
    ["all it says is failure", { "/health": status(502), "/v1/models": status(502) }],
  ])("finds it down: %s", async (_, answers) => {
    const { ports } = pages(answers);
    expect((await checkOrigin(ports, targetsOf())).isUp).toBe(false);
  });

  it.each([
    ["it has no health page", { "/health": status(404), "/v1/models": READY }],
    ["it lists no models", { "/health": EMPTY, "/v1/models": status(404) }],
    ["it is loading", { "/health": status(503), "/v1/models": status(503) }],
    ["its list alone is broken", { "/health": EMPTY, "/v1/models": status(500) }],
  ])("finds it up: %s", async (_, answers) => {
    const { ports } = pages(answers);
    expect((await checkOrigin(ports, targetsOf())).isUp).toBe(true);
  });

  it("asks public hosts for their list alone, and a binding for nothing", async () => {
    const { ports, asked } = pages({ "/v1/models": READY });
    const hosted = await checkOrigin(ports, targetsOf({ base_url: "https://api.groq.com/v1" }));
    expect([hosted.isUp, asked.length]).toEqual([true, 1]);
    const bound = await checkOrigin(ports, targetsOf({ kind: "workers-ai", base_url: "https://ai.invalid" }));
    expect(bound).toEqual({
      isUp: true,
      targets: MODELS.map(() => ({ readiness: null, queue: null })),
    });
    expect(asked).toHaveLength(1);
  });

  it("asks for a page once, though it is the list as well", async () => {
    const { ports, asked } = pages({ "/hf/health": EMPTY });
    const tasks = { kind: "hf-tasks" as const, base_url: "https://gpu.invalid/hf" };
    expect((await checkOrigin(ports, targetsOf(tasks))).isUp).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it("gives it two seconds, then lets it go", async () => {
    const reasons: unknown[] = [];
    const fetch = (_url: string, init: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => {
          reasons.push(init.signal?.reason);
          reject(new Error("aborted"));
        });
      });
    const checking = checkOrigin({ fetch, secret: () => null }, targetsOf());
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await checking).isUp).toBe(false);
    expect(reasons).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
