// A caller who announces a body and does not send it: told so after half a minute, and the key was never asked
// for more than its form.
import { expect, inject, test } from "vitest";
import { exchangeBytes } from "../../support/raw-bytes.ts";

const demo = inject("demo");

test("a body that does not come → 408", { timeout: 45_000 }, async () => {
  const startedAtMs = performance.now();
  const received = await exchangeBytes(demo.base_url, {
    lines: [
      "POST /v1/chat/completions HTTP/1.1",
      "host: router",
      `authorization: Bearer ${demo.api_key}`,
      "content-type: application/json",
      "content-length: 1000",
    ],
    body: '{"model":',
    ending: "wait",
  });
  expect(received).toMatch(/^HTTP\/1.1 408 /);
  expect(received).toContain('"code":"request_timeout"');
  const tookMs = performance.now() - startedAtMs;
  expect(tookMs).toBeGreaterThan(29_000);
  expect(tookMs).toBeLessThan(33_000);
});
