// Every bad input of the OpenAI shape, streamed and whole, under all three bases: one error each, and nothing
// done about it.
import { beforeAll, describe, inject, test } from "vitest";
import { openAccount, type TestAccount } from "../../support/accounts.ts";
import { ask } from "../../support/ask.ts";
import { BAD_INPUTS, type BadInput, GOOD_BODY } from "../../support/bad-inputs.ts";
import { BASES, expectNoOriginCalled, expectNothingPaid, expectRefusal } from "../../support/refusals.ts";

const demo = inject("demo");
const CREDITS_USD = 5;

let account: TestAccount;
beforeAll(async () => {
  account = await openAccount(demo, { creditsUsd: CREDITS_USD });
});

async function send(base: string, input: BadInput, stream: boolean) {
  const streaming = input.path === "/embeddings" ? {} : { stream };
  return await ask({
    baseUrl: demo.base_url,
    path: base + input.path,
    key: account.apiKey,
    body: { ...GOOD_BODY[input.path], ...streaming, ...input.change },
    ...(input.headers === undefined ? {} : { headers: input.headers }),
  });
}

describe("bad inputs", () => {
  test.each(BAD_INPUTS)("$what → $code", async (input) => {
    const sent = BASES.flatMap((base) => [true, false].map((stream) => send(base, input, stream)));
    const answers = await Promise.all(sent);
    for (const answer of answers) expectRefusal(answer, input);
    await expectNoOriginCalled(demo, answers);
    await expectNothingPaid(demo, account, CREDITS_USD);
  });
});
