// A hit in the runtime itself, whose streams are not Node's: a caller who reads nothing must not hold a replay.
import { describe, expect, test } from "vitest";
import { answerFromCache } from "../../src/answer/cache-hit.ts";
import { openai } from "../../src/dialects/openai.ts";
import type { Command } from "../../src/domain/account-commands.ts";
import { unpackRow } from "../../src/domain/packed-row.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { textPacker } from "../../src/lib/packed-texts.ts";
import { sampleAccepted } from "../answer/sample-accepted.ts";
import { sampleInference, sampleTarget } from "../domain/sample-target.ts";
import { fakePorts } from "../support/fake-ports.ts";

const TARGET = sampleTarget();
const EVENTS = 200;

function textOf(): string {
  const packer = textPacker();
  for (let n = 0; n < EVENTS; n++) packer.add(`{"id":"x","model":"m","choices":[{"index":${n}}]}`);
  return packer.packed();
}

async function hit(timeoutMs: number) {
  const rows: ReturnType<typeof unpackRow>[] = [];
  const mailbox: Ports["mailbox"] = {
    post(_, { command }: { readonly command: Command }) {
      if (command.kind === "settle") rows.push(unpackRow(command.rowJson));
    },
  };
  const fake = fakePorts();
  const inference = sampleInference({ stream: true, timeoutMs });
  const accepted = sampleAccepted({ cachePlace: "p", inference });
  const answer = {
    model: TARGET.model.id,
    origin: TARGET.origin.id,
    servedAs: TARGET.servedAs,
    createdS: 7,
    usage: NO_USAGE,
    isUsageReported: true,
    text: textOf(),
  };
  const [endpoint] = openai.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const found = { answer, target: TARGET };
  const response = await answerFromCache({ ...fake.ports, mailbox }, { accepted, found }, endpoint);
  return { response, rows, settled: fake.settled };
}

describe("a hit, streamed", () => {
  test("is every event and the terminal, each in a write of its own", async () => {
    const { response, rows, settled } = await hit(60_000);
    const decoder = new TextDecoder();
    const pieces: string[] = [];
    for await (const bytes of response.body as ReadableStream<Uint8Array>) pieces.push(decoder.decode(bytes));
    await settled();
    expect(pieces).toHaveLength(EVENTS + 1);
    for (const piece of pieces) expect(piece).toMatch(/^data: [^\n]+\n\n$/);
    expect(pieces.at(-1)).toBe("data: [DONE]\n\n");
    expect(rows).toMatchObject([{ outcome: "ok", cache: "hit" }]);
  });

  test("to a caller who reads nothing ends with the request's time, and its place is given back", async () => {
    const { rows, settled } = await hit(100);
    await settled();
    expect(rows).toMatchObject([{ outcome: "cancelled", status: 499, cost_micro_usd: 0, cache: "hit" }]);
  }, 10_000);

  test("to a caller who leaves ends at once", async () => {
    const { response, rows, settled } = await hit(60_000);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    await settled();
    expect(rows).toMatchObject([{ outcome: "cancelled", status: 499, cache: "hit" }]);
  });
});
