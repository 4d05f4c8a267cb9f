// A server nobody here wrote, as the only origin: what it is sent, what comes back of its answers, and the habits
// of other servers' streams.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, ask } from "../support/ask.ts";
import { catalogFile } from "../support/catalog-file.ts";
import { choicesOf, readEvents, terminalOf, textOf } from "../support/events.ts";
import { embeddingAs, type ForeignOrigin, startForeignOrigin, wholeAs } from "../support/foreign-origin.ts";
import { BEGINNING, DONE, event, REST, SPOKEN, STREAMS } from "../support/foreign-streams.ts";
import { expectRefusal } from "../support/refusals.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { untilAnswered } from "../support/until-answered.ts";

const SECRET = "sk-of-the-origin-0123456789";
const MODEL = "ours/chatty";
const EMBEDDER = "ours/embedder";

let origin: ForeignOrigin;
let server: TestServer;
let removeCatalog = () => {};

beforeAll(async () => {
  origin = await startForeignOrigin();
  const price = { input_per_mtok: 1, output_per_mtok: 2 };
  const catalog = catalogFile({
    regions: [{ id: "elsewhere" }],
    models: [
      { id: MODEL, task: "text-generation", price },
      { id: EMBEDDER, task: "embeddings", price },
    ],
    origins: [
      {
        id: "elsewhere-1",
        region: "elsewhere",
        kind: "openai-compatible",
        base_url: origin.baseUrl,
        secret: "ORIGIN_ELSEWHERE",
        serves: [
          { model: MODEL, as: "their/own:name" },
          { model: EMBEDDER, as: "their-embedder" },
        ],
      },
    ],
  });
  removeCatalog = catalog.remove;
  server = await startServer({
    env: { SIM: "off", CATALOG_FILE: catalog.path, ORIGIN_ELSEWHERE: SECRET, ORIGIN_UNUSED: "never-sent" },
  });
});
afterAll(async () => {
  await server.stop();
  await origin.close();
  removeCatalog();
});
beforeEach(() => origin.redirectTo(null));

const MESSAGES = [{ role: "user", content: "Hello" }];

interface Call {
  readonly path?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call({ path = "/v1/chat/completions", body = {}, headers = {} }: Call = {}): Promise<Answer> {
  const good = path.endsWith("/embeddings")
    ? { model: EMBEDDER, input: "Hello" }
    : { model: MODEL, messages: MESSAGES };
  return await ask({
    baseUrl: server.baseUrl,
    path,
    key: server.demo.api_key,
    headers,
    body: { ...good, ...body },
  });
}

const lastSeen = () => origin.requests.at(-1);

describe("what it is sent", () => {
  const OURS = {
    cookie: "session=secret",
    "x-api-key": "another",
    "x-forwarded-for": "10.1.2.3",
    "x-client-request-id": "mine",
    "x-session-id": "s",
    "x-region": "elsewhere",
    "user-agent": "caller/1",
    referer: "https://caller.example/",
    origin: "https://caller.example",
    "accept-language": "de",
    "openai-organization": "org",
    "x-stainless-lang": "js",
    baggage: "a=b",
  };

  test.each([
    ["/v1/chat/completions", {}],
    ["/v1/chat/completions", { stream: true }],
    ["/v1/embeddings", {}],
  ])("%s with %o: its own secret, and nothing of the caller's head", async (path, body) => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headersOfOurs = { ...OURS, traceparent, "idempotency-key": crypto.randomUUID() };
    const answer = await call({ path, body, headers: headersOfOurs });
    expect(answer.status, answer.text).toBe(200);
    const { headers = {} } = lastSeen() ?? {};
    const { accept, ...rest } = headers;
    expect(accept).toBe("stream" in body ? "text/event-stream" : "application/json");
    const ofTransport = [
      "host",
      "connection",
      "content-length",
      "transfer-encoding",
      "accept-encoding",
      "cf-worker",
      "cf-connecting-ip",
    ];
    expect(Object.fromEntries(Object.entries(rest).filter(([name]) => !ofTransport.includes(name)))).toEqual({
      authorization: `Bearer ${SECRET}`,
      "content-type": "application/json",
      "x-request-id": answer.headers.get("x-request-id"),
      traceparent,
    });
    const all = JSON.stringify(lastSeen());
    for (const word of [server.demo.api_key, "never-sent", "caller", "session"])
      expect(all).not.toContain(word);
  });

  test("its path below its base, its own name for the model, and the body as it came", async () => {
    await call({
      path: "/api/v1/inference/chat/completions",
      body: { top_k: 7, user: "u", routing: { task: "chat" } },
    });
    const { path, body } = lastSeen() ?? {};
    expect(path).toBe("/deep/v1/chat/completions");
    expect(body).toEqual({
      model: "their/own:name",
      messages: MESSAGES,
      top_k: 7,
      user: "u",
      max_tokens: expect.any(Number),
    });
    await call({ path: "/v1/embeddings", body: { encoding_format: "float" } });
    expect(lastSeen()).toMatchObject({
      path: "/deep/v1/embeddings",
      body: { model: "their-embedder", input: "Hello", encoding_format: "float" },
    });
  });

  test("and no redirect leads its secret away", async () => {
    const before = origin.requests.length;
    origin.redirectTo(`${origin.baseUrl}/elsewhere`);
    const answer = await call({ body: { routing: { fallback: false } } });
    expectRefusal(answer, { code: "upstream_failed" });
    expect(origin.requests.slice(before).map(({ path }) => path)).toEqual(["/deep/v1/chat/completions"]);
  });
});

describe("what comes back", () => {
  test("a whole answer, byte for byte but for id and model, under our headers alone", async () => {
    const answer = await call();
    const id = `chatcmpl-${answer.headers.get("x-request-id")?.slice("req_".length)}`;
    expect(answer.text).toBe(wholeAs({ id, model: MODEL }));
    for (const name of ["set-cookie", "x-powered-by"]) expect(answer.headers.has(name)).toBe(false);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    // 3 × 1 + 5 × 2 micro-dollars.
    expect(answer.headers.get("x-inferroute-cost-usd")).toBe("0.000013");
  });

  test("embeddings, byte for byte but for the model", async () => {
    const answer = await call({ path: "/v1/embeddings" });
    expect(answer.text).toBe(embeddingAs(MODEL.replace("chatty", "embedder")));
    expect(answer.headers.get("x-inferroute-cost-usd")).toBe("0.000003");
  });

  test("an auto call finds the one model there is", async () => {
    const answer = await call({ body: { model: "auto" } });
    expect(answer.headers.get("x-inferroute-model")).toBe(MODEL);
  });
});

describe("other servers' streams", () => {
  test.each(STREAMS)("%s: read whole, written in the one form", async (_, pieces) => {
    origin.scriptStreams(pieces);
    const answer = await call({ body: { stream: true } });
    const events = readEvents(answer.text);
    expect(textOf(events)).toBe(SPOKEN);
    expect(terminalOf(events)).toBe("done");
    expect(events.flatMap(choicesOf).flatMap(({ finish_reason }) => finish_reason ?? [])).toEqual(["stop"]);
    const id = `chatcmpl-${answer.headers.get("x-request-id")?.slice("req_".length)}`;
    for (const { json } of events.slice(0, -1)) expect(json).toMatchObject({ id, model: MODEL });
  });

  test("fields nobody knows survive, and only id and model on top are ours", async () => {
    const strange = [
      '{"choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"h\\u00fc","reasoning":"m","id":"x","model":"y"}}],"big":12345678901234567890, "model" : "theirs","id":"f-1"}',
      '{"id":"f-1","choices":[{"index":1,"delta":{"tool_calls":[{"index":1,"id":"call_b","function":{"arguments":"{\\"id\\":\\"f-1\\"}"}},{"index":0,"id":"call_a"}]},"logprobs":null}],"model":"theirs"}',
      '{"choices":[{"index":0,"delta":{"refusal":"no"},"finish_reason":"content_filter"}]}',
    ];
    origin.scriptStreams([...strange.map(event), DONE]);
    const answer = await call({ body: { stream: true } });
    const id = JSON.stringify(`chatcmpl-${answer.headers.get("x-request-id")?.slice("req_".length)}`);
    const model = JSON.stringify(MODEL);
    expect(readEvents(answer.text).map(({ data }) => data)).toEqual([
      strange[0]?.replace(/"theirs","id":"f-1"/, () => `${model},"id":${id}`),
      strange[1]?.replace(/^\{"id":"f-1"/, () => `{"id":${id}`).replace('"theirs"', () => model),
      strange[2]?.replace("{", () => `{"id":${id},"model":${model},`),
      "[DONE]",
    ]);
  });

  test.each([
    ["a page", ["<html>busy</html>"]],
    ["nothing", []],
    ["[DONE] alone", [DONE]],
    ["comments alone", [": ping\n\n"]],
    ["no JSON", [event("{oops")]],
    ["an error", [event('{"error":{"message":"CUDA at http://10.0.0.7"}}')]],
  ])("%s instead of a first frame → 502", async (_, pieces) => {
    await untilAnswered(call);
    origin.scriptStreams(pieces);
    const answer = await call({ body: { stream: true } });
    expectRefusal(answer, { code: "upstream_disconnected" });
    expect(answer.text).not.toMatch(/CUDA|10\.0\.0\.7/);
  });

  test("an error behind content is told in our words, and ends the stream", async () => {
    await untilAnswered(call);
    const error = event('{"error":{"message":"CUDA at http://10.0.0.7","code":500}}');
    origin.scriptStreams([...BEGINNING, error, ...REST]);
    const events = readEvents((await call({ body: { stream: true } })).text);
    expect([textOf(events), terminalOf(events)]).toEqual(["Hé🦜", "error"]);
    expect(JSON.stringify(events)).not.toMatch(/CUDA|10\.0\.0\.7/);
  });
});
