// Writes events to the caller, one write each, and a blank line after ten silent seconds. A failed write is how
// a polite close is noticed; it is reported once and every later write is nothing.
import type { Ports } from "../domain/ports.ts";
import { sseEvent } from "../lib/sse.ts";

export interface EventWriter {
  /** Waits until the caller has room: back-pressure reaches the origin. */
  event(data: string): Promise<void>;
  close(): Promise<void>;
  /** Ends the connection whatever is still unread. */
  drop(): void;
  isGone(): boolean;
}

/** Below the idle limits of common proxies; a comment line would crash clients that JSON-parse every frame. */
const HEARTBEAT_MS = 10_000;
const BLANK = new TextEncoder().encode("\n\n");

export function eventWriter(
  ports: Ports,
  writable: WritableStream<Uint8Array>,
  onGone: () => void,
): EventWriter {
  const writer = writable.getWriter();
  let gone = false;
  let lastWriteAtMs = ports.now();
  let isWriting = false;
  let stopBeating = ports.after(HEARTBEAT_MS, beat);

  const leave = () => {
    if (gone) return;
    gone = true;
    stopBeating();
    onGone();
  };
  writer.closed.catch(leave);

  async function write(bytes: Uint8Array): Promise<void> {
    if (gone) return;
    isWriting = true;
    await writer.write(bytes).catch(leave);
    isWriting = false;
    lastWriteAtMs = ports.now();
  }

  function beat(): void {
    const silentMs = ports.now() - lastWriteAtMs;
    // A pending write is not silence: the caller is reading slowly.
    if (silentMs >= HEARTBEAT_MS && !isWriting) void write(BLANK);
    stopBeating = ports.after(silentMs >= HEARTBEAT_MS ? HEARTBEAT_MS : HEARTBEAT_MS - silentMs, beat);
  }

  return {
    event: (data) => write(sseEvent(data)),
    async close() {
      stopBeating();
      if (!gone) await writer.close().catch(leave);
    },
    drop: () => void writer.abort().catch(leave),
    isGone: () => gone,
  };
}

/** Long enough to send the error event to a caller who reads, short against any stream. */
const LAST_WORDS_MS = 5_000;

/** A caller who is connected and reads nothing holds a write for ever: once the answer is cut, so is that. */
export function dropUnread(writer: EventWriter, cut: AbortSignal): void {
  cut.addEventListener("abort", () => void setTimeout(writer.drop, LAST_WORDS_MS), { once: true });
}
