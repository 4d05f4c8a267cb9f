import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listOf } from "../../src/lib/record.ts";
import { DONE, streaming } from "../origins/fake-origin.ts";
import { choicesOf, readEvents, type StreamEvent, terminalOf, textOf } from "../support/events.ts";
import type { FakeFetch } from "../support/fake-ports.ts";
import { startedAgo } from "./sample-accepted.ts";
import { regional, type Streamed, streamed } from "./streamed.ts";

const event = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: "theirs", object: "chat.completion.chunk", created: 7, model: "theirs", choices: [{ index: 0, ...choice }], ...more })}\n\n`;
const delta = (fields: object) => event({ delta: fields, finish_reason: null });
const role = delta({ role: "assistant", content: "" });
const word = (content: string) => delta({ content });
const thought = (reasoning: string) => delta({ reasoning });
const stop = event({ delta: {}, finish_reason: "stop" });
const usage = (prompt: number, completion: number) => ({
  usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
});
const counts = (prompt: number, completion: number) =>
  `data: ${JSON.stringify({ id: "theirs", created: 9, model: "theirs", choices: [], ...usage(prompt, completion) })}\n\n`;

const dying = (...chunks: readonly string[]): FakeFetch => streaming(chunks, { ending: "break" });
const living = (...chunks: readonly string[]): FakeFetch => streaming([...chunks, DONE]);
const ends = living(role, word(" end"), stop);

const eventsOf = ({ text }: Streamed): readonly StreamEvent[] => readEvents(text);
const said = (result: Streamed) => textOf(eventsOf(result));
const terminal = (result: Streamed) => terminalOf(eventsOf(result));
const lastMessage = ({ asked }: Streamed) => listOf(asked[1]?.messages).at(-1);
const messages = [{ role: "user", content: "hello" }];

describe("an origin that dies mid-stream", () => {
  it("is followed by another: one id, one role, one date, every word once, one terminal", async () => {
    const result = await streamed({
      origins: [
        dying(role, word("Hel"), word("lo")),
        living(
          role.replace('"created":7', '"created":9'),
          word(", wor").replace('"created":7', '"created":9'),
          word("ld"),
          stop,
        ),
      ],
    });
    const events = eventsOf(result);
    expect(said(result)).toBe("Hello, world");
    expect(terminal(result)).toBe("done");
    const frames = events.slice(0, -1).map(({ json }) => json);
    expect(new Set(frames.map((json) => json?.id))).toEqual(new Set(["chatcmpl-1"]));
    expect(new Set(frames.map((json) => json?.created))).toEqual(new Set([7]));
    expect(events.flatMap(choicesOf).filter((choice) => choice.delta?.role !== undefined)).toHaveLength(1);
    expect(result.hosts).toEqual(["o0", "o1"]);
  });

  it("asks for the rest by a half-written message, with what is left of the limit", async () => {
    const { asked } = await streamed({
      origins: [dying(role, word("Hel"), word("lo")), ends],
      inference: { maxOutputTokens: 10, body: { messages, min_tokens: 5, stop: ["END"], seed: 3 } },
    });
    expect(asked[0]).not.toHaveProperty("continue_final_message");
    expect(asked[1]).toMatchObject({
      messages: [...messages, { role: "assistant", content: "Hello" }],
      continue_final_message: true,
      add_generation_prompt: false,
      max_tokens: 8,
      min_tokens: 3,
      stop: ["END"],
      seed: 3,
    });
  });

  it("is paid for once: its prompt, and what was delivered; each attempt keeps its own counts", async () => {
    const { row, text } = await streamed({
      origins: [
        dying(role, word("Hel"), word("lo")),
        living(role, word(","), word(" wor"), word("ld"), stop, counts(32, 3)),
      ],
      inference: { includeUsage: true },
    });
    expect(row).toMatchObject({
      outcome: "ok",
      status: 200,
      origin: "o1",
      input_tokens: 30,
      output_tokens: 5,
      estimated: true,
      attempts: [
        { origin: "o0", error: "upstream_disconnected", status: 200, outputTokens: 2 },
        { origin: "o1", error: null, inputTokens: 32, outputTokens: 3 },
      ],
    });
    // ceil(30 × 0.06 + 5 × 0.24) µUSD
    expect(row.cost_micro_usd).toBe(3);
    const shown = readEvents(text).filter((each) => each.json?.usage !== undefined);
    expect(shown.map(({ json }) => json?.usage)).toEqual([
      { prompt_tokens: 30, completion_tokens: 5, total_tokens: 35 },
    ]);
  });

  it("that counted along is believed: nothing of the bill is a guess", async () => {
    const first = [role, delta({ content: "Hel" })].map((each, at) =>
      each.replace(/\}\n\n$/, `,"usage":${JSON.stringify(usage(11, at).usage)}}\n\n`),
    );
    const { row } = await streamed({
      origins: [dying(...first), living(role, word("lo"), stop, counts(12, 2))],
    });
    expect(row).toMatchObject({ input_tokens: 11, output_tokens: 3, estimated: false });
  });

  it("shows the same counts where the next one sends them beside its finish reason", async () => {
    const finish = event({ delta: {}, finish_reason: "stop" }, { x: 1.0, ...usage(31, 1) });
    const { text } = await streamed({
      origins: [dying(role, word("Hello")), living(role, word("!"), finish)],
      inference: { includeUsage: true },
    });
    const last = readEvents(text).at(-2);
    expect(last?.json?.usage).toEqual({ prompt_tokens: 30, completion_tokens: 2, total_tokens: 32 });
  });

  it("may be followed by two, and no more", async () => {
    const origins = [0, 1, 2, 3].map((at) => dying(role, word(` ${at}`)));
    const result = await streamed({ origins });
    expect(said(result)).toBe(" 0 1 2");
    expect(terminal(result)).toBe("error");
    expect(result.hosts).toEqual(["o0", "o1", "o2"]);
    expect(result.asked.map(({ messages: list }) => listOf(list).at(-1))).toEqual([
      { role: "user", content: "hello" },
      { role: "assistant", content: " 0" },
      { role: "assistant", content: " 0 1" },
    ]);
    expect(result.row.attempts.map(({ error }) => error)).toEqual(Array(3).fill("upstream_disconnected"));
    expect(result.row).toMatchObject({ outcome: "error", output_tokens: 3 });
  });

  it("that nobody can follow is the error, not those who could not", async () => {
    const refusing: FakeFetch = async () => new Response("{}", { status: 400 });
    const result = await streamed({ origins: [dying(role, word("Hel")), refusing] });
    expect(eventsOf(result).at(-1)?.json?.error).toMatchObject({ code: "upstream_disconnected" });
    expect(result.row).toMatchObject({ origin: "o0", output_tokens: 1, outcome: "error" });
    expect(result.row.attempts.map(({ error }) => error)).toEqual(["upstream_disconnected", "invalid_value"]);
  });

  it("behind its finish reason has said it all", async () => {
    const result = await streamed({ origins: [dying(role, word("Hello"), stop), ends] });
    expect(said(result)).toBe("Hello");
    expect(terminal(result)).toBe("done");
    expect(result.hosts).toEqual(["o0"]);
    expect(result.row).toMatchObject({ outcome: "ok" });
  });

  it("goes on with a caller's own half message", async () => {
    const half = [...messages, { role: "assistant", content: "Dear" }];
    const body = { messages: half, continue_final_message: true, add_generation_prompt: false };
    const { asked } = await streamed({ origins: [dying(word(" Sir")), ends], inference: { body } });
    expect(asked[1]?.messages).toEqual([...messages, { role: "assistant", content: "Dear Sir" }]);
  });

  it("goes on behind a thought that was over", async () => {
    const result = await streamed({ origins: [dying(role, thought("hm"), word("So")), ends] });
    expect(terminal(result)).toBe("done");
    expect(lastMessage(result)).toEqual({
      role: "assistant",
      content: "So",
      reasoning: "hm",
      reasoning_content: "hm",
    });
  });

  it("is not followed by one that thinks anew", async () => {
    const origins = [dying(role, word("So")), living(role, thought("hm"), word("x"), stop)];
    const result = await streamed({ origins });
    expect(said(result)).toBe("So");
    expect(terminal(result)).toBe("error");
  });
});

describe("what a continued stream may cost", () => {
  it("is the GPU time of both without reading the prompt twice", async () => {
    const counted = { ...usage(11, 1).usage, gpu_ms: 100 };
    const first = delta({ content: "Hel" }).replace(/\}\n\n$/, `,"usage":${JSON.stringify(counted)}}\n\n`);
    const last = counts(12, 2).replace("}}", ',"gpu_ms":500}}');
    const { row } = await streamed({
      origins: [dying(role, first), living(role, word("lo"), stop, last)],
      accepted: { clock: startedAgo(1_000) },
    });
    // Twelve tokens at 5,000 a second.
    expect(row.gpu_ms).toBe(100 + 500 - 3);
  });

  it("is one deadline for all its origins", async () => {
    const slow = streaming([role, word("Hel")], { ending: "break", waitMs: 100 });
    const hanging: FakeFetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
      );
    const sinceMs = Date.now();
    const result = await streamed({ origins: [slow, hanging], inference: { timeoutMs: 400 } });
    expect(terminal(result)).toBe("error");
    expect(result.hosts).toEqual(["o0", "o1"]);
    expect(Date.now() - sinceMs).toBeLessThan(600);
  });

  const spent = { retries: { count: () => undefined, spend: () => false } };

  it("is no retry where another goes on for the first time", async () => {
    const result = await streamed({ origins: [dying(role, word("Hel")), ends], ports: spent });
    expect(said(result)).toBe("Hel end");
  });

  it.each([
    ["where it starts anew", [dying(role), ends], ["o0"]],
    ["where it breaks twice", [dying(role, word("a")), dying(role, word("b")), ends], ["o0", "o1"]],
  ])("is one %s", async (_, origins, hosts) => {
    const result = await streamed({ origins, ports: spent });
    expect(terminal(result)).toBe("error");
    expect(result.hosts).toEqual(hosts);
  });
});

describe("the response cache", () => {
  it.each([
    ["keeps what one origin wrote", [living(role, word("Hi"), stop, counts(3, 1))], 1],
    [
      "keeps nothing that two wrote",
      [dying(role, word("Hel")), living(role, word("lo"), stop, counts(4, 1))],
      0,
    ],
  ])("%s", async (_, origins, count) => {
    let kept = 0;
    const answers = () => ({ remember: async () => void kept++ }) as never; // the only door used here
    const cached = { accepted: { cachePlace: "place" }, inference: { maxOutputTokens: 10 } };
    await streamed({ origins, ports: { answers }, ...cached });
    expect(kept).toBe(count);
  });
});

describe("before any content", () => {
  it("the same request goes to another origin, whatever it asks for and whatever that one can", async () => {
    const two = [0, 1].map((index) => event({ index, delta: { role: "assistant" }, finish_reason: null }));
    const finishes = [0, 1].flatMap((index) => [
      event({ index, delta: { content: `${index}` }, finish_reason: null }),
      event({ index, delta: {}, finish_reason: "stop" }),
    ]);
    const result = await streamed({
      origins: [dying(...two), living(...two, ...finishes, counts(30, 2))],
      targets: [regional(0), regional(1, { features: [] })],
      inference: { choices: 2, answers: 2, body: { messages, n: 2, logprobs: true } },
    });
    expect(terminal(result)).toBe("done");
    expect(eventsOf(result).flatMap(choicesOf)).toHaveLength(6);
    expect(result.asked[1]).toEqual(result.asked[0]);
    expect(result.row).toMatchObject({ input_tokens: 30, output_tokens: 2, estimated: false });
  });
});

describe("an answer is not continued", () => {
  type Case = Omit<Parameters<typeof streamed>[0], "origins"> & { readonly origins?: readonly FakeFetch[] };
  const body = (fields: object): Case => ({ inference: { body: { messages, ...fields } } });
  const call = delta({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "{" } }] });
  const from = (...chunks: readonly string[]): Case => ({ origins: [dying(role, ...chunks), ends] });
  const cases: readonly (readonly [string, Case])[] = [
    ["without fallback", { route: { fallback: false } }],
    ["of several choices", { inference: { choices: 2, answers: 2 } }],
    ["with log probabilities", body({ logprobs: true })],
    ["in JSON mode", body({ response_format: { type: "json_object" } })],
    ["of a schema", body({ response_format: { type: "json_schema", json_schema: {} } })],
    ["under a grammar", body({ guided_regex: "a+" })],
    ["that must be a call", body({ tools: [{}], tool_choice: "required" })],
    ["that echoes", body({ echo: true })],
    ["within a call", from(word("Let me see"), call)],
    ["within a thought", from(thought("hm"))],
    ["within a thought that is part of the text", from(word("<think>"), word("hm"))],
    ["behind a thought, before a word", from(thought("hm"), word("\n\n"))],
    ["within a character", from(word("\ud83e"))],
    ["behind a character that got lost", from(word("a\ufffd"))],
    ["at the beginning of a stop string", { ...from(word("a E")), ...body({ stop: ["END"] }) }],
    ["outside the route, and so outside the pin", { targets: [regional(0)] }],
    ["where nobody can", { targets: [regional(0), regional(1, { features: [] })] }],
    [
      "by another model",
      { targets: [regional(0), { ...regional(1), model: { ...regional(1).model, id: "other" } }] },
    ],
    ["at its limit", { inference: { maxOutputTokens: 1 } }],
    ["beyond what is kept", from(word("x".repeat(128 * 1024)), word("y"))],
  ];

  it.each(cases)("%s: what came, and one error event", async (_, { origins, ...rest }) => {
    const result = await streamed({ origins: origins ?? [dying(role, word("Hel")), ends], ...rest });
    expect(result.hosts).toEqual(["o0"]);
    expect(terminal(result)).toBe("error");
    expect(eventsOf(result).at(-1)?.json?.error).toMatchObject({ code: "upstream_disconnected" });
    expect(said(result)).not.toContain("end");
  });

  it("though one like it, of plain words, is", async () => {
    const tools = { tools: [{}], tool_choice: "auto", response_format: { type: "text" }, stop: ["END"] };
    const result = await streamed({ origins: [dying(role, word("Hel")), ends], ...body(tools) });
    expect(said(result)).toBe("Hel end");
  });

  it("for a caller who has left", async () => {
    const gone = new AbortController();
    const leaving = async (bytes: ReadableStream<Uint8Array>) => {
      const reader = bytes.getReader();
      const { value } = await reader.read();
      gone.abort();
      await reader.cancel();
      return new TextDecoder().decode(value);
    };
    const { hosts, row } = await streamed({
      origins: [dying(role, word("Hel"), word("lo")), ends],
      callerGone: gone.signal,
      read: leaving,
    });
    expect(hosts).toEqual(["o0"]);
    expect(row).toMatchObject({ outcome: "cancelled", status: 499 });
  });

  it("beyond its own time", async () => {
    const hanging = streaming([role, word("Hel")], { ending: "hang" });
    const result = await streamed({ origins: [hanging, ends], inference: { timeoutMs: 50 } });
    expect(eventsOf(result).at(-1)?.json?.error).toMatchObject({ code: "upstream_timeout" });
    expect(result.hosts).toEqual(["o0"]);
  });
});

describe("the seam", () => {
  /** Any text in any tokens, with the white space that models write. */
  const tokens = fc.array(
    fc.oneof(
      fc.constantFrom(" ", "\n", "\n\n", "  ", "\t", " a", "b", ".", " é", "🦜", "the", "\n- "),
      fc.string({ minLength: 1, maxLength: 4 }).filter((each) => each.isWellFormed()),
    ),
    { minLength: 1, maxLength: 12 },
  );

  /** Knows the whole text, goes on from any beginning of it, and may cut what follows in its own way. */
  function knowing(text: string, cutLength: number): FakeFetch {
    return (url, init) => {
      const { messages: list } = JSON.parse(String(init.body)) as {
        messages: { role: string; content: string }[];
      };
      const last = list.at(-1);
      const given = last?.role === "assistant" ? last.content : "";
      expect(text.startsWith(given)).toBe(true);
      const left = [...text.slice(given.length)];
      const pieces: string[] = [];
      while (left.length > 0) pieces.push(left.splice(0, cutLength).join(""));
      return living(role, ...pieces.map(word), stop)(url, init);
    };
  }

  it("loses and doubles nothing, wherever the break and whatever the tokens", async () => {
    await fc.assert(
      fc.asyncProperty(tokens, fc.nat(), fc.integer({ min: 1, max: 5 }), async (list, at, cutLength) => {
        const text = list.join("");
        fc.pre(!text.includes("\ufffd") && !/^\s*(<think>|\[THINK\])/.test(text));
        const cut = at % (list.length + 1);
        const result = await streamed({
          origins: [dying(role, ...list.slice(0, cut).map(word)), knowing(text, cutLength)],
        });
        expect(said(result)).toBe(text);
        expect(terminal(result)).toBe("done");
      }),
      { numRuns: 200 },
    );
  });

  it("leaves white space at the end to the next origin, and takes it out of its words", async () => {
    const result = await streamed({
      origins: [
        dying(role, word("One."), word("\n\n")),
        living(role, word("\n"), word("\n Two"), stop, counts(31, 2)),
      ],
    });
    expect(lastMessage(result)).toEqual({ role: "assistant", content: "One." });
    expect(said(result)).toBe("One.\n\n Two");
    // Delivered: "One.", "\n\n", " Two". The line breaks said again are nobody's to pay.
    expect(result.row).toMatchObject({ input_tokens: 30, output_tokens: 3 });
  });

  it("passes other white space on, behind what was delivered", async () => {
    const result = await streamed({
      origins: [dying(role, word("One."), word("\n\n")), living(role, word(" Two"), stop)],
    });
    expect(said(result)).toBe("One.\n\n Two");
  });

  it("keeps every byte of the frames behind it but id, model, date and counts", async () => {
    const odd =
      'data: {"id":"x","created":9,"seed":12345678901234567890,"model":"m", "choices":[{"index":0,"delta":{"content":"\\n\\u00fc 🦜"},"finish_reason":null,"extra":1.0}]}\n\n';
    const result = await streamed({ origins: [dying(role, word("a"), word("\n")), living(role, odd, stop)] });
    expect(result.text).toContain(
      'data: {"id":"chatcmpl-1","created":7,"seed":12345678901234567890,"model":"Qwen/Qwen3-14B", "choices":[{"index":0,"delta":{"content":"ü 🦜"},"finish_reason":null,"extra":1.0}]}\n\n',
    );
  });
});
