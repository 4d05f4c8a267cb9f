// Tables as CSV (RFC 4180), safe to open in a spreadsheet: text that would be run as a formula is marked as
// text. It knows no columns of its own.

export type CsvRow = Readonly<Record<string, unknown>>;

/** With a header row; lists and records inside a cell become JSON, null and undefined an empty cell. */
export function csv(columns: readonly string[], rows: readonly CsvRow[]): string {
  const lines = [columns.map(cell), ...rows.map((row) => columns.map((column) => cell(row[column])))];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** Spreadsheets run what begins like this; a tab or a carriage return before it does not stop them. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function cell(value: unknown): string {
  const text = textOf(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
