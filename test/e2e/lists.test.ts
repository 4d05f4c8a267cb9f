// Lists in pages: whole, in order, none twice, and every odd way to ask for one refused.
import { beforeAll, expect, inject, test } from "vitest";
import { makeKey, openAccount, settledCredits, type TestAccount } from "../support/accounts.ts";
import { ask } from "../support/ask.ts";
import { GOOD_BODY } from "../support/bad-inputs.ts";
import { expectRefusal } from "../support/refusals.ts";

const demo = inject("demo");
const chat = { baseUrl: demo.base_url, path: "/v1/chat/completions", body: GOOD_BODY["/chat/completions"] };
const list = (path: string, query: string) =>
  ask({ baseUrl: demo.base_url, path: `/api/v1/inference${path}?${query}`, key: owner.managementKey });

let owner: TestAccount;
beforeAll(async () => {
  owner = await openAccount(demo, { creditsUsd: 1 });
  for (let i = 0; i < 4; i++) {
    await makeKey(demo, owner.managementKey);
    await ask({ ...chat, key: owner.apiKey });
  }
  await settledCredits(demo, owner.managementKey);
});

interface Page {
  readonly object: string;
  readonly data: readonly { readonly id: string }[];
  readonly next_cursor: string | null;
}

// The form of lists is what is under test.
const page = async (path: string, query: string) => (await list(path, query)).json as unknown as Page;

// Two keys of its own and four more; a deposit and four charges.
test.each([
  ["/keys", 6],
  ["/credits/transactions", 5],
])("%s come in pages that neither repeat nor skip", async (path, count) => {
  const whole = await page(path, "limit=200");
  expect([whole.object, whole.data.length, whole.next_cursor]).toEqual(["list", count, null]);
  for (const limit of [1, 2, 5, 6]) {
    const ids: string[] = [];
    let cursor: string | null = "";
    for (let turns = 0; cursor !== null && turns < 10; turns++) {
      const next: Page = await page(path, `limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      expect(next.data.length).toBeLessThanOrEqual(limit);
      ids.push(...next.data.map(({ id }) => id));
      cursor = next.next_cursor;
    }
    expect(ids).toEqual(whole.data.map(({ id }) => id));
  }
});

test.each([
  ["limit=0", "limit"],
  ["limit=201", "limit"],
  ["limit=-1", "limit"],
  ["limit=ten", "limit"],
  ["limit=1.5", "limit"],
  ["limit=", "limit"],
  ["limit=1&limit=2", "limit"],
  ["cursor=", "cursor"],
  ["cursor=nonsense", "cursor"],
  ["cursor=%00", "cursor"],
  ["offset=2", "offset"],
])("?%s → 400", async (query, param) => {
  for (const path of ["/keys", "/credits/transactions"]) {
    const answer = await list(path, query);
    expectRefusal(answer, { code: "invalid_value", param });
  }
});
