// Streams as callers get them: the form of every byte, what is ours and what is the origin's, and one terminal,
// whatever the origin does to its own stream.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FaultKind } from "../../sim/faults.ts";
import { type Answer, ask } from "../support/ask.ts";
import { choicesOf, readEvents, type StreamEvent, terminalOf, textOf } from "../support/events.ts";
import { SMALL, WEATHER_TOOL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type Simulators, simulators } from "../support/simulators.ts";
import { originEvents, originRequest, stamped, twinOf, undated } from "../support/twin.ts";
import { type UsageRow, usageOf } from "../support/usage.ts";

let server: TestServer;
let sims: Simulators;

beforeAll(async () => {
  server = await startServer();
  sims = simulators(server.demo);
});
afterAll(async () => void (await server.stop()));
beforeEach(async () => {
  await sims.reset();
  await sims.timing({ scale: 0 });
});

const CHAT = {
  model: SMALL,
  max_tokens: 12,
  seed: 3,
  ignore_eos: true,
  messages: [{ role: "user", content: "Write a Python function to sort a list" }],
};
const COMPLETION = { model: SMALL, max_tokens: 12, seed: 3, ignore_eos: true, prompt: "Once upon" };
const WITH_USAGE = { stream_options: { include_usage: true } };

interface Call {
  readonly change?: object;
  readonly base?: string;
  readonly endpoint?: "/chat/completions" | "/completions";
  readonly headers?: Readonly<Record<string, string>>;
}

interface Streamed {
  readonly answer: Answer;
  readonly events: readonly StreamEvent[];
}

/** Reading the events tests their form: LF alone, one `data: ` line and one blank line each. */
async function stream({
  change = {},
  base = "/v1",
  endpoint = "/chat/completions",
  headers = {},
}: Call): Promise<Streamed> {
  const good = endpoint === "/completions" ? COMPLETION : CHAT;
  const body = { ...good, stream: true, ...change };
  const answer = await ask({
    baseUrl: server.baseUrl,
    path: base + endpoint,
    key: server.demo.api_key,
    headers,
    body,
  });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.isWhole).toBe(true);
  return { answer, events: readEvents(answer.text) };
}

/** What was billed for it, and how it ended. */
function rowOf({ answer }: Streamed): Promise<UsageRow> {
  const requestId = answer.headers.get("x-request-id") ?? "";
  return usageOf(server.demo, { managementKey: server.demo.management_key, requestId });
}

describe("fidelity", () => {
  const VARIANTS: readonly (readonly [string, Call])[] = [
    ["chat", {}],
    ["three choices", { change: { n: 3 } }],
    ["log probabilities", { change: { logprobs: true, top_logprobs: 2 } }],
    [
      "tool calls",
      { change: { tools: [WEATHER_TOOL], tool_choice: "required", ignore_eos: false, max_tokens: 100 } },
    ],
    ["running counts", { change: { stream_options: { include_usage: true, continuous_usage_stats: true } } }],
    ["completions", { endpoint: "/completions" }],
  ];
  const KINDS: readonly (FaultKind | null)[] = [
    null,
    "crlf",
    "split",
    "usage_beside_finish",
    "no_done",
    "empty_role",
  ];

  test.each(VARIANTS.flatMap(([name, call]) => KINDS.map((kind) => [name, kind, call] as const)))(
    "%s, fault %s: every byte but id and model is the origin's",
    async (_, kind, call) => {
      if (kind !== null) await sims.fault({ kind });
      const change = { ...WITH_USAGE, ...call.change };
      const { answer, events } = await stream({ ...call, change });
      const stamp = { id: String(events[0]?.json?.id), model: SMALL };
      const theirs = originEvents(await twinOf(server.demo, answer)).filter((data) => data !== "[DONE]");
      const expected = theirs.map((data) =>
        stamped(data, stamp).replaceAll('"role":""', '"role":"assistant"'),
      );
      expect(events.slice(0, -1).map(({ data }) => undated(data))).toEqual(expected);
      expect(terminalOf(events)).toBe("done");
      const prefix = call.endpoint === "/completions" ? "cmpl-" : "chatcmpl-";
      const requestId = answer.headers.get("x-request-id") ?? "";
      expect(stamp.id).toBe(requestId.replace("req_", prefix));
      expect(events.slice(0, -1).every(({ json }) => json?.id === stamp.id && json.model === SMALL)).toBe(
        true,
      );
    },
  );

  test("one write an event", async () => {
    await sims.timing({ scale: 1 });
    for (const kind of ["crlf", "split", "no_done", null]) {
      await sims.reset();
      if (kind !== null) await sims.fault({ kind });
      const { answer } = await stream({});
      for (const piece of answer.pieces) expect(piece.text).toMatch(/^data: [^\n]+\n\n$/);
    }
  });

  test("a paced stream is passed on as it comes", async () => {
    await sims.timing({ scale: 1 });
    const { answer } = await stream({ change: { max_tokens: 300 } });
    const times = answer.pieces.map(({ atMs }) => atMs - answer.startedAtMs);
    const total = times.at(-1) ?? 0;
    expect(total).toBeGreaterThan(1_000);
    expect(times[0]).toBeLessThan(total / 10);
    // A tenth of the events has come after a tenth of the time, and so on: nothing is kept back.
    for (const share of [0.25, 0.5, 0.75]) {
      expect(times[Math.floor(times.length * share)]).toBeLessThan(total * (share + 0.15));
    }
  });
});

describe("usage", () => {
  const usageEvents = (events: readonly StreamEvent[]) =>
    events.filter((event) => event.json !== null && choicesOf(event).length === 0);
  const BILLED = ["input_tokens", "output_tokens", "cost_usd", "estimated", "outcome", "status"];
  const billOf = async (streamed: Streamed) => {
    const row = await rowOf(streamed);
    return BILLED.map((name) => row[name]);
  };

  test.each(["/chat/completions", "/completions"] as const)(
    "%s: comes when it is asked for, and the bill is the same without",
    async (endpoint) => {
      const [asked, unasked, refused] = await Promise.all([
        stream({ endpoint, change: WITH_USAGE }),
        stream({ endpoint }),
        stream({ endpoint, change: { stream_options: { include_usage: false } } }),
      ]);
      expect(usageEvents(asked.events)).toEqual([asked.events.at(-2)]);
      expect(asked.events.at(-2)?.json?.usage).toMatchObject({ completion_tokens: 12 });
      for (const quiet of [unasked, refused]) {
        expect(usageEvents(quiet.events)).toEqual([]);
        expect(quiet.events.map(({ json }) => json?.usage ?? null)).toEqual(quiet.events.map(() => null));
        expect(await billOf(quiet)).toEqual(await billOf(asked));
      }
      expect(await billOf(asked)).toEqual([expect.any(Number), 12, expect.any(Number), false, "ok", 200]);
    },
  );

  test("the origin is always asked for it", async () => {
    const { answer } = await stream({ change: { stream_options: { include_usage: false } } });
    const { body } = await originRequest(server.demo, answer);
    expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test.each([true, false])(
    "none of the origin's: content is counted (asked for: %s)",
    async (include_usage) => {
      await sims.fault({ kind: "no_usage" });
      const streamed = await stream({ change: { stream_options: { include_usage } } });
      const [usage] = usageEvents(streamed.events);
      if (include_usage) {
        expect(usage).toBe(streamed.events.at(-2));
        expect(usage?.json).toMatchObject({
          object: "chat.completion.chunk",
          usage: { completion_tokens: 12 },
        });
      } else expect(usage).toBeUndefined();
      expect(await rowOf(streamed)).toMatchObject({ output_tokens: 12, estimated: true, outcome: "ok" });
    },
  );

  test("absurd counts are replaced by our own, and cost no more than was held", async () => {
    await sims.fault({ kind: "absurd_usage" });
    const streamed = await stream({ change: WITH_USAGE });
    expect(terminalOf(streamed.events)).toBe("done");
    const row = await rowOf(streamed);
    expect(row).toMatchObject({ output_tokens: 12, estimated: true, outcome: "ok" });
    expect(Number(row.input_tokens)).toBeGreaterThan(0);
    expect(Number(row.cost_usd)).toBeLessThanOrEqual(
      Number(streamed.answer.headers.get("x-inferroute-reserved-usd")),
    );
  });
});

describe("a stream that breaks", () => {
  test.each(["die", "end", "garbage_frame", "error_event", "long_line"] as const)(
    "%s: what came, one error event, and nothing after it",
    async (kind) => {
      // Counted faults are met by requests alone: a check that met it would leave a dying connection to this one.
      await sims.fault({ kind, count: 1 });
      const streamed = await stream({ change: { routing: { fallback: false } } });
      const { events, answer } = streamed;
      expect(terminalOf(events)).toBe("error");
      expect(textOf(events)).not.toBe("");
      expect(events.at(-1)?.json).toEqual({
        error: {
          message: expect.stringMatching(/^\S.*[.]$/),
          type: "upstream_error",
          param: null,
          code: "upstream_disconnected",
          request_id: answer.headers.get("x-request-id"),
        },
      });
      expect(events.flatMap(choicesOf).some(({ finish_reason }) => typeof finish_reason === "string")).toBe(
        false,
      );
      expect(await rowOf(streamed)).toMatchObject({
        outcome: "error",
        attempts: [{ error: "upstream_disconnected" }],
      });
      // Nobody else may go on with it: where somebody may, see continuation.test.ts.
      expect((await sims.requests()).filter(({ method }) => method === "POST")).toHaveLength(1);
    },
  );
});

describe("silence", () => {
  test("commits after 5 s, beats after 10 s more, and ends in one error event", {
    timeout: 40_000,
  }, async () => {
    await sims.fault({ kind: "hang_after_headers" });
    const headers = { "x-timeout-ms": "17000" };
    const [named, smart] = await Promise.all([
      stream({ headers }),
      stream({ base: "/api/v1/inference", change: { model: "auto" }, headers }),
    ]);
    const timesOf = ({ answer }: Streamed) =>
      answer.pieces.map(({ atMs }) => (atMs - answer.startedAtMs) / 1_000);
    for (const { answer, events } of [named, smart]) {
      expect((answer.headersAtMs - answer.startedAtMs) / 1_000).toBeCloseTo(5, 0);
      expect(terminalOf(events)).toBe("error");
      expect(events.at(-1)?.json?.error).toMatchObject({ code: "upstream_timeout", type: "timeout_error" });
    }
    expect(named.answer.pieces.map(({ text }) => text.slice(0, 8))).toEqual(["\n\n", 'data: {"']);
    expect(timesOf(named)).toEqual([expect.closeTo(15, 0), expect.closeTo(17, 0)]);
    expect(smart.answer.pieces.map(({ text }) => text.slice(0, 16))).toEqual([
      'data: {"object":',
      "\n\n",
      'data: {"error":{',
    ]);
    expect(timesOf(smart)).toEqual([expect.closeTo(5, 0), expect.closeTo(15, 0), expect.closeTo(17, 0)]);
  });
});
