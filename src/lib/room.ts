// Room for guests who bring bytes: how many there may be at once, and how much they may hold together. Nobody
// waits for room: who finds none is told so, and comes again. It does not know what the bytes are.

export interface RoomTerms {
  readonly guests: number;
  /** Held by all guests together. */
  readonly bytes: number;
}

/** One guest's place. Whatever it takes is given back when the last who stays leaves. */
export interface Guest {
  /** false: the room is full. Once it was let in it stays until it leaves. */
  enter(): boolean;
  /**
   * false: there is no room for these bytes. Whoever is alone always finds room: its own bounds hold. Whoever has no
   * place, or has left it, is not counted: nobody would give back what it takes.
   */
  take(bytes: number): boolean;
  /** One more who must leave before the place is free. */
  stay(): void;
  /** Without a place, nothing. */
  leave(): void;
}

/** The door of a room: each call is another guest, not yet let in. */
export function room(terms: RoomTerms): () => Guest {
  let guests = 0;
  let heldBytes = 0;
  return () => {
    let stays = 0;
    let ownBytes = 0;
    return {
      enter() {
        if (stays === 0 && guests >= terms.guests) return false;
        if (stays === 0) guests += 1;
        stays += 1;
        return true;
      },
      take(bytes) {
        if (stays === 0) return true;
        const isAlone = heldBytes === ownBytes;
        if (!isAlone && heldBytes + bytes > terms.bytes) return false;
        heldBytes += bytes;
        ownBytes += bytes;
        return true;
      },
      stay() {
        if (stays > 0) stays += 1;
      },
      leave() {
        if (stays === 0) return;
        stays -= 1;
        if (stays > 0) return;
        guests -= 1;
        heldBytes -= ownBytes;
        ownBytes = 0;
      },
    };
  };
}
