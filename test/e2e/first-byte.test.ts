// What the router adds to the time until a stream's first byte, against a Worker that only passes on: printed for
// whoever wonders, and bounded loosely, since other tests share the processor.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Answer, ask } from "../support/ask.ts";
import { type Passthrough, printFirstBytes, startPassthrough } from "../support/passthrough.ts";
import { SMALL } from "../support/router.ts";
import { originRequest } from "../support/twin.ts";

const demo = inject("demo");
const [place] = demo.simulators;
const CALLS_EACH = 30;
const MOST_ADDED_MS = 50;

const path = "/v1/chat/completions";
const REQUEST = {
  model: SMALL,
  stream: true,
  max_tokens: 10,
  ignore_eos: true,
  messages: [{ role: "user", content: "Tell a story" }],
};

const throughRouter = () =>
  ask({
    baseUrl: demo.base_url,
    path,
    key: demo.api_key,
    headers: { "x-region": place?.region ?? "" },
    body: REQUEST,
  });

let passthrough: Passthrough;
let sameRequest: object;
beforeAll(async () => {
  const { headers, body } = await originRequest(demo, await throughRouter());
  // What the router sends to origins is a JSON object.
  sameRequest = body as object;
  passthrough = await startPassthrough(place?.base_url ?? "", String(headers.authorization));
});
afterAll(() => passthrough.close());

const throughPassthrough = () => ask({ baseUrl: passthrough.baseUrl, path, body: sameRequest });

function firstByteMs({ status, pieces, startedAtMs }: Answer): number {
  expect(status).toBe(200);
  expect(pieces[0]?.text).toMatch(/^data: /);
  return (pieces[0]?.atMs ?? Number.NaN) - startedAtMs;
}

const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

test("added time to first byte", async () => {
  const times = { router: [] as number[], passthrough: [] as number[] };
  for (let turn = 0; turn < CALLS_EACH; turn++) {
    times.router.push(firstByteMs(await throughRouter()));
    times.passthrough.push(firstByteMs(await throughPassthrough()));
  }
  const medians = { router: medianOf(times.router), passthrough: medianOf(times.passthrough) };
  printFirstBytes(medians);
  expect(medians.router - medians.passthrough).toBeLessThan(MOST_ADDED_MS);
});
