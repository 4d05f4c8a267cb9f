// Lenient reading of JSON that came over the wire: a field is taken if it has the type asked for,
// else it is as good as absent. Who must refuse wrong types does so by name, in its own file.

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(source: JsonObject, key: string): JsonObject | null {
  const value = source[key];
  return isObject(value) ? value : null;
}

export function listAt(source: JsonObject, key: string): readonly unknown[] {
  const value = source[key];
  return Array.isArray(value) ? value : [];
}

export function textAt(source: JsonObject, key: string): string | null {
  const value = source[key];
  return typeof value === "string" ? value : null;
}

export function numberAt(source: JsonObject, key: string): number | null {
  const value = source[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function isTrueAt(source: JsonObject, key: string): boolean {
  return source[key] === true;
}
