// Server-sent events: a push parser from bytes to event data, and the writer's one line. It knows no
// streams and no JSON. Spec: WHATWG HTML §9.2.6, plus what real servers do wrong (see `end`).

export interface SseParser {
  /** Data of every event that this chunk completed, in order. */
  push(chunk: Uint8Array): readonly string[];
  /** Data left when the body ended without its last blank line; real servers do that. */
  end(): readonly string[];
}

/** An event longer than the bound; terminal for the parser. */
export class SseOverflow extends Error {}

/** @param maxEventLength in UTF-16 units; pushing a longer event throws SseOverflow. */
export function sseParser(maxEventLength: number): SseParser {
  // A BOM at the start is stripped and a character split between chunks is kept, by the decoder.
  const decoder = new TextDecoder();
  // The unfinished line, in pieces: joining at every push would be quadratic in its length.
  let pieces: string[] = [];
  let pieceLength = 0;
  let endedOnReturn = false;
  let data: string[] = [];
  let dataLength = 0;

  function takeLine(tail: string): string {
    if (pieces.length === 0) return tail;
    pieces.push(tail);
    const line = pieces.join("");
    pieces = [];
    pieceLength = 0;
    return line;
  }

  function readLine(line: string, events: string[]): void {
    if (line === "") {
      if (data.length > 0) events.push(data.length === 1 ? (data[0] ?? "") : data.join("\n"));
      data = [];
      dataLength = 0;
      return;
    }
    const value = dataOf(line);
    if (value === null) return;
    // The line feed that joins two lines counts, or lines without any data would never end.
    dataLength += value.length + (data.length === 0 ? 0 : 1);
    data.push(value);
    if (dataLength > maxEventLength) throw new SseOverflow("event too long");
  }

  function keepUnfinished(rest: string): void {
    if (rest === "") return;
    pieces.push(rest);
    pieceLength += rest.length;
  }

  function readText(text: string): readonly string[] {
    const events: string[] = [];
    // The "\n" of a "\r\n" whose halves came in two chunks.
    let start = endedOnReturn && text.startsWith("\n") ? 1 : 0;
    if (text !== "") endedOnReturn = text.endsWith("\r");
    const lineEnd = lineEndsOf(text);
    for (;;) {
      const end = lineEnd(start);
      if (end === -1) break;
      readLine(takeLine(text.slice(start, end)), events);
      start = text.startsWith("\r\n", end) ? end + 2 : end + 1;
    }
    keepUnfinished(text.slice(start));
    if (pieceLength + dataLength > maxEventLength) throw new SseOverflow("event too long");
    return events;
  }

  return {
    push: (chunk) => readText(decoder.decode(chunk, { stream: true })),
    end: () => readText(`${decoder.decode()}\n\n`),
  };
}

/** The value of a `data` line; null for comments and every other field. */
function dataOf(line: string): string | null {
  if (!line.startsWith("data")) return null;
  if (line.length === 4) return "";
  if (line[4] !== ":") return null;
  return line[5] === " " ? line.slice(6) : line.slice(5);
}

/**
 * The next line end at or behind `start`, which only grows; -1 without one. Each of the two characters is looked
 * for once: searching a chunk anew for the "\r" it does not hold, line by line, would take quadratic time.
 */
function lineEndsOf(text: string): (start: number) => number {
  let feed = text.indexOf("\n");
  let carriage = text.indexOf("\r");
  return (start) => {
    if (feed !== -1 && feed < start) feed = text.indexOf("\n", start);
    if (carriage !== -1 && carriage < start) carriage = text.indexOf("\r", start);
    return feed === -1 || carriage === -1 ? Math.max(feed, carriage) : Math.min(feed, carriage);
  };
}

const encoder = new TextEncoder();

/** One event as every strict client reads it: LF only, `data: ` with one space. */
export function sseEvent(data: string): Uint8Array {
  return encoder.encode(`data: ${data}\n\n`);
}
