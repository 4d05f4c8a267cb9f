import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readSchema } from "../../src/dialects/read-schema.ts";

z.config({ jitless: true });
const schema = z.looseObject({
  name: z.string().min(1),
  list: z.array(z.strictObject({ size: z.int() })).optional(),
});

function refusalOf(body: unknown): unknown {
  try {
    return readSchema(schema, body);
  } catch (error) {
    const { code, message, details } = error as {
      code: string;
      message: string;
      details: { param?: string };
    };
    return { code, message, param: details.param ?? null };
  }
}

describe("readSchema", () => {
  it("gives what the schema reads", () => {
    expect(readSchema(schema, { name: "a", more: 1 })).toEqual({ name: "a", more: 1 });
  });

  it("says which field is missing", () => {
    const missing = {
      code: "missing_required_parameter",
      message: "Add the required field 'name'.",
      param: "name",
    };
    expect(refusalOf({})).toEqual(missing);
    expect(refusalOf({ list: [] })).toEqual(missing);
  });

  it("tells a field that is null from one that is missing", () => {
    expect(refusalOf({ name: null })).toMatchObject({ code: "invalid_value", param: "name" });
  });

  it("writes the path as callers do", () => {
    expect(refusalOf({ name: "a", list: [{ size: 1 }, { size: "2" }] })).toMatchObject({
      param: "list[1].size",
    });
    expect(refusalOf({ name: "a", list: [{}] })).toMatchObject({
      code: "missing_required_parameter",
      param: "list[0].size",
    });
  });

  it("names the object that has a field too many, and the field", () => {
    expect(refusalOf({ name: "a", list: [{ size: 1, extra: 2 }] })).toMatchObject({
      param: "list[0]",
      message: expect.stringContaining("extra"),
    });
  });

  it.each([null, undefined, [], "text", 1, true])("refuses %j for a body", (body) => {
    expect(refusalOf(body)).toMatchObject({ code: "invalid_value", param: null });
  });

  it("ends every message with one full stop", () => {
    for (const body of [{}, { name: 5 }, { name: "" }, null]) {
      expect(refusalOf(body)).toMatchObject({ message: expect.stringMatching(/[^.]\.$/) });
    }
  });
});
