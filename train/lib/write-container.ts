// Writes the weights file that src/routing/weights/container.ts reads: same sections in, same bytes out.
// Knows nothing of what the numbers mean.
import {
  ALIGNMENT,
  aligned,
  type ContainerHeader,
  DTYPES,
  type Dtype,
  elementsOf,
  MAGIC,
  PREFIX_BYTES,
  type SectionHeader,
} from "../../src/routing/weights/container.ts";

export interface SectionToWrite {
  /** Prefixed by its owner: "task.", "quality.". */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** A typed array of that dtype. */
  readonly data: ArrayBufferView & { readonly length: number };
  /** A stored number times this is the true one. */
  readonly scale?: number;
}

export interface ContainerToWrite {
  readonly sections: readonly SectionToWrite[];
  readonly meta: Readonly<Record<string, unknown>>;
}

export function writeContainer({ sections, meta }: ContainerToWrite): Uint8Array<ArrayBuffer> {
  const headers: Record<string, SectionHeader> = {};
  let dataBytes = 0;
  for (const { name, dtype, shape, data, scale = 1 } of sections) {
    if (elementsOf(shape) !== data.length) {
      throw new Error(`Section '${name}' has ${data.length} elements, its shape ${elementsOf(shape)}.`);
    }
    if (!(data instanceof DTYPES[dtype])) throw new Error(`Section '${name}' is not ${dtype}.`);
    if (Object.hasOwn(headers, name)) throw new Error(`Section '${name}' is written twice.`);
    headers[name] = { dtype, shape, offset: dataBytes, scale };
    dataBytes = aligned(dataBytes + data.byteLength);
  }
  const header: ContainerHeader = { sections: headers, meta };
  const headerText = new TextEncoder().encode(JSON.stringify(header));
  const dataStart = aligned(PREFIX_BYTES + headerText.length);
  const bytes = new Uint8Array(Math.max(dataStart + dataBytes, ALIGNMENT));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, headerText.length, true);
  bytes.set(headerText, PREFIX_BYTES);
  for (const { name, data } of sections) {
    const at = dataStart + (headers[name]?.offset ?? 0);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  }
  return bytes;
}
