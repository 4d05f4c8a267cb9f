// Reads the weights file: named sections of numbers behind one JSON header, as views of the bytes
// themselves, because decoding a megabyte would cost the first request its start.
// Knows neither what a section means nor where the bytes come from; train/lib/write-container.ts writes.

/** What a section's numbers are stored as; little-endian, as every platform we run on is. */
export const DTYPES = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;
export type Dtype = keyof typeof DTYPES;
export type NumberArray<D extends Dtype = Dtype> = InstanceType<(typeof DTYPES)[D]>;

export interface SectionHeader {
  readonly dtype: Dtype;
  /** Row-major; the product is the number of elements. */
  readonly shape: readonly number[];
  /** Bytes from the start of the data, a multiple of ALIGNMENT. */
  readonly offset: number;
  /** A stored number times this is the true one; 1 where nothing was quantised. */
  readonly scale: number;
}

export interface ContainerHeader {
  readonly sections: Readonly<Record<string, SectionHeader>>;
  /** Small facts that are not arrays of numbers: names, versions, temperatures. */
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface Section<D extends Dtype = Dtype> {
  readonly data: NumberArray<D>;
  readonly shape: readonly number[];
  readonly scale: number;
}

export interface Container {
  /** Throws when the section is missing or of another type: weights and code do not belong together. */
  readonly section: <D extends Dtype>(name: string, dtype: D) => Section<D>;
  /** What stands in the file, for tools that copy parts of it. */
  readonly header: ContainerHeader;
  /** `undefined` when absent; to be parsed by whoever asks. */
  readonly meta: (name: string) => unknown;
}

/** "IRW1" in ASCII: InferRoute weights, first layout. */
export const MAGIC = 0x31575249;
/** Magic and header length, 32 bits each. */
export const PREFIX_BYTES = 8;
/** The widest element, so that every view can be taken in place. */
export const ALIGNMENT = 8;

export function readContainer(bytes: ArrayBuffer): Container {
  const prefix = new DataView(bytes);
  if (bytes.byteLength < PREFIX_BYTES || prefix.getUint32(0, true) !== MAGIC) {
    throw new Error("These bytes are not a weights file: build one with `npm run train`.");
  }
  const headerBytes = prefix.getUint32(4, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, PREFIX_BYTES, headerBytes));
  // Our own writer made it, and the views below fail on a header that lies about sizes.
  const header = JSON.parse(text) as ContainerHeader;
  const dataStart = aligned(PREFIX_BYTES + headerBytes);
  return {
    section: (name, dtype) => viewSection(bytes, dataStart, { ...wanted(header, name, dtype), dtype }),
    header,
    meta: (name) => (Object.hasOwn(header.meta, name) ? header.meta[name] : undefined),
  };
}

/** The next multiple of ALIGNMENT. */
export function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** Elements of a shape; 1 for a scalar. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function wanted(header: ContainerHeader, name: string, dtype: Dtype): SectionHeader {
  const found = Object.hasOwn(header.sections, name) ? header.sections[name] : undefined;
  if (found === undefined) throw new Error(`The weights have no section '${name}'.`);
  if (found.dtype !== dtype) {
    throw new Error(`Section '${name}' of the weights holds ${found.dtype}, not ${dtype}.`);
  }
  return found;
}

function viewSection<D extends Dtype>(
  bytes: ArrayBuffer,
  dataStart: number,
  header: SectionHeader & { readonly dtype: D },
): Section<D> {
  const data = new DTYPES[header.dtype](bytes, dataStart + header.offset, elementsOf(header.shape));
  // The constructor of D's own row in the table makes D's array; TypeScript sees only their union.
  return { data: data as NumberArray<D>, shape: header.shape, scale: header.scale };
}
