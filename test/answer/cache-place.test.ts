import { describe, expect, it } from "vitest";
import { type Asked, asksForCache, cachePlaceOf } from "../../src/answer/cache-place.ts";
import type { AccountId, KeyId } from "../../src/domain/ids.ts";
import type { Inference } from "../../src/domain/inference.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { sampleAccepted } from "./sample-accepted.ts";

const { caller } = sampleAccepted();
const OTHER_MODEL = sampleTarget({ model: { id: "Qwen/Qwen3-4B" } });
const BODY = { model: "auto", temperature: 0, messages: [{ role: "user", content: "hello" }] };

function asked(fields: Partial<Asked> = {}, inference: Partial<Inference> = {}): Asked {
  return {
    caller,
    inference: sampleInference({ isRepeatable: true, body: BODY, ...inference }),
    route: sampleRoute([sampleTarget()]),
    dialect: "openai",
    keyView: { version: 1, modelPool: null, optimizeMode: null, region: null },
    ...fields,
  };
}

const withBody = (body: Inference["body"]) => asked({}, { body });
const viewWith = (fields: Partial<Asked["keyView"]>) => ({ keyView: { ...asked().keyView, ...fields } });

describe("the header", () => {
  it.each([
    [{}, false],
    [{ "x-cache": "off" }, false],
    [{ "x-cache": "read-write" }, true],
  ])("%j asks for the cache: %s", (headers, asks) => {
    expect(asksForCache(new Headers(headers as Record<string, string>))).toBe(asks);
  });

  it.each(["", "on", "read", "READ-WRITE"])("'%s' is refused by its name", (value) => {
    const refused = () => asksForCache(new Headers({ "x-cache": value }));
    expect(refused).toThrow(
      expect.objectContaining({ code: "invalid_value", details: { param: "x-cache" } }),
    );
  });
});

describe("two requests share an answer", () => {
  it.each<[string, Asked]>([
    ["that are the same", asked()],
    [
      "whatever key of the same scope asks",
      asked({ caller: { ...caller, keyId: "key_2" as KeyId } as Asked["caller"] }),
    ],
    ["whatever name the model was asked by", asked({}, { body: { ...BODY, model: "qwen3-14b" } })],
    [
      "in whatever order the body's members came",
      withBody({ messages: BODY.messages, model: "auto", temperature: 0 }),
    ],
    ["whatever tags they are counted under", withBody({ ...BODY, metadata: { team: "a" } })],
    ["whatever else could have answered", asked({ route: sampleRoute([sampleTarget(), OTHER_MODEL]) })],
    ["however the key prefers to be routed", asked(viewWith({ optimizeMode: "cost", version: 2 }))],
  ])("%s", async (_, other) => {
    expect(await cachePlaceOf(other)).toBe(await cachePlaceOf(asked()));
  });
});

describe("no two requests share an answer", () => {
  const stranger = { ...caller, accountId: "acct_00000000002" as AccountId };
  it.each<[string, Asked]>([
    ["of two accounts", asked({ caller: stranger })],
    ["of keys with different pools", asked(viewWith({ modelPool: ["Qwen/*"] }))],
    ["of keys with different regions", asked(viewWith({ region: "us-east" }))],
    ["pinned and not", asked({ route: sampleRoute([sampleTarget()], { pinnedRegion: "us-east" }) })],
    ["that are decided for two models", asked({ route: sampleRoute([OTHER_MODEL]) })],
    ["of two dialects", asked({ dialect: "inferbase" })],
    ["of two wires", asked({}, { wire: "openai-completions" })],
    ["streamed and whole", asked({}, { stream: false })],
    ["with two prompts", withBody({ ...BODY, messages: [{ role: "user", content: "hello " }] })],
    ["with two seeds", withBody({ ...BODY, seed: 1 })],
    ["with two limits", withBody({ ...BODY, max_tokens: 5 })],
    ["of two users of the caller", withBody({ ...BODY, user: "u-1" })],
    ["with a field nobody here knows", withBody({ ...BODY, min_p: 0.1 })],
    ["with and without a member that is null", withBody({ ...BODY, stop: null })],
  ])("%s", async (_, other) => {
    expect(await cachePlaceOf(other)).not.toBe(await cachePlaceOf(asked()));
  });

  it("whose schemas order their properties differently: answers are written in that order", async () => {
    const schema = (...names: readonly string[]) =>
      withBody({ ...BODY, schema: Object.fromEntries(names.map((name) => [name, {}])) });
    expect(await cachePlaceOf(schema("a", "b"))).not.toBe(await cachePlaceOf(schema("b", "a")));
  });

  it("by members that slide into each other", async () => {
    const one = withBody({ ...BODY, a: "1", b: "2" });
    const other = withBody({ ...BODY, a: '1","b":"2' });
    expect(await cachePlaceOf(one)).not.toBe(await cachePlaceOf(other));
  });
});

describe("a request's name", () => {
  it("is a hash: nothing of the prompt is in it", async () => {
    expect(await cachePlaceOf(asked())).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("is not given where another answer could be as good", async () => {
    expect(await cachePlaceOf(asked({}, { isRepeatable: false }))).toBeNull();
  });

  it("is not given to tasks, whose input is not in the body", async () => {
    const input = { kind: "texts", texts: ["a"] } as const;
    const task = { task: "embeddings", input, isList: false, parameters: {} } as const;
    expect(await cachePlaceOf(asked({}, { task, wire: "tasks", body: {} }))).toBeNull();
  });

  it("takes a body with members named like an object's own workings", async () => {
    const body = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as Inference["body"];
    expect(await cachePlaceOf(withBody(body))).not.toBe(await cachePlaceOf(withBody({})));
  });
});
