import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QUIRKS, quirksOf, writtenFor } from "../../../src/origins/kinds/quirks.ts";

describe("the table of quirks", () => {
  it("knows each host once", () => {
    const hosts = QUIRKS.flatMap((row) => row.hosts);
    expect(new Set(hosts).size).toBe(hosts.length);
  });

  it.each(QUIRKS.flatMap((row) => row.hosts.map((host) => [host, row] as const)))(
    "finds %s by its address alone",
    (host, row) => {
      const name = host.startsWith(".") ? `tenant${host}` : host;
      expect(quirksOf(`https://${name}/v1`)).toBe(row);
      expect(quirksOf(`https://${name}.evil.example/v1`)).not.toBe(row);
      expect(quirksOf(`https://evil.example/${name}`)).not.toBe(row);
    },
  );

  it("has nothing to say of any other host", () => {
    expect(quirksOf("http://127.0.0.1:9101/v1")).toEqual({ hosts: [] });
  });
});

describe("writtenFor", () => {
  const limits = fc.record({
    wire: fc.constant("openai-chat" as const),
    field: fc.constantFrom("max_tokens", "max_completion_tokens"),
    tokens: fc.integer({ min: 1, max: 1_000_000 }),
  });
  const bodies = fc.dictionary(
    fc.oneof(fc.constantFrom("max_tokens", "max_completion_tokens", "seed", "__proto__"), fc.string()),
    fc.oneof(fc.integer(), fc.string()),
  );

  it("names one limit and no other number for it, at every host", () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUIRKS), bodies, limits, (quirks, body, limit) => {
        const written = writtenFor(quirks, body, limit);
        expect(written[quirks.chatLimitField ?? limit.field]).toBe(limit.tokens);
        if (quirks.chatLimitField === undefined) return;
        const other = quirks.chatLimitField === "max_tokens" ? "max_completion_tokens" : "max_tokens";
        expect(written).not.toHaveProperty(other);
      }),
    );
  });

  it("leaves every other field as it is where a host has no name of its own for it", () => {
    fc.assert(
      fc.property(bodies, limits, (body, limit) => {
        const written = writtenFor({ hosts: [] }, body, limit);
        for (const [name, value] of Object.entries(body)) {
          const isLimit = name === "max_tokens" || name === limit.field;
          if (!isLimit) expect(Object.getOwnPropertyDescriptor(written, name)?.value).toBe(value);
        }
      }),
    );
  });

  it("goes by the limit under both names where a caller used both", () => {
    const body = { max_tokens: 5, max_completion_tokens: 9 };
    const limit = { wire: "openai-chat", field: "max_completion_tokens", tokens: 7 } as const;
    expect(writtenFor({ hosts: [] }, body, limit)).toEqual({ max_tokens: 7, max_completion_tokens: 7 });
  });

  it("names the limit of a completion as every server does", () => {
    const limit = { wire: "openai-completions", field: "max_tokens", tokens: 7 } as const;
    for (const quirks of QUIRKS) {
      expect(writtenFor(quirks, { prompt: "x", max_tokens: 9 }, limit)).toEqual({
        prompt: "x",
        max_tokens: 7,
      });
    }
  });

  it("writes no limit where there is none", () => {
    expect(writtenFor({ hosts: [], chatLimitField: "max_tokens" }, { input: "x" }, null)).toEqual({
      input: "x",
    });
  });
});
