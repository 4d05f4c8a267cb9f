// Texts of which each is much like the one before, such as the events of a stream, kept as what is new in each.
// It knows no JSON: what stays the same at both ends of a text is not written again, and that is all.

export interface TextPacker {
  /** Of what `packed` returns, in UTF-16 units. */
  length(): number;
  add(text: string): void;
  packed(): string;
}

/** `[units shared with the start of the text before, units shared with its end, what stands between]` */
type Entry = readonly [number, number, string];

export function textPacker(): TextPacker {
  const entries: string[] = [];
  let previous = "";
  // The brackets; commas are counted with their entries.
  let length = 2;
  return {
    length: () => length,
    add(text) {
      const entry = JSON.stringify(entryOf(previous, text));
      length += entry.length + (entries.length === 0 ? 0 : 1);
      entries.push(entry);
      previous = text;
    },
    packed: () => `[${entries.join(",")}]`,
  };
}

/** The texts in their order, one at a time: together they may be many times what they were packed into. */
export function unpackTexts(packed: string): Iterable<string> {
  return unpacked(JSON.parse(packed) as readonly Entry[]); // as `textPacker` wrote it
}

function* unpacked(entries: readonly Entry[]): Generator<string> {
  let previous = "";
  for (const [head, tail, between] of entries) {
    previous = previous.slice(0, head) + between + previous.slice(previous.length - tail);
    yield previous;
  }
}

function entryOf(previous: string, text: string): Entry {
  const most = Math.min(previous.length, text.length);
  let head = 0;
  while (head < most && previous.charCodeAt(head) === text.charCodeAt(head)) head++;
  let tail = 0;
  const left = most - head;
  while (
    tail < left &&
    previous.charCodeAt(previous.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)
  )
    tail++;
  return [head, tail, text.slice(head, text.length - tail)];
}
