import { describe, expect, it } from "vitest";
import type { Ports } from "../../src/domain/ports.ts";
import { reach } from "../../src/origins/reach.ts";
import { fakePorts } from "../support/fake-ports.ts";
import { eventStream, fakeWorkersAi } from "../support/fake-workers-ai.ts";

const MODEL = "@cf/meta/llama-3.1-8b-instruct";
const request = (inputs: Readonly<Record<string, unknown>> | null) => {
  return { url: "https://workers-binding.ai/run/x", init: {}, workersAi: { model: MODEL, inputs } };
};
const portsWith = (workersAi: Ports["workersAi"]) => fakePorts({ workersAi }).ports;
const alive = () => new AbortController().signal;

describe("an origin behind the binding", () => {
  it("is asked there and nowhere else, for a raw answer that the signal ends", async () => {
    const binding = fakeWorkersAi();
    const response = await reach(
      portsWith(binding),
      request({ messages: [{ role: "user", content: "Hi" }] }),
      alive(),
    );
    expect(await response.json()).toMatchObject({ response: "Hello you" });
    expect(binding.calls).toEqual([
      { model: MODEL, inputs: { messages: [{ role: "user", content: "Hi" }] } },
    ]);
  });

  it("passes errors on with their status", async () => {
    const response = await reach(portsWith(fakeWorkersAi()), request({ messages: [] }), alive());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ internalCode: 5006 });
  });

  it("is not reached where a deployment has no binding", async () => {
    await expect(reach(portsWith(null), request({}), alive())).rejects.toThrow("no AI binding");
    expect((await reach(portsWith(null), request(null), alive())).status).toBe(503);
  });

  it("is there where the binding is, and no model is run to find out", async () => {
    const binding = fakeWorkersAi();
    expect((await reach(portsWith(binding), request(null), alive())).status).toBe(200);
    expect(binding.calls).toEqual([]);
  });
});

describe("a binding that does not follow the signal", () => {
  it("lets go of a request that waits for its answer, and of the answer when it comes", async () => {
    const leaving = new AbortController();
    const cancelled: unknown[] = [];
    const body = new ReadableStream({ cancel: () => void cancelled.push(true) });
    const late = Promise.withResolvers<Response>();
    const binding = fakeWorkersAi(() => late.promise);
    const asked = reach(portsWith(binding), request({}), leaving.signal);
    await Promise.resolve();
    leaving.abort("caller");
    await expect(asked).rejects.toBe("caller");
    late.resolve(new Response(body));
    await new Promise((resolve) => setTimeout(resolve));
    expect(cancelled).toEqual([true]);
  });

  it("is cut mid-stream, with its own stream cancelled", async () => {
    const leaving = new AbortController();
    const cancelled: unknown[] = [];
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array([1])),
      cancel: () => void cancelled.push(true),
    });
    const response = await reach(
      portsWith(fakeWorkersAi(() => new Response(body))),
      request({}),
      leaving.signal,
    );
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toEqual(new Uint8Array([1]));
    const waiting = reader?.read();
    leaving.abort("idle");
    await expect(waiting).rejects.toBe("idle");
    expect(cancelled).toEqual([true]);
  });

  it("is not asked for a caller who has left", async () => {
    const binding = fakeWorkersAi();
    await expect(reach(portsWith(binding), request({}), AbortSignal.abort("caller"))).rejects.toBe("caller");
    expect(binding.calls).toEqual([]);
  });
});

it("a body that is read to its end leaves nothing to be cut", async () => {
  const leaving = new AbortController();
  const binding = fakeWorkersAi(() => eventStream([{ response: "a" }]));
  const response = await reach(portsWith(binding), request({}), leaving.signal);
  expect(await response.text()).toBe('data: {"response":"a"}\n\ndata: [DONE]\n\n');
  leaving.abort("done");
});
