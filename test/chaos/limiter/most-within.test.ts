import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mostWithin, type Span } from "../../../chaos/limiter/most-within.ts";

const at = (ms: number): Span => ({ fromMs: ms, toMs: ms });

test("nothing is within nothing", () => {
  expect(mostWithin([], 60)).toBe(0);
});

test("a window ends before the instant one window later", () => {
  expect(mostWithin([at(0), at(59)], 60)).toBe(2);
  expect(mostWithin([at(0), at(60)], 60)).toBe(1);
});

test("what may lie outside is not counted", () => {
  expect(mostWithin([at(0), { fromMs: 50, toMs: 60 }], 60)).toBe(1);
});

test("it slides: the fullest window need not begin at a whole minute", () => {
  expect(mostWithin([0, 50, 58, 61, 62, 109].map(at), 60)).toBe(5);
});

const span = fc.tuple(fc.nat(200), fc.nat(20)).map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));

test("it is the most of all windows, each tried", () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 30 }), fc.integer({ min: 1, max: 80 }), (spans, windowMs) => {
      const counts = Array.from(
        { length: 300 },
        (_, start) => spans.filter(({ fromMs, toMs }) => fromMs >= start && toMs < start + windowMs).length,
      );
      expect(mostWithin(spans, windowMs)).toBe(Math.max(...counts));
    }),
  );
});
