import { join } from "node:path";
import { expect, test } from "vitest";
import { readRuntimeChoice } from "../../../scripts/local/worker-config.ts";

test("wrangler.toml says what a local run uses, within what the pinned runtime accepts", () => {
  const choice = readRuntimeChoice(join(import.meta.dirname, "../../../wrangler.toml"));
  expect(choice.compatibilityFlags).toContain("enable_request_signal");
  // workerd 1.20260918 refuses later dates.
  expect(choice.compatibilityDate <= "2026-09-25").toBe(true);
});
