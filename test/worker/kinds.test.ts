// What kinds need of the runtime itself: forms that name their own boundary, and streams of a binding that are cut
// by a signal the binding does not know.
import { describe, expect, it } from "vitest";
import type { Ports } from "../../src/domain/ports.ts";
import { openaiTask } from "../../src/origins/kinds/openai-tasks.ts";
import { reach } from "../../src/origins/reach.ts";

const request = {
  url: "https://workers-binding.ai/run/x",
  init: {},
  workersAi: { model: "@cf/x", inputs: {} },
};

function portsWith(answer: () => Response): Pick<Ports, "fetch" | "workersAi"> {
  return { fetch: () => Promise.reject(new Error("the network")), workersAi: { run: async () => answer() } };
}

describe("a binding's stream", () => {
  it("is read to its end", async () => {
    const response = await reach(
      portsWith(() => new Response("data: x\n\n")),
      request,
      new AbortController().signal,
    );
    expect(await response.text()).toBe("data: x\n\n");
  });

  it("is cut mid-stream", async () => {
    const leaving = new AbortController();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const response = await reach(
      portsWith(() => new Response(readable)),
      request,
      leaving.signal,
    );
    const reader = response.body?.getReader();
    const [first] = await Promise.all([reader?.read(), writer.write(new Uint8Array([1]))]);
    expect(first?.value).toEqual(new Uint8Array([1]));
    const waiting = reader?.read();
    leaving.abort("idle");
    await expect(waiting).rejects.toBe("idle");
    await expect(writer.write(new Uint8Array([2]))).rejects.toBeDefined();
  });
});

it("a form with a sound names its boundary and holds the bytes", async () => {
  const input = { kind: "media", bytes: new Uint8Array([1, 2, 255]), type: "audio/wav" } as const;
  const asked = { task: "automatic-speech-recognition", input, isList: false, parameters: {} } as const;
  const form = openaiTask(asked, "whisper");
  const sent = new Request("http://origin.invalid", { method: "POST", body: form?.body ?? "" });
  expect(sent.headers.get("content-type")).toMatch(/^multipart\/form-data;\s*boundary=/);
  const file = (await sent.formData()).get("file");
  if (typeof file === "string" || file === null) throw new Error("no file");
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(input.bytes);
});
