import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerStream } from "../../src/answer/stream.ts";
import { DIALECTS } from "../../src/dialects/index.ts";
import type { Command } from "../../src/domain/account-commands.ts";
import { streaming } from "../origins/fake-origin.ts";
import { type FakeApply, fakePorts } from "../support/fake-ports.ts";
import { PLACE, sampleAccepted } from "./sample-accepted.ts";

const FRAMES = [
  'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  "data: [DONE]\n\n",
];

function chatEndpoint() {
  const dialect = DIALECTS.find(({ bases }) => bases.includes("/v1"));
  const endpoint = dialect?.endpoints.find(({ path }) => path === "/chat/completions");
  if (endpoint === undefined) throw new Error("nobody speaks chat");
  return endpoint;
}

// The platform's own; what it adds does not matter here.
beforeEach(() => void vi.stubGlobal("IdentityTransformStream", TransformStream));
afterEach(() => void vi.unstubAllGlobals());

/** What the caller has read so far, and what the object was told. */
async function streamed(fields: Parameters<typeof sampleAccepted>[0], apply: FakeApply) {
  const fake = fakePorts({ apply, fetch: streaming(FRAMES) });
  const answer = await answerStream(
    fake.ports,
    sampleAccepted({ idempotencyPlace: PLACE, ...fields }),
    chatEndpoint(),
  );
  if (!(answer instanceof Response) || answer.body === null) throw new Error("no answer");
  let text = "";
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  })();
  const kinds = () => fake.accountCalls.flatMap(({ commands }) => commands.map(({ kind }) => kind));
  return { text: () => text, read, kinds, settled: fake.settled };
}

const answered = (commands: readonly Command[]) =>
  commands.map(() => ({ ok: true, applied: "posted", postedMicroUsd: 0 }) as const);

describe("a stream with an Idempotency-Key", () => {
  it("ends when the object knows that it did: whoever has its end finds it done", async () => {
    let hear: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const stream = await streamed({}, async (commands) => {
      await heard;
      return answered(commands);
    });
    await expect.poll(stream.kinds).toEqual(["end-idempotency"]);
    await expect.poll(stream.text).toContain('"stop"');
    expect(stream.text()).not.toContain("[DONE]");
    hear();
    await stream.read;
    expect(stream.text()).toMatch(/\[DONE\]\n\n$/);
    await stream.settled();
    await expect.poll(stream.kinds).toEqual(["end-idempotency", "settle"]);
  });
});

describe("a stream without one", () => {
  it("ends whatever the object does", async () => {
    const stream = await streamed({ idempotencyPlace: null }, () => new Promise(() => undefined));
    await stream.read;
    expect(stream.text()).toMatch(/\[DONE\]\n\n$/);
    await expect.poll(stream.kinds).toEqual(["settle"]);
  });
});
