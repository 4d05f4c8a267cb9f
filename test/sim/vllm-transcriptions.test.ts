import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRegion, type RegionClient } from "./region-client.ts";

let region: RegionClient;
beforeAll(async () => {
  region = await openRegion();
});
afterAll(() => region.running.close());

const SOUND = new Uint8Array(320_000);

async function ask(fields: Readonly<Record<string, string>>, file: Uint8Array<ArrayBuffer> | null = SOUND) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (file !== null) form.set("file", new Blob([file], { type: "audio/wav" }), "sound.wav");
  const answer = await fetch(`${region.running.baseUrl}/audio/transcriptions`, {
    method: "POST",
    body: form,
  });
  return { status: answer.status, value: JSON.parse(await answer.text()) };
}

describe("/v1/audio/transcriptions", () => {
  it("gives the text and how long the sound was", async () => {
    const { value } = await ask({ model: "whisper" });
    expect(value).toEqual({ text: expect.stringMatching(/\S/), usage: { type: "duration", seconds: 10 } });
  });

  it("gives segments where verbose_json was asked for", async () => {
    const { value } = await ask({ model: "whisper", response_format: "verbose_json" });
    expect(value).toMatchObject({ duration: 10, language: "en" });
    expect(value.segments.at(-1).end).toBeCloseTo(10);
    expect(value.segments.map((one: { text: string }) => one.text).join("")).toBe(value.text);
  });

  it("hears the same in the same sound as the task wire does", async () => {
    const raw = await region.post("/hf/models/whisper", SOUND, { "content-type": "audio/wav" });
    expect((await ask({ model: "whisper" })).value.text).toBe(JSON.parse(await raw.text()).text);
  });

  it("refuses a form without a sound, a model that hears nothing, and what is no form", async () => {
    expect((await ask({ model: "whisper" }, null)).status).toBe(400);
    expect((await ask({ model: "qwen3-14b" })).status).toBe(400);
    const answer = await fetch(`${region.running.baseUrl}/audio/transcriptions`, {
      method: "POST",
      body: "no form",
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });
    expect(answer.status).toBe(400);
  });
});
