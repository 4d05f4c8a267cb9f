import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  jsonAt,
  type Members,
  removeAt,
  replaceAt,
  setMember,
  spliceMembers,
} from "../../src/lib/json-splice.ts";

const STAMP: Members = { id: "req_1", model: 'A/"x"' };
const ID = JSON.stringify(STAMP.id);
const MODEL = JSON.stringify(STAMP.model);

describe("spliceMembers", () => {
  it("replaces the members in place and leaves every other byte alone", () => {
    const text = '{ "id" : "a" ,\n\t"n": 1.0, "big":1e400,"model":null, "s":"\\u00e9\\/\\"" }';
    expect(spliceMembers(text, STAMP)).toBe(
      `{ "id" : ${ID} ,\n\t"n": 1.0, "big":1e400,"model":${MODEL}, "s":"\\u00e9\\/\\"" }`,
    );
  });

  it("inserts absent members in front", () => {
    expect(spliceMembers('{"a":1}', STAMP)).toBe(`{"id":${ID},"model":${MODEL},"a":1}`);
    expect(spliceMembers('{"model":"m"}', STAMP)).toBe(`{"id":${ID},"model":${MODEL}}`);
  });

  it("fills an empty object", () => {
    expect(spliceMembers("{}", STAMP)).toBe(`{"id":${ID},"model":${MODEL}}`);
    expect(JSON.parse(spliceMembers(" { \n } ", STAMP))).toEqual(STAMP);
  });

  it("does not touch members of the same name further down", () => {
    const text = '{"choices":[{"id":"x","model":{"id":"y"}}],"id":1,"m":{"model":"z"},"model":[{"id":2}]}';
    expect(spliceMembers(text, STAMP)).toBe(
      `{"choices":[{"id":"x","model":{"id":"y"}}],"id":${ID},"m":{"model":"z"},"model":${MODEL}}`,
    );
  });

  it("is not fooled by quotes, braces and names within strings", () => {
    const text = '{"a":"\\\\","b":"\\",\\"id\\":\\"}{][","id":"x","model":"y\\\\\\""}';
    expect(spliceMembers(text, STAMP)).toBe(
      `{"a":"\\\\","b":"\\",\\"id\\":\\"}{][","id":${ID},"model":${MODEL}}`,
    );
  });

  it("knows a name that is written with escapes", () => {
    expect(JSON.parse(spliceMembers('{"i\\u0064":"theirs","\\u006dodel":"theirs"}', STAMP))).toEqual(STAMP);
  });

  it("replaces a member that stands twice, twice", () => {
    expect(spliceMembers('{"id":1,"id":2,"model":3}', STAMP)).toBe(
      `{"id":${ID},"id":${ID},"model":${MODEL}}`,
    );
  });

  it("leaves what is no object as it is", () => {
    for (const text of ["[1]", '"id"', "null", "12", ' [{"id":1}]', ""]) {
      expect(spliceMembers(text, STAMP)).toBe(text);
    }
  });

  it("comes to an end on text that is no JSON", () => {
    for (const text of ["{", '{"', '{"id', '{"id"', '{"id":', '{"id":"', '{"id":[', '{"a":"\\', "{]"]) {
      expect(typeof spliceMembers(text, STAMP)).toBe("string");
    }
  });

  it("is linear in escaped quotes and in nesting", () => {
    const startedAtMs = performance.now();
    spliceMembers(`{"a":${JSON.stringify('\\"'.repeat(200_000))},"id":1}`, STAMP);
    spliceMembers(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)},"id":1}`, STAMP);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  const space = fc.stringMatching(/^[ \n\r\t]{0,2}$/);
  const name = fc.oneof(fc.constantFrom("id", "model", "idx", "__proto__", "ID", ""), fc.string());
  const rawKey = name.chain((key) =>
    fc.constantFrom({ key, raw: JSON.stringify(key) }, { key, raw: escaped(key) }),
  );
  const rawValue = fc.oneof(
    fc.constantFrom(
      "1.0",
      "1e400",
      "-0",
      "1E-7",
      "12345678901234567890",
      '"\\ud83d\\ude00"',
      '"\\u0000"',
      '"}"',
    ),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify({ id: value, model: value }, null, 1)),
  );
  const member = fc.record({ name: rawKey, value: rawValue, s: fc.tuple(space, space, space, space) });
  type Member = typeof member extends fc.Arbitrary<infer Value> ? Value : never;

  it("changes nothing but the values of the members, byte for byte", () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), fc.tuple(space, space), (members, [lead, tail]) => {
        const found = new Set(members.map((each) => each.name.key));
        const added = Object.keys(STAMP).filter((key) => !found.has(key));
        const front = added.map((key) => `${JSON.stringify(key)}:${JSON.stringify(STAMP[key])}`).join(",");
        const comma = front !== "" && members.length > 0 ? "," : "";
        const text = `${lead}{${members.map((each) => written(each, each.value)).join(",")}}${tail}`;
        const wanted = members.map((each) => written(each, stamped(each.name.key) ?? each.value)).join(",");
        const spliced = spliceMembers(text, STAMP);
        expect(spliced).toBe(`${lead}{${front}${comma}${wanted}}${tail}`);
        expect(JSON.parse(spliced)).toEqual({ ...JSON.parse(text), ...STAMP });
      }),
      { numRuns: 500 },
    );
  });

  function written({ name, s }: Member, value: string): string {
    return `${s[0]}${name.raw}${s[1]}:${s[2]}${value}${s[3]}`;
  }

  function stamped(key: string): string | null {
    return Object.hasOwn(STAMP, key) ? JSON.stringify(STAMP[key]) : null;
  }

  function escaped(key: string): string {
    const units = Array.from({ length: key.length }, (_, at) => key.charCodeAt(at));
    return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
  }
});

describe("replaceAt", () => {
  const FRAME =
    '{ "n":1.0, "choices" : [ { "delta" : {"content":"a\\"b" , "x":1e400} }, {"delta":2} ], "id":"x" }';

  it("replaces one value, however deep, and leaves every other byte alone", () => {
    expect(replaceAt(FRAME, ["choices", "0", "delta", "content"], '"c"')).toBe(
      FRAME.replace('"a\\"b"', '"c"'),
    );
    expect(replaceAt(FRAME, ["n"], "2")).toBe(FRAME.replace("1.0", "2"));
  });

  it.each([
    ["a member that is not there", ["choices", "0", "text"]],
    ["the first of nothing", ["none", "0"]],
    ["an element but the first", ["choices", "1"]],
    ["a member of a number", ["n", "x"]],
  ])("changes nothing for %s", (_, path) => {
    expect(replaceAt(FRAME, path, '"c"')).toBe(FRAME);
    expect(jsonAt(FRAME, path)).toBeNull();
  });

  it("knows an empty array from its first element", () => {
    expect(jsonAt('{"choices":[ ]}', ["choices", "0"])).toBeNull();
  });

  it("takes the last of two members of one name, as every reader does", () => {
    expect(jsonAt('{"a":1,"a":{"b":2}}', ["a", "b"])).toBe("2");
  });

  it("agrees with JSON.parse on any value, and on what stands there afterwards", () => {
    const holds = fc.property(fc.json(), fc.json(), fc.string(), (inner, other, name) => {
      const text = `{"a":[${inner},0],"b":{${JSON.stringify(name)}: ${inner} }}`;
      for (const path of [
        ["a", "0"],
        ["b", name],
      ]) {
        expect(JSON.parse(jsonAt(text, path) ?? "")).toEqual(JSON.parse(inner));
        const changed = replaceAt(text, path, other);
        expect(JSON.parse(jsonAt(changed, path) ?? "")).toEqual(JSON.parse(other));
      }
    });
    fc.assert(holds);
  });
});

describe("removeAt", () => {
  it.each([
    ['{"a":1,"u":{"x":[1,2]},"b":1.0}', ["u"], '{"a":1,"b":1.0}'],
    ['{"u":1,"a":2}', ["u"], '{"a":2}'],
    ['{"a":2,"u":1 }', ["u"], '{"a":2 }'],
    ['{ "u" : 1 }', ["u"], "{ }"],
    ['{"u":1,"a":2,"u":3}', ["u"], '{"a":2}'],
    ['{"\\u0075":1,"a":2}', ["u"], '{"a":2}'],
    ['{"g":{"id":"x","u":1}}', ["g", "u"], '{"g":{"id":"x"}}'],
    ['{"c":[{"i":0,"u":1},{"u":2}]}', ["c", "0", "u"], '{"c":[{"i":0},{"u":2}]}'],
    ['{"a":1}', ["u"], '{"a":1}'],
    ['{"a":1}', ["g", "u"], '{"a":1}'],
    ["[1]", ["u"], "[1]"],
  ])("of %s, %j: %s", (text, path, expected) => {
    expect(removeAt(text, path)).toBe(expected);
  });

  it("says what JSON.parse says without that member, of any object", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (object, key) => {
        const { [key]: _removed, ...rest } = JSON.parse(JSON.stringify(object));
        expect(JSON.parse(removeAt(JSON.stringify(object), [key]))).toEqual(rest);
      }),
    );
  });
});

describe("setMember", () => {
  it.each([
    ['{"a":1.0,"u":{"x":1}}', '{"a":1.0,"u":[2]}'],
    ['{"a":1}', '{"u":[2],"a":1}'],
    ["{}", '{"u":[2]}'],
    ['{"u":0,"u":1}', '{"u":0,"u":[2]}'],
    ['"text"', '"text"'],
  ])("in %s: %s", (text, expected) => {
    expect(setMember(text, "u", "[2]")).toBe(expected);
  });
});
