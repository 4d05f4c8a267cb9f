// A sparse vector that is filled again for every prompt: columns with values that add up when a column
// comes twice, so that training visits each weight once.

export interface SparseVector {
  /** The first `length` are set, in the order they were first added. */
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  length: number;
  /** Place of a column in `indices`, plus one; 0 when it was not added. */
  readonly places: Uint16Array;
}

/** Bound of one vector; 1.8 kB of instruction stays below half of it. */
const MAX_ENTRIES = 8_192;

export function createSparseVector(columns: number): SparseVector {
  return {
    indices: new Uint32Array(MAX_ENTRIES),
    values: new Float32Array(MAX_ENTRIES),
    length: 0,
    places: new Uint16Array(columns),
  };
}

/** In time of what was added, not of the columns. */
export function clear(vector: SparseVector): void {
  for (let i = 0; i < vector.length; i++) vector.places[vector.indices[i] ?? 0] = 0;
  vector.length = 0;
}

/** `column` is below the vector's columns; what goes beyond MAX_ENTRIES is dropped. */
export function add(vector: SparseVector, column: number, value: number): void {
  const place = vector.places[column] ?? 0;
  if (place > 0) {
    vector.values[place - 1] = (vector.values[place - 1] ?? 0) + value;
    return;
  }
  if (vector.length >= MAX_ENTRIES) return;
  vector.indices[vector.length] = column;
  vector.values[vector.length] = value;
  vector.length++;
  vector.places[column] = vector.length;
}
