// Reading unknown JSON without trusting its shape.

export type Json = Readonly<Record<string, unknown>>;

/** The value as an object's members; empty for everything that is no object. */
export function recordOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A whole count ≥ 0; 0 for everything else. */
export function countOf(value: unknown): number {
  return countOrNull(value) ?? 0;
}

/** A whole count ≥ 0; null for everything else. */
export function countOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
