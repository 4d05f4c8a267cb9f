import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packedAtMs, packRow, unpackRow } from "../../src/domain/packed-row.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import { sampleRow } from "./sample-row.ts";

const ATTEMPT = {
  model: "Qwen/Qwen3-14B",
  origin: "us-east-1",
  region: "us-east",
  status: 503,
  error: "overloaded",
  ms: 12,
  ttftMs: null,
  inputTokens: 1,
  outputTokens: 2,
};

const text = fc.string({ unit: "binary" });
const row: fc.Arbitrary<UsageRow> = fc
  .record({
    created_at_ms: fc.nat({ max: 4_000_000_000_000 }),
    request_id: text,
    decision_id: fc.option(text),
    endpoint: text,
    error: fc.option(text),
    stream: fc.boolean(),
    estimated: fc.boolean(),
    cost_micro_usd: fc.maxSafeNat(),
    ttft_ms: fc.option(fc.nat()),
    user: fc.option(text),
    tags: fc.option(fc.dictionary(text, text, { noNullPrototype: true })),
    attempts: fc.array(fc.constant(ATTEMPT), { maxLength: 3 }),
  })
  .map(sampleRow);

describe("a packed row", () => {
  it("is the row again when it is unpacked: every field, whatever text callers put in", () => {
    fc.assert(
      fc.property(row, (each) => {
        expect(unpackRow(packRow(each))).toEqual(JSON.parse(JSON.stringify(each)));
      }),
    );
  });

  it("has no line break and no tab: the journal separates rows by them", () => {
    fc.assert(
      fc.property(row, (each) => {
        expect(packRow(each)).not.toMatch(/[\t\n\r]/);
      }),
    );
  });

  it("tells its time without being read", () => {
    fc.assert(
      fc.property(row, (each) => {
        expect(packedAtMs(packRow(each))).toBe(each.created_at_ms);
      }),
    );
    expect(packedAtMs("")).toBeNull();
    expect(packedAtMs("{}")).toBeNull();
  });

  it("of a time before a field was added reads as null there", () => {
    const packed = JSON.stringify(JSON.parse(packRow(sampleRow({ attempts: [] }))).slice(0, 3));
    expect(unpackRow(packed)).toMatchObject({ request_id: "req_1", tags: null, user: null, attempts: [] });
  });

  it("is nothing else", () => expect(unpackRow("{}")).toBeNull());
});
