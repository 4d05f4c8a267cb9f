import { describe, expect, test } from "vitest";
import { unseenFiles } from "../../../scripts/local/cruise-coverage.ts";
import { meetingRows } from "../../../scripts/local/table-rows.ts";

const TABLE = { folder: "src/dialects", contract: "src/dialects/dialect.ts" };

function modules(imports: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(imports).map(([name, targets]) => ({
    source: `src/dialects/${name}.ts`,
    dependencies: targets.map((target) => ({ resolved: `src/dialects/${target}.ts` })),
  }));
}

describe("meetingRows", () => {
  test("rows may share files and the contract", () => {
    const cruised = modules({
      index: ["dialect", "a", "b"],
      a: ["dialect", "shared"],
      b: ["shared", "b-parts"],
      shared: [],
      "b-parts": [],
      dialect: [],
    });
    expect(meetingRows(cruised, TABLE)).toEqual([]);
  });

  test("a row that imports another is named with it", () => {
    const cruised = modules({ index: ["a", "b"], a: ["b"], b: [] });
    expect(meetingRows(cruised, TABLE)).toEqual([
      "rows-of-a-table-do-not-meet: src/dialects/a.ts → src/dialects/b.ts",
    ]);
  });

  test("a detour through a shared file does not hide it", () => {
    const cruised = modules({ index: ["a", "b"], a: ["shared"], shared: ["b"], b: [] });
    expect(meetingRows(cruised, TABLE)).toHaveLength(1);
  });
});

describe("unseenFiles", () => {
  const source = { "a.ts": 'import { b } from "./b.ts";', "b.ts": "export const b = 1;" } as const;
  const contentOf = (path: string) => source[path === "a.ts" ? "a.ts" : "b.ts"];

  test("all seen", () => {
    const cruised = [
      { source: "a.ts", dependencies: [{ resolved: "b.ts" }] },
      { source: "b.ts", dependencies: [] },
    ];
    expect(unseenFiles(["a.ts", "b.ts"], cruised, contentOf)).toEqual([]);
  });

  test("a file that was not cruised is unseen", () => {
    expect(unseenFiles(["a.ts", "b.ts"], [], contentOf)).toEqual(["a.ts", "b.ts"]);
  });

  test("a file whose imports were not found is unseen: its parser gave up", () => {
    const cruised = [
      { source: "a.ts", dependencies: [] },
      { source: "b.ts", dependencies: [] },
    ];
    expect(unseenFiles(["a.ts", "b.ts"], cruised, contentOf)).toEqual(["a.ts"]);
  });
});
