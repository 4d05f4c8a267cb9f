import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonTask, readOutputs } from "../../../src/origins/kinds/task-outputs.ts";

const TASKS: readonly JsonTask[] = [
  "embeddings",
  "text-classification",
  "image-classification",
  "zero-shot-image-classification",
  "token-classification",
  "object-detection",
  "automatic-speech-recognition",
  "fill-mask",
  "question-answering",
];
const A = { label: "A", score: 0.25 };
const B = { label: "B", score: 0.75 };

describe("labels", () => {
  const read = (value: unknown, count = 1) => readOutputs("text-classification", value, count);

  it("of one text come with or without a list around them, and fall", () => {
    expect(read([A, B])).toEqual([[B, A]]);
    expect(read([[A, B]])).toEqual([[B, A]]);
    expect(read(A)).toBeNull();
  });

  it("of several texts come in a list each, or as the best of each", () => {
    expect(read([[A], [B, A]], 2)).toEqual([[A], [B, A]]);
    expect(read([A, B], 2)).toEqual([[A], [B]]);
  });

  it.each([
    [[]],
    [[[]]],
    [[{ label: "A" }]],
    [[{ label: 1, score: 1 }]],
    [[{ ...A, score: "1" }]],
    [[A, null]],
    ["A"],
  ])("are none in %j", (value) => expect(read(value)).toBeNull());
});

describe("vectors", () => {
  const read = (value: unknown) => readOutputs("embeddings", value, 1);

  it("come in a list, alone, or under a name", () => {
    for (const value of [[[1, 2]], [1, 2], { embeddings: [[1, 2]] }, { embeddings: [1, 2] }]) {
      expect(read(value)).toEqual([[1, 2]]);
    }
  });

  it("of single tokens are none: how to pool them is the model's own secret", () => {
    expect(read([[[1, 2]], [[3, 4]]])).toBeNull();
  });

  it("hold numbers alone", () => {
    for (const value of [[[1, null]], [["1"]], [[]], [[1], "x"]]) expect(read(value)).toBeNull();
  });
});

describe("entities", () => {
  const read = (value: unknown, count = 1) => readOutputs("token-classification", value, count);
  const one = { score: 0.9, word: "Ada", start: 0, end: 3 };

  it("are named by their group, or by themselves where pieces were not joined", () => {
    const ada = { text: "Ada", score: 0.9, start: 0, end: 3 };
    expect(read([{ ...one, entity_group: "PER" }])).toEqual([[{ ...ada, label: "PER" }]]);
    expect(read([{ ...one, entity: "B-PER", index: 1 }])).toEqual([[{ ...ada, label: "B-PER" }]]);
  });

  it("stand in the order of the text, may be none, and may not know where they stand", () => {
    expect(read([])).toEqual([[]]);
    expect(read([[], []], 2)).toEqual([[], []]);
    const lost = read([{ ...one, entity: "X", start: null, end: null }]);
    expect(lost).toEqual([[{ text: "Ada", label: "X", score: 0.9, start: null, end: null }]]);
  });
});

describe("fills", () => {
  const fill = { score: 0.5, token: 7, token_str: "b", sequence: "a b" };

  it("of several masks in one text are one list", () => {
    const read = { text: "b", token: 7, score: 0.5, sequence: "a b" };
    expect(readOutputs("fill-mask", [[fill], [fill]], 1)).toEqual([[read, read]]);
    expect(readOutputs("fill-mask", [[fill], [fill]], 2)).toEqual([[read], [read]]);
  });
});

describe("a transcript", () => {
  const read = (value: unknown) => readOutputs("automatic-speech-recognition", value, 1);

  it("has segments where times were asked for, the last of which may not have ended", () => {
    expect(read({ text: "a" })).toEqual([{ text: "a", language: null, segments: null }]);
    const chunks = [{ timestamp: [0, null], text: "a" }];
    expect(read({ text: "a", chunks })).toEqual([
      { text: "a", language: null, segments: [{ start: 0, end: null, text: "a" }] },
    ]);
  });
});

it("the best of several answers to a question is the answer", () => {
  const span = { answer: "x", score: 1, start: 0, end: 1 };
  expect(readOutputs("question-answering", [span, { ...span, answer: "y" }], 1)).toEqual([span]);
});

it("objects fall by score and keep their boxes", () => {
  const box = { xmin: 1, ymin: 2, xmax: 3, ymax: 4 };
  const objects = [
    { ...A, box, mask: "x" },
    { ...B, box },
  ];
  expect(readOutputs("object-detection", objects, 1)).toEqual([
    [
      { ...B, box },
      { ...A, box },
    ],
  ]);
  expect(readOutputs("object-detection", [A], 1)).toBeNull();
});

it("nothing that a server can send breaks the reading, and no member is let through unread", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TASKS),
      fc.jsonValue(),
      fc.integer({ min: 1, max: 3 }),
      (task, value, count) => {
        const outputs = readOutputs(task, value, count);
        expect(outputs === null || Array.isArray(outputs)).toBe(true);
      },
    ),
  );
});
