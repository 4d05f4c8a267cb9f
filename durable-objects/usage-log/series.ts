// A series is a set of requests that are summed together: the same model, key, region, task and status, or
// (a facet of it) only one of these the same, or none. Sums are kept for each facet, so that the common
// questions read a handful of sums, however many keys and models an account uses.
import type { SummaryGroup, UsageFilter } from "../../src/domain/usage-log.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";

export interface Dimensions {
  readonly model: string;
  readonly key: string;
  readonly region: string;
  readonly task: string;
  readonly status: number;
}

/** What a request does not have, a refusal does not know, and a facet leaves open. */
const OPEN: Dimensions = { model: "", key: "", region: "", task: "", status: 0 };
const DIMENSIONS = ["model", "key", "region", "task", "status"] as const;

/** `every` dimension is the same, or only the named one, or `none`. */
export type Facet = "every" | "none" | keyof Dimensions;

export function dimensionsOf(row: UsageRow): Dimensions {
  const { model, key_id: key, region, task, status } = row;
  return { model, key, region, task: task ?? "", status };
}

/** Refused before anything but its key was known. */
export function refusedBy(key: string): Dimensions {
  return { ...OPEN, key };
}

/** Every series that a request belongs to. */
export function facetsOf(dimensions: Dimensions): readonly (readonly [Facet, Dimensions])[] {
  const single = DIMENSIONS.map((name) => [name, { ...OPEN, [name]: dimensions[name] }] as const);
  return [["every", dimensions], ["none", OPEN], ...single];
}

/** Ids of series, made as they are asked for; remembers them for one batch, whose rollback it must not survive. */
export function seriesBook(sql: SqlStorage): (facet: Facet, dimensions: Dimensions) => number {
  const known = new Map<string, number>();
  return (facet, dimensions) => {
    const values = DIMENSIONS.map((name) => dimensions[name]);
    const place = JSON.stringify([facet, ...values]);
    const id = known.get(place) ?? findOrInsert(sql, facet, values);
    known.set(place, id);
    return id;
  };
}

function findOrInsert(sql: SqlStorage, facet: Facet, values: readonly (string | number)[]): number {
  const columns = `(facet, ${DIMENSIONS.join(", ")})`;
  const places = "(?, ?, ?, ?, ?, ?)";
  const find = `SELECT id FROM series WHERE ${columns} = ${places}`;
  const [found] = sql.exec(find, facet, ...values).toArray();
  if (found !== undefined) return Number(found.id);
  const insert = `INSERT INTO series${columns} VALUES ${places} RETURNING id`;
  return Number(sql.exec(insert, facet, ...values).one().id);
}

/** The facet with the fewest sums that still tells apart what is asked. */
export function facetFor(filter: UsageFilter, group: SummaryGroup | null): Facet {
  const asked = DIMENSIONS.filter((name) => filter[name] !== null || name === group);
  const [only = "none"] = asked;
  return asked.length > 1 ? "every" : only;
}

export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** On the table `series`. */
export function conditionOn(facet: Facet, filter: UsageFilter): Condition {
  const asked = DIMENSIONS.flatMap((name) => {
    const value = filter[name];
    return value === null ? [] : [{ name, value }];
  });
  return {
    sql: ["series.facet = ?", ...asked.map(({ name }) => `series.${name} = ?`)].join(" AND "),
    values: [facet, ...asked.map(({ value }) => value)],
  };
}
