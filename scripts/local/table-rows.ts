// Rows of one table folder never meet: nobody may need another row to read or change one. A row is what
// the table's index lists; files that rows share are no rows. Pure: works on what was cruised.
import type { CruisedModule } from "./cruise-coverage.ts";

export interface Table {
  readonly folder: string;
  /** The file that says what a row must offer; every row and the index know it. */
  readonly contract: string;
}

/** One line for each row that reaches another, directly or through files of the folder. */
export function meetingRows(
  modules: readonly CruisedModule[],
  { folder, contract }: Table,
): readonly string[] {
  const index = `${folder}/index.ts`;
  const neighbours = new Map(
    modules.map(({ source, dependencies }) => [
      source,
      dependencies.map(({ resolved }) => resolved).filter((path) => path.startsWith(`${folder}/`)),
    ]),
  );
  const rows = (neighbours.get(index) ?? []).filter((path) => path !== contract);
  return rows.flatMap((row) => {
    const reached = reachable(row, neighbours);
    const met = rows.filter((other) => other !== row && reached.has(other));
    return met.map((other) => `rows-of-a-table-do-not-meet: ${row} → ${other}`);
  });
}

function reachable(start: string, neighbours: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set([start]);
  // A set's iterator also visits what is added while it runs; every path is added once.
  for (const path of reached) for (const next of neighbours.get(path) ?? []) reached.add(next);
  return reached;
}
