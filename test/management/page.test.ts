import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Http } from "../../src/http.ts";
import { listBody, onePage, readPage } from "../../src/management/page.ts";
import { fakePorts, mounted } from "./fake-ports.ts";

const NUMBERS = Array.from({ length: 20 }, (_, at) => at + 1);

/** The numbers 1 to 20, as a resource. */
function mountNumbers(app: Http): void {
  app.get("/numbers", async (c) => {
    const page = await readPage(c, async () => undefined, /^\d{1,2}$/);
    const after = Number(page.after ?? 0);
    const rows = NUMBERS.filter((number) => number > after).slice(0, page.askFor);
    const { rows: shown, nextCursor } = onePage(page, rows, String);
    return c.json({ ...listBody(shown, nextCursor), limit: page.limit });
  });
}

const ask = mounted(fakePorts(), mountNumbers);

describe("pages", () => {
  it("hold 50 rows unless told otherwise", async () => {
    expect((await ask("GET", "/numbers")).body).toMatchObject({ limit: 50, next_cursor: null });
  });

  it("in a row show every row once, in order, whatever their size", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 25 }), async (limit) => {
        const seen: number[] = [];
        let cursor: string | null = null;
        for (let turn = 0; turn <= NUMBERS.length; turn++) {
          const query: string = cursor === null ? "" : `&cursor=${cursor}`;
          const { body } = await ask("GET", `/numbers?limit=${limit}${query}`);
          seen.push(...body.data);
          cursor = body.next_cursor;
          if (cursor === null) break;
        }
        expect(seen).toEqual(NUMBERS);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ["limit", "limit=0"],
    ["limit", "limit=201"],
    ["limit", "limit=-1"],
    ["limit", "limit=1.5"],
    ["limit", "limit=1e2"],
    ["limit", "limit="],
    ["limit", "limit=5&limit=6"],
    ["cursor", "cursor="],
    ["cursor", "cursor=!!"],
    ["cursor", "cursor=5"],
    ["cursor", "cursor=A"],
    ["cursor", `cursor=${btoa("not a number")}`],
    ["cursor", `cursor=${btoa("7").replace("=", "")}%3D`],
    ["order", "order=asc"],
  ])("refuse a wrong %s: %s", async (param, query) => {
    const reply = await ask("GET", `/numbers?${query}`);
    expect(reply).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param } } });
  });

  it("take limits from 1 to 200", async () => {
    expect((await ask("GET", "/numbers?limit=1")).body.limit).toBe(1);
    expect((await ask("GET", "/numbers?limit=200")).body.limit).toBe(200);
  });
});
