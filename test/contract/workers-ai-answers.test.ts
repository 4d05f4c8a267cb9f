// Workers AI as callers of OpenAI's wire meet it: its answers through the one pump, and its failures through the
// walk of targets, beside an ordinary server.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { answerStream } from "../../src/answer/stream.ts";
import { answerWhole } from "../../src/answer/whole.ts";
import { openai } from "../../src/dialects/openai.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Inference } from "../../src/domain/inference.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { sampleAccepted } from "../answer/sample-accepted.ts";
import { Identity } from "../answer/streamed.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { GOOD, streaming, WHOLE } from "../origins/fake-origin.ts";
import { fakePorts } from "../support/fake-ports.ts";
import { bindingError, fakeWorkersAi } from "../support/fake-workers-ai.ts";

const LLAMA = "@cf/meta/llama-3.1-8b-instruct";
const BOUND: Target = {
  ...sampleTarget({ origin: { id: "cf", kind: "workers-ai", base_url: "https://workers-binding.ai" } }),
  servedAs: LLAMA,
};
const SERVER = sampleTarget({ origin: { id: "gpu", features: ["continue_final_message"] } });

beforeEach(() => void vi.stubGlobal("IdentityTransformStream", Identity));

async function answered(
  workersAi: Ports["workersAi"],
  asked: Partial<Inference> = {},
  targets = [BOUND, SERVER],
) {
  const isStream = asked.stream ?? true;
  const inference = sampleInference({ includeUsage: true, ...asked });
  const fetch = isStream
    ? streaming(GOOD)
    : async () => new Response(WHOLE, { headers: { "content-type": "application/json" } });
  const { ports, fetches } = fakePorts({ fetch, workersAi });
  const quiet = { ...ports, mailbox: { post: () => undefined } };
  const [endpoint] = openai.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const accepted = sampleAccepted({ inference, route: sampleRoute(targets) });
  const answer = await (isStream ? answerStream : answerWhole)(quiet, accepted, endpoint);
  if (!(answer instanceof Response)) throw answer.error;
  return { headers: answer.headers, text: await answer.text(), fetches };
}

const eventsOf = (text: string) =>
  text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace("data: ", ""));

describe("an answer of Workers AI", () => {
  it("streams as OpenAI's own: our id and model, one finish, the counts, one [DONE]", async () => {
    const { text, headers, fetches } = await answered(fakeWorkersAi());
    const events = eventsOf(text);
    expect(events.filter((event) => event === "[DONE]")).toHaveLength(1);
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({ id: expect.stringMatching(/^chatcmpl-\w+/), model: BOUND.model.id });
    }
    const choices = chunks.flatMap((chunk) => chunk.choices);
    expect(choices.map((choice) => choice.delta.content ?? "").join("")).toBe("Hello you");
    expect(choices.filter((choice) => choice.finish_reason !== null)).toHaveLength(1);
    expect(chunks.find((chunk) => chunk.choices.length === 0)?.usage).toMatchObject({
      prompt_tokens: 9,
      completion_tokens: 2,
    });
    expect(headers.get("x-inferroute-origin")).toBe("cf");
    expect(fetches).toEqual([]);
  });

  it("whole is OpenAI's too", async () => {
    const { text } = await answered(fakeWorkersAi(), {
      stream: false,
      body: { messages: [{ role: "user", content: "Hi" }] },
    });
    expect(JSON.parse(text)).toMatchObject({
      object: "chat.completion",
      model: BOUND.model.id,
      choices: [{ message: { role: "assistant", content: "Hello you" }, finish_reason: "stop" }],
    });
  });
});

describe("a request that Workers AI cannot serve", () => {
  it.each([
    [
      "it has no room",
      fakeWorkersAi(() => bindingError(429, 3040, "No more data centers to forward the request to")),
    ],
    ["it does not know the model", fakeWorkersAi(() => bindingError(400, 5007, "No such model"))],
    ["the deployment has no binding", null],
  ])("goes to the next target because %s", async (_, binding) => {
    const { headers, text } = await answered(binding);
    expect(headers.get("x-inferroute-origin")).toBe("gpu");
    expect(text).toContain('"content":"Hi"');
  });

  it("goes there unasked where it has no words for it", async () => {
    const binding = fakeWorkersAi();
    const { headers } = await answered(binding, { body: { messages: [], logprobs: true, stream: true } });
    expect(headers.get("x-inferroute-origin")).toBe("gpu");
    expect(binding.calls).toEqual([]);
  });

  it("is refused in our words where nobody else is there", async () => {
    const asked = { body: { messages: [], logprobs: true, stream: true } };
    await expect(answered(fakeWorkersAi(), asked, [BOUND])).rejects.toMatchObject({
      code: "invalid_value",
      status: 400,
      message: "The model's server cannot give log probabilities.",
    });
  });
});

describe("a stream of Workers AI that breaks off", () => {
  it("is continued by a server that can go on from its words", async () => {
    const half = new TextEncoder().encode('data: {"response":"Hello","p":"ab"}\n\n');
    const breaking = fakeWorkersAi(() => {
      let pulls = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) =>
          pulls++ === 0 ? controller.enqueue(half) : controller.error(new Error("reset")),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
    const { text, fetches } = await answered(breaking);
    const [asked] = fetches;
    expect(asked?.body).toMatchObject({
      continue_final_message: true,
      messages: [expect.anything(), { role: "assistant", content: "Hello" }],
    });
    const events = eventsOf(text);
    expect(events.at(-1)).toBe("[DONE]");
    const choices = events.slice(0, -1).flatMap((event) => JSON.parse(event).choices);
    expect(choices.map((choice) => choice.delta.content ?? "").join("")).toBe("HelloHi");
  });
});
