// What the fault suite finds in answers and log lines, and what it lets pass.
import { describe, expect, test } from "vitest";
import { canariesOf, leaks } from "../../../chaos/faults/canaries.ts";

const canaries = canariesOf({
  originKey: "canary-key.1",
  addresses: ["127.0.0.1:4001", "127.0.0.1:4002"],
  prompt: "canary-prompt (x)",
});

describe("is found", () => {
  test.each([
    ["an origin's key", "authorization: Bearer canary-key.1"],
    ["an origin's address", "connect ECONNREFUSED 127.0.0.1:4002"],
    ["a prompt", '{"content":"canary-prompt (x)"}'],
    ["a stack", "TypeError: boom\n    at send (/app/src/send.ts:10:20)"],
    ["a stack", '{"error":"boom\\n    at async file:///app/src/send.ts:10:20"}'],
    ["a stack", "    at index.js:10:20"],
  ])("%s", (what, text) => {
    expect(leaks(canaries, "an answer", text)).toEqual([expect.stringContaining(`${what} in an answer`)]);
  });
});

test("what only looks like it passes", () => {
  const text = "canary-keyX1 127.0.0.1:40011 at noon, at 10:20:30, retry-after: 2026-11-20T12:24:58.637Z";
  expect(leaks(canaries, "the log", text.replace("40011", "5001"))).toEqual([]);
});
