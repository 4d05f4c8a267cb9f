import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../sim/json-object.ts";
import { valueFor } from "../../sim/schema-value.ts";
import { seededDice } from "../../sim/seeded.ts";

function shapedBy(schema: JsonObject, ask = ""): unknown {
  return valueFor({ dice: seededDice(3), ask, root: schema }, schema);
}

describe("a value for a schema", () => {
  it("has the types asked for, within their bounds", () => {
    const value = shapedBy({
      type: "object",
      properties: {
        name: { type: "string", maxLength: 4 },
        age: { type: "integer", minimum: 18, maximum: 20 },
        tags: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 },
        when: { type: "string", format: "date" },
        sure: { type: ["boolean", "null"] },
        kind: { const: "cat" },
        none: { type: "null" },
      },
    });
    expect(value).toEqual({
      name: expect.stringMatching(/^.{1,4}$/),
      age: expect.toSatisfy((age: number) => age >= 18 && age <= 20),
      tags: [expect.any(String), expect.any(String)],
      when: "2026-03-14",
      sure: expect.any(Boolean),
      kind: "cat",
      none: null,
    });
  });

  it("follows references, alternatives and merged parts", () => {
    const schema = {
      $defs: { point: { type: "object", properties: { x: { type: "number" } } } },
      allOf: [{ type: "object" }, { properties: { at: { $ref: "#/$defs/point" } } }],
      anyOf: undefined,
    };
    expect(shapedBy(schema)).toEqual({ at: { x: expect.any(Number) } });
    expect(shapedBy({ anyOf: [{ type: "integer" }, { type: "string" }] })).toEqual(expect.any(Number));
  });

  it("ends for schemas that refer to themselves, even by force", () => {
    const node = {
      type: "object",
      required: ["next", "all"],
      properties: { next: { $ref: "#" }, all: { type: "array", items: { $ref: "#" }, minItems: 1 } },
    };
    expect(JSON.stringify(shapedBy(node)).length).toBeLessThan(1_000_000);
    expect(shapedBy({ $ref: "#" })).toEqual(expect.any(String));
  });
});
