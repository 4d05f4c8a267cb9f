import { describe, expect, it } from "vitest";
import { parseChat, parseCompletions, parseEmbeddings } from "../../src/dialects/openai-request.ts";
import type { Inference } from "../../src/domain/inference.ts";
import { estimateInputTokens } from "../../src/domain/price.ts";

const ON_REQUEST = { routingEvent: "on-request" } as const;
const HELLO = [{ role: "user", content: "hello" }];

type Body = Record<string, unknown>;
/** undefined takes a field away, as JSON would. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const chat = (fields: Body = {}, headers: Record<string, string> = {}): Inference =>
  parseChat(json({ model: "m", messages: HELLO, ...fields }), new Headers(headers), ON_REQUEST);
const completions = (fields: Body = {}): Inference =>
  parseCompletions(json({ model: "m", prompt: "once", ...fields }), new Headers(), ON_REQUEST);
const embeddings = (fields: Body = {}): Inference =>
  parseEmbeddings(json({ model: "m", input: "once", ...fields }), new Headers(), ON_REQUEST);

function refusalOf(parse: () => unknown) {
  try {
    parse();
  } catch (error) {
    const { status, code, details } = error as { status: number; code: string; details: { param?: string } };
    return [status, code, details.param ?? null] as const;
  }
  return "accepted";
}

const INVALID = "invalid_value";
const MISSING = "missing_required_parameter";
const parts = (...list: unknown[]) => ({ messages: [{ role: "user", content: list }] });
const image = (url: unknown) => parts({ type: "image_url", image_url: { url } });

describe("a bad chat request is a 400 that names the parameter", () => {
  it.each<[string, Body, string, string]>([
    ["49 no model", { model: undefined }, MISSING, "model"],
    ["50 an empty model", { model: "" }, INVALID, "model"],
    ["51 a number for a model", { model: 123 }, INVALID, "model"],
    ["a model name without end", { model: "m".repeat(301) }, INVALID, "model"],
    ["55 no messages", { messages: undefined }, MISSING, "messages"],
    ["56 an empty list of messages", { messages: [] }, INVALID, "messages"],
    ["57 messages that are text", { messages: "hello" }, INVALID, "messages"],
    ["a message that is text", { messages: ["hello"] }, INVALID, "messages[0]"],
    [
      "58 an unknown role",
      { messages: [...HELLO, { role: "robot", content: "x" }] },
      INVALID,
      "messages[1].role",
    ],
    ["no role", { messages: [{ content: "x" }] }, MISSING, "messages[0].role"],
    [
      "59 null content of a user",
      { messages: [{ role: "user", content: null }] },
      INVALID,
      "messages[0].content",
    ],
    ["no content of a user", { messages: [{ role: "user" }] }, MISSING, "messages[0].content"],
    [
      "content that is a number",
      { messages: [{ role: "user", content: 5 }] },
      INVALID,
      "messages[0].content",
    ],
    ["a part that is text", parts("hello"), INVALID, "messages[0].content[0]"],
    ["a part without type", parts({ text: "x" }), MISSING, "messages[0].content[0].type"],
    ["a text part without text", parts({ type: "text" }), MISSING, "messages[0].content[0].text"],
    ["a text part with a number", parts({ type: "text", text: 5 }), INVALID, "messages[0].content[0].text"],
    [
      "an image part without image",
      parts({ type: "image_url" }),
      MISSING,
      "messages[0].content[0].image_url.url",
    ],
    [
      "an image that is bare text",
      parts({ type: "image_url", image_url: "https://e.com/x" }),
      MISSING,
      "messages[0].content[0].image_url.url",
    ],
    [
      "61 an image from the disk",
      image("file:///etc/passwd"),
      INVALID,
      "messages[0].content[0].image_url.url",
    ],
    [
      "62 an image from the metadata service",
      image("http://169.254.169.254/"),
      INVALID,
      "messages[0].content[0].image_url.url",
    ],
    ["64 too many messages", { messages: Array(2_049).fill(HELLO[0]) }, INVALID, "messages"],
    ["65 temperature below 0", { temperature: -0.1 }, INVALID, "temperature"],
    ["66 temperature above 2", { temperature: 2.1 }, INVALID, "temperature"],
    ["67 temperature as text", { temperature: "0.7" }, INVALID, "temperature"],
    ["69 max_tokens 0", { max_tokens: 0 }, INVALID, "max_tokens"],
    ["70 max_tokens -1", { max_tokens: -1 }, INVALID, "max_tokens"],
    ["71 max_tokens as text", { max_tokens: "10" }, INVALID, "max_tokens"],
    ["72 max_tokens 1.5", { max_tokens: 1.5 }, INVALID, "max_tokens"],
    ["73 max_tokens beyond integers", { max_tokens: 1e300 }, INVALID, "max_tokens"],
    ["max_completion_tokens 0", { max_completion_tokens: 0 }, INVALID, "max_completion_tokens"],
    ["74 n 0", { n: 0 }, INVALID, "n"],
    ["74 n -1", { n: -1 }, INVALID, "n"],
    ["74 n 100", { n: 100 }, INVALID, "n"],
    ["75 stream as text", { stream: "yes" }, INVALID, "stream"],
    ["stream as a number", { stream: 1 }, INVALID, "stream"],
    ["stream_options as text", { stream_options: "usage" }, INVALID, "stream_options"],
    ["76 five stops", { stop: ["a", "b", "c", "d", "e"] }, INVALID, "stop"],
    ["77 an empty stop", { stop: "" }, INVALID, "stop"],
    ["77 an empty stop in a list", { stop: ["a", ""] }, INVALID, "stop[1]"],
    ["78 top_p above 1", { top_p: 1.1 }, INVALID, "top_p"],
    ["top_p below 0", { top_p: -0.1 }, INVALID, "top_p"],
    ["81 an unknown mode", { routing: { optimize: "fast" } }, INVALID, "routing.optimize"],
    ["84 a task of 10 KB", { routing: { task: "x".repeat(10_240) } }, INVALID, "routing.task"],
    ["an unknown field of ours", { routing: { modelpool: [] } }, INVALID, "routing"],
    ["routing that is text", { routing: "cost" }, INVALID, "routing"],
    ["a pool that is text", { routing: { model_pool: "m" } }, INVALID, "routing.model_pool"],
    ["a cost below nothing", { routing: { max_cost_usd: -1 } }, INVALID, "routing.max_cost_usd"],
    ["a cost beyond exact money", { routing: { max_cost_usd: 1e300 } }, INVALID, "routing.max_cost_usd"],
    ["a fallback that is text", { routing: { fallback: "no" } }, INVALID, "routing.fallback"],
    ["too many fallback models", { models: Array(17).fill("m") }, INVALID, "models"],
    ["85 tools that are no list", { tools: {} }, INVALID, "tools"],
    ["a tool that is text", { tools: ["x"] }, INVALID, "tools[0]"],
    ["129 tools", { tools: Array(129).fill({}) }, INVALID, "tools"],
    ["a response_format without type", { response_format: {} }, MISSING, "response_format.type"],
  ])("%s", (_, fields, code, param) => {
    for (const stream of [undefined, true]) {
      expect(refusalOf(() => chat({ stream, ...fields }))).toEqual([400, code, param]);
    }
  });

  it.each([
    ["34 null", null],
    ["35 a list", []],
    ["36 text", "str"],
    ["a number", 5],
    ["true", true],
  ])("%s instead of an object", (_, body) => {
    for (const parse of [parseChat, parseCompletions, parseEmbeddings]) {
      expect(refusalOf(() => parse(body, new Headers(), ON_REQUEST))).toEqual([400, INVALID, null]);
    }
  });

  it.each(["0", "-1", "1.5", "soon", "", "3600001", "1e999"])("x-timeout-ms %j", (value) => {
    expect(refusalOf(() => chat({}, { "x-timeout-ms": value }))).toEqual([400, INVALID, "x-timeout-ms"]);
  });

  it.each(["0", "0.5", "-1", "soon", "", "121", "1e999"])("x-wait %j", (value) => {
    expect(refusalOf(() => chat({}, { "x-wait": value }))).toEqual([400, INVALID, "x-wait"]);
  });

  it("says in words what is wrong, in one sentence", () => {
    expect(() => chat({ temperature: 3 })).toThrow(/^Invalid 'temperature': .*2\.$/);
    expect(() => chat({ model: undefined })).toThrow("Add the required field 'model'.");
  });
});

describe("a URL that an origin would fetch", () => {
  it.each<[string, unknown]>([
    ["a video", { type: "video_url", video_url: { url: "http://169.254.169.254/" } }],
    ["a video, bare", { type: "video_url", video_url: "https://example.com/v.mp4" }],
    ["audio", { type: "audio_url", audio_url: { url: "https://example.com/a.mp3" } }],
    [
      "an image on a part of another type",
      { type: "text", text: "x", uuid: "u", image_url: { url: "http://10.0.0.1/" } },
    ],
    ["an image in the Responses form", { type: "input_image", image_url: "https://example.com/x.png" }],
    ["a file", { type: "file", file: { file_url: "https://example.com/x.pdf" } }],
    [
      "a second one beside the image",
      {
        type: "image_url",
        image_url: { url: "https://e.com/x.png" },
        video_url: { url: "http://10.0.0.1/" },
      },
    ],
  ])("is refused: %s", (_, part) => {
    const refusal = refusalOf(() => chat(parts({ type: "text", text: "see" }, part)));
    expect(refusal).toEqual([400, INVALID, expect.stringMatching(/^messages\[0\]\.content\[1\]\..*url$/)]);
  });

  it("is refused in every role", () => {
    for (const role of ["system", "developer", "user", "assistant", "tool", "function"]) {
      const content = [{ type: "image_url", image_url: { url: "http://10.0.0.1/" } }];
      expect(refusalOf(() => chat({ messages: [{ role, content }] }))).toEqual([
        400,
        INVALID,
        expect.any(String),
      ]);
    }
  });

  it("is accepted as inlined data, of whatever kind", () => {
    const audio = { type: "audio_url", audio_url: { url: "data:audio/wav;base64,AAAA" } };
    const spoken = { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } };
    expect(refusalOf(() => chat(parts(audio, spoken)))).toBe("accepted");
  });

  it("of an image on a public host is kept for us to fetch, inlined data is not", () => {
    const inlined = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    const remote = { type: "image_url", image_url: { url: "https://example.com/x.png", detail: "low" } };
    expect(chat(parts(inlined, remote)).remoteImages).toEqual(["https://example.com/x.png"]);
  });
});

describe("images", () => {
  const DATA = "data:image/png;base64,";

  it("may be eight", () => {
    const list = (length: number) =>
      parts(...Array.from({ length }, () => image(`${DATA}AAAA`).messages[0]?.content[0]));
    expect(refusalOf(() => chat(list(8)))).toBe("accepted");
    expect(refusalOf(() => chat(list(9)))).toEqual([400, INVALID, "messages"]);
  });

  it("may have 16 MiB together", () => {
    const megabytes = (count: number) => ({
      type: "image_url",
      image_url: { url: DATA + "A".repeat((count * 4 * 1024 * 1024) / 3) },
    });
    expect(refusalOf(() => chat(parts(megabytes(6), megabytes(6))))).toBe("accepted");
    expect(refusalOf(() => chat(parts(megabytes(6), megabytes(6), megabytes(6))))).toEqual([
      400,
      INVALID,
      "messages",
    ]);
  });

  it("weigh what a model sees of them, not what their encoding takes", () => {
    const { bytes } = chat(image(`${DATA}${"A".repeat(100_000)}`)).prompt.size;
    expect(bytes).toBe(3_000);
  });
});

describe("hostile lists", () => {
  // Each of these listed a fault per entry once: a megabyte of body took 300 MB.
  it.each<[string, () => unknown]>([
    ["messages", () => chat({ messages: Array(300_000).fill(1) })],
    ["parts", () => chat(parts(...Array(100_000).fill(1)))],
    [
      "parts of many messages",
      () => chat({ messages: Array(2_000).fill({ role: "user", content: Array(200).fill(1) }) }),
    ],
    ["stops", () => chat({ stop: Array(300_000).fill(1) })],
    ["tools", () => chat({ tools: Array(300_000).fill(1) })],
    ["models", () => chat({ models: Array(300_000).fill(1) })],
    ["a pool", () => chat({ routing: { model_pool: Array(300_000).fill(1) } })],
    ["prompts", () => completions({ prompt: Array(300_000).fill("a") })],
    ["prompts of the wrong kind", () => completions({ prompt: Array(300_000).fill(null) })],
    ["token ids", () => completions({ prompt: Array(300_000).fill(-1) })],
    ["inputs", () => embeddings({ input: Array(300_000).fill([]) })],
  ])("of %s are refused before they cost", (_, parse) => {
    const startedAtMs = performance.now();
    expect(refusalOf(parse)).toEqual([400, INVALID, expect.any(String)]);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});

describe("a good chat request", () => {
  it("is read for what the line needs", () => {
    const read = chat(
      {
        models: ["a", "b"],
        stream: true,
        stream_options: { include_usage: true },
        n: 2,
        max_tokens: 50,
        session_id: "s1",
        routing: {
          model_pool: ["m"],
          optimize: "cost",
          task: "math",
          region: "eu-west",
          max_cost_usd: 0.002,
          fallback: false,
        },
        messages: [
          { role: "system", content: "be brief" },
          { role: "user", content: "one" },
          { role: "assistant", content: null, tool_calls: [] },
          {
            role: "user",
            content: [
              { type: "text", text: "two" },
              { type: "text", text: "three" },
            ],
          },
        ],
      },
      { "x-timeout-ms": "1500", "x-wait": "2.5" },
    );
    expect(read).toMatchObject({
      wire: "openai-chat",
      model: "m",
      fallbackModels: ["a", "b"],
      stream: true,
      includeUsage: true,
      inputs: 1,
      choices: 2,
      maxOutputTokens: 50,
      outputLimitField: "max_tokens",
      needs: ["chat"],
      sessionId: "s1",
      timeoutMs: 1_500,
      waitMs: 2_500,
      routingEvent: false,
      wishes: {
        pool: ["m"],
        optimize: "cost",
        task: "math",
        region: "eu-west",
        maxCostMicroUsd: 2_000,
        fallback: false,
      },
      prompt: { text: "two\nthree", system: "be brief", turns: 2 },
    });
  });

  it("is read with the defaults of what it does not say, null standing for absent", () => {
    const nothing = {
      stream: null,
      n: null,
      max_tokens: null,
      stop: null,
      tools: null,
      routing: null,
      models: null,
    };
    for (const fields of [
      {},
      { ...nothing, temperature: null, stream_options: null, response_format: null },
    ]) {
      expect(chat(fields)).toMatchObject({
        stream: false,
        includeUsage: false,
        choices: 1,
        maxOutputTokens: null,
        fallbackModels: [],
        remoteImages: [],
        sessionId: null,
        timeoutMs: null,
        waitMs: null,
        wishes: {
          pool: null,
          optimize: null,
          task: null,
          region: null,
          maxCostMicroUsd: null,
          fallback: true,
        },
      });
    }
  });

  it("goes on with every field but ours, unread and unchanged", () => {
    const theirs = {
      temperature: 0.7,
      seed: 7,
      logprobs: true,
      chat_template_kwargs: { enable_thinking: false },
      metadata: { a: "b" },
      prompt_cache_key: "p",
    };
    const { body } = chat({ ...theirs, routing: { optimize: "cost" }, models: ["x"], session_id: "s" });
    expect(body).toEqual({ model: "m", messages: HELLO, ...theirs });
  });

  it("keeps names that mean something to JavaScript as plain members", () => {
    const text = `{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"a":1}}],
      "__proto__":{"stream":true,"max_tokens":5},"constructor":{"prototype":1}}`;
    const read = parseChat(JSON.parse(text), new Headers(), ON_REQUEST);
    expect([read.stream, read.maxOutputTokens]).toEqual([false, null]);
    expect(JSON.parse(JSON.stringify(read.body))).toEqual(JSON.parse(text));
    expect(Object.getPrototypeOf(read.body)).toBe(Object.prototype);
    expect(({} as Body).stream).toBeUndefined();
  });

  it("takes a lone surrogate: 86", () => {
    expect(refusalOf(() => chat({ messages: [{ role: "user", content: "\ud800" }] }))).toBe("accepted");
  });

  it("names its limit as the caller did, max_completion_tokens before max_tokens", () => {
    expect(chat({ max_tokens: 9, max_completion_tokens: 5 })).toMatchObject({
      maxOutputTokens: 5,
      outputLimitField: "max_completion_tokens",
    });
  });

  it("needs what it uses", () => {
    expect(chat({ tools: [{ type: "function" }] }).needs).toEqual(["chat", "tools"]);
    expect(chat({ tools: [] }).needs).toEqual(["chat"]);
    expect(chat({ response_format: { type: "json_schema" } }).needs).toEqual(["chat", "json"]);
    expect(chat({ response_format: { type: "json_object" } }).needs).toEqual(["chat", "json"]);
    expect(chat({ response_format: { type: "text" } }).needs).toEqual(["chat"]);
    expect(chat(image("data:image/png;base64,AAAA")).needs).toEqual(["chat", "vision"]);
  });

  it("is sized in UTF-8 bytes and messages, tools and tool calls with it", () => {
    expect(chat({ messages: [{ role: "user", content: "é世" }] }).prompt.size).toEqual({
      bytes: 5,
      messages: 1,
    });
    const tools = [{ type: "function", function: { name: "f" } }];
    expect(chat({ tools }).prompt.size.bytes).toBe(5 + JSON.stringify(tools).length);
    const tool_calls = [{ id: "c", type: "function", function: { name: "f", arguments: "x".repeat(9_000) } }];
    const called = chat({ messages: [...HELLO, { role: "assistant", content: null, tool_calls }] });
    expect(estimateInputTokens(called.prompt.size)).toBeGreaterThan(3_000);
  });

  it("takes its region and session from headers where the body has none", () => {
    const headers = { "x-region": "us-east", "x-session-id": "h" };
    expect(chat({}, headers)).toMatchObject({ sessionId: "h", wishes: { region: "us-east" } });
    const said = chat({ session_id: "b", routing: { region: "eu-west" } }, headers);
    expect(said).toMatchObject({ sessionId: "b", wishes: { region: "eu-west" } });
    expect(chat({ prompt_cache_key: "p" }, headers).sessionId).toBe("p");
  });
});

describe("the routing event", () => {
  const wanted = (routingEvent: "unless-refused" | "on-request", header?: string) =>
    parseChat({ model: "auto", messages: HELLO }, new Headers(header ? { "x-routing-event": header } : {}), {
      routingEvent,
    }).routingEvent;

  it("is sent by Inferbase unless refused, and elsewhere on request", () => {
    expect([wanted("unless-refused"), wanted("unless-refused", "false")]).toEqual([true, false]);
    expect([wanted("on-request"), wanted("on-request", "true"), wanted("on-request", "1")]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("a completions request", () => {
  it("counts its prompts, n and best_of into the choices", () => {
    expect(completions().choices).toBe(1);
    expect(completions({ prompt: ["a", "b", "c"], n: 2 }).choices).toBe(6);
    expect(completions({ prompt: ["a", "b"], n: 2, best_of: 5 }).choices).toBe(10);
    expect(completions({ prompt: [1, 2, 3] }).choices).toBe(1);
    expect(completions({ prompt: [[1, 2], [3]] }).choices).toBe(2);
  });

  it("has as many inputs as prompts: each is read in a context of its own", () => {
    expect(completions({ prompt: ["a", "b", "c"], n: 2 }).inputs).toBe(3);
    expect(completions({ prompt: [1, 2, 3] }).inputs).toBe(1);
  });

  it("is sized by its text, or by three bytes a token id", () => {
    expect(completions({ prompt: "äb" }).prompt.size).toEqual({ bytes: 3, messages: 1 });
    expect(completions({ prompt: [1, 2, 3] }).prompt.size).toEqual({ bytes: 9, messages: 1 });
    expect(completions({ prompt: [[1, 2], [3]] }).prompt.size).toEqual({ bytes: 9, messages: 2 });
    expect(completions({ prompt: ["ab", "c"] }).prompt).toMatchObject({
      text: "ab",
      size: { bytes: 3, messages: 2 },
    });
  });

  it.each([
    ["no prompt", undefined, MISSING],
    ["an empty prompt", "", INVALID],
    ["an empty list", [], INVALID],
    ["an empty prompt in a list", ["a", ""], INVALID],
    ["an empty list in a list", [[1], []], INVALID],
    ["a mixture", ["a", 1], INVALID],
    ["half a token id", [1.5], INVALID],
    ["a token id below 0", [-1], INVALID],
    ["null", null, INVALID],
    ["too many", Array(2_049).fill("a"), INVALID],
  ])("with %s is refused", (_, prompt, code) => {
    expect(refusalOf(() => completions({ prompt }))).toEqual([400, code, "prompt"]);
  });

  it.each([0, 9, 1.5])("with best_of %d is refused", (best_of) => {
    expect(refusalOf(() => completions({ best_of }))).toEqual([400, INVALID, "best_of"]);
  });
});

describe("an embeddings request", () => {
  it("has input and no output", () => {
    expect(embeddings({ input: ["ab", "c"] })).toMatchObject({
      wire: "openai-embeddings",
      stream: false,
      inputs: 2,
      choices: 0,
      maxOutputTokens: null,
      needs: ["embeddings"],
      prompt: { size: { bytes: 3, messages: 2 } },
    });
  });

  it.each<[string, Body, string]>([
    ["an empty input", { input: "" }, "input"],
    ["no dimensions", { dimensions: 0 }, "dimensions"],
    ["an unknown encoding", { encoding_format: "hex" }, "encoding_format"],
  ])("with %s is refused", (_, fields, param) => {
    expect(refusalOf(() => embeddings(fields))).toEqual([400, INVALID, param]);
  });

  it("never streams, whatever it says", () => {
    expect(embeddings({ stream: true }).stream).toBe(false);
  });
});

describe("a request that asked again should get the same answer", () => {
  const drawn = (fields: Body) => [chat(fields).isRepeatable, completions(fields).isRepeatable];

  it.each<[Body, boolean]>([
    [{}, false],
    [{ temperature: 0 }, true],
    [{ temperature: 0.1 }, false],
    [{ temperature: null }, false],
    [{ seed: 0 }, true],
    [{ seed: -7, temperature: 1.5 }, true],
    [{ seed: null }, false],
    [{ seed: "7" }, false],
    [{ seed: 0.5 }, false],
    [{ top_p: 0 }, false],
  ])("with %j: %s", (fields, isRepeatable) => {
    expect(drawn(fields)).toEqual([isRepeatable, isRepeatable]);
  });

  it("is one that shows no image from elsewhere, which may be another tomorrow", () => {
    const inlined = image("data:image/png;base64,AAAA");
    const remote = image("https://images.example/a.png");
    expect(chat({ ...inlined, temperature: 0 }).isRepeatable).toBe(true);
    expect(chat({ ...remote, temperature: 0 }).isRepeatable).toBe(false);
  });

  it("is every embedding: nothing is drawn", () => {
    expect(embeddings().isRepeatable).toBe(true);
  });
});
