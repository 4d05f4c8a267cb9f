// A revoked key is refused from the next request on, and a stream that runs under it ends within ten seconds.
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeKey, openAccount } from "../support/accounts.ts";
import { rawCall } from "../support/raw-caller.ts";
import { SMALL } from "../support/router.ts";
import { startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => void (await server.stop()));

test("a stream under a revoked key ends with an error within 10 s, and is paid as far as it came", async () => {
  const account = await openAccount(server.demo, {});
  const key = await makeKey(server.demo, account.managementKey, { name: "stream" });
  const messages = [{ role: "user", content: "Tell a long story" }];
  const body = { model: SMALL, stream: true, max_tokens: 4_000, ignore_eos: true, messages };
  const path = "/v1/chat/completions";
  const caller = await rawCall({ baseUrl: server.baseUrl, path, apiKey: key.apiKey, body });
  await caller.until(/(data: [^\n]+\n\n[\s\S]*){5}/);
  const revoked = await fetch(`${server.baseUrl}/api/v1/inference/keys/${key.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${account.managementKey}` },
  });
  expect(revoked.status).toBe(200);
  const revokedAtMs = Date.now();
  await caller.until(/"code":"key_revoked"/, 12_000);
  expect(Date.now() - revokedAtMs).toBeLessThan(10_000);
  expect(caller.received()).not.toContain("[DONE]");
  await expect.poll(() => server.logs(), { timeout: 5_000 }).toMatch(/"error":"key_revoked"/);
});
