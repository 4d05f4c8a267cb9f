// The first event of a smart-routed stream: where it comes, where it does not, and what exactly it says.
import { describe, expect, inject, test } from "vitest";
import { ask } from "../support/ask.ts";
import { readEvents, type StreamEvent, textOf } from "../support/events.ts";
import { SMALL } from "../support/router.ts";

const demo = inject("demo");

interface Call {
  readonly change?: object;
  readonly base?: string;
  readonly endpoint?: "/chat/completions" | "/completions";
  readonly headers?: Readonly<Record<string, string>>;
}

async function stream({ change = {}, base = "/v1", endpoint = "/chat/completions", headers = {} }: Call) {
  const text = "Write a Python function to sort a list";
  const asked =
    endpoint === "/completions" ? { prompt: text } : { messages: [{ role: "user", content: text }] };
  const body = { model: SMALL, max_tokens: 4, stream: true, ...asked, ...change };
  const answer = await ask({
    baseUrl: demo.base_url,
    path: base + endpoint,
    key: demo.api_key,
    headers,
    body,
  });
  expect(answer.status, answer.text).toBe(200);
  return { answer, events: readEvents(answer.text) };
}

describe("the routing event", () => {
  const INFERBASE = "/api/v1/inference";
  const auto = { model: "auto" };
  const isRouting = ({ json }: StreamEvent) => json?.object === "routing";

  test.each([
    ["/chat/completions", { index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }],
    ["/completions", { index: 0, text: "", finish_reason: null }],
  ] as const)("opens an auto stream of %s, with exactly these fields", async (endpoint, choice) => {
    const { answer, events } = await stream({ base: INFERBASE, endpoint, change: auto });
    const [first, second, ...rest] = events;
    const header = (name: string) => answer.headers.get(`x-inferroute-${name}`);
    expect(Object.entries(first?.json ?? {})).toEqual([
      ["object", "routing"],
      ["id", second?.json?.id],
      ["created", second?.json?.created],
      ["model", header("model")],
      ["choices", [choice]],
      ["task", header("task")],
      ["complexity", header("complexity")],
      ["confidence", expect.any(Number)],
      ["routing_time_ms", expect.any(Number)],
      ["region", header("region")],
      ["reason", expect.stringMatching(/\S/)],
      ["decision_id", header("decision-id")],
    ]);
    expect(Number(first?.json?.confidence).toFixed(2)).toBe(header("confidence"));
    expect(rest.some(isRouting)).toBe(false);
    expect(textOf(events)).not.toBe("");
  });

  test.each([
    ["for a model that is named", { base: INFERBASE }],
    [
      "where the header refuses it",
      { base: INFERBASE, change: auto, headers: { "x-routing-event": "false" } },
    ],
    ["on /v1", { change: auto }],
    ["on /v1/openai", { base: "/v1/openai", change: auto }],
    ["on /v1 for a model that is named, asked for or not", { headers: { "x-routing-event": "true" } }],
  ] as const)("is absent %s", async (_, call) => {
    const { events } = await stream(call);
    expect(events.some(isRouting)).toBe(false);
  });

  test.each(["/v1", "/v1/openai"])("comes on %s when it is asked for", async (base) => {
    const { events } = await stream({ base, change: auto, headers: { "x-routing-event": "true" } });
    expect(events.map(isRouting).indexOf(true)).toBe(0);
  });
});
