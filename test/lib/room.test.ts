import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { room } from "../../src/lib/room.ts";

describe("a room", () => {
  it("lets in so many guests, and another one when one has left", () => {
    const door = room({ guests: 2, bytes: 10 });
    const [first, second, third] = [door(), door(), door()];
    expect([first.enter(), second.enter(), third.enter()]).toEqual([true, true, false]);
    third.leave();
    expect(door().enter()).toBe(false);
    first.leave();
    expect(third.enter()).toBe(true);
  });

  it("holds so many bytes of all guests, and has them back when a guest leaves", () => {
    const door = room({ guests: 2, bytes: 10 });
    const [first, second] = [door(), door()];
    first.enter();
    second.enter();
    expect([first.take(6), second.take(5), second.take(4), second.take(1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    first.leave();
    expect(second.take(6)).toBe(true);
  });

  it("never refuses who is alone: one of the largest must be served", () => {
    const guest = room({ guests: 1, bytes: 10 })();
    guest.enter();
    expect([guest.take(11), guest.take(5)]).toEqual([true, true]);
  });

  it("keeps the place until the last who stays has left", () => {
    const door = room({ guests: 1, bytes: 10 });
    const guest = door();
    guest.enter();
    guest.stay();
    guest.leave();
    expect(door().enter()).toBe(false);
    guest.leave();
    guest.leave();
    expect(door().enter()).toBe(true);
  });

  it("counts nobody who has no place: what nobody gives back would be lost for ever", () => {
    const door = room({ guests: 2, bytes: 10 });
    const [outside, gone, inside] = [door(), door(), door()];
    gone.enter();
    gone.leave();
    inside.enter();
    expect([outside.take(9), gone.take(9), inside.take(10)]).toEqual([true, true, true]);
    const another = door();
    another.enter();
    expect(another.take(1)).toBe(false);
    inside.leave();
    expect(another.take(10)).toBe(true);
  });

  it("is as empty as at first when everybody has left, whatever they did", () => {
    const acts = fc.array(
      fc.record({
        guest: fc.nat(4),
        act: fc.constantFrom("enter", "take", "stay", "leave"),
        bytes: fc.nat(20),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(acts, (list) => {
        const door = room({ guests: 3, bytes: 30 });
        const guests = Array.from({ length: 5 }, door);
        const stays = guests.map(() => 0);
        for (const { guest: at, act, bytes } of list) {
          const guest = guests[at];
          if (guest === undefined) continue;
          const isIn = (stays[at] ?? 0) > 0;
          if (act === "enter" && !isIn && guest.enter()) stays[at] = 1;
          if (act === "take" && isIn) guest.take(bytes);
          if (act === "stay" && isIn) stays[at] = (stays[at] ?? 0) + (guest.stay() ?? 1);
          if (act === "leave" && isIn) stays[at] = (stays[at] ?? 0) - (guest.leave() ?? 1);
          expect(stays.filter((count) => count > 0).length).toBeLessThanOrEqual(3);
        }
        for (const [at, count] of stays.entries())
          for (let each = 0; each < count; each++) guests[at]?.leave();
        const [one, two] = [door(), door()];
        one.enter();
        two.enter();
        expect([one.take(15), two.take(15), two.take(1)]).toEqual([true, true, false]);
      }),
    );
  });
});
