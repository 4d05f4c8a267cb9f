// What the task model sees of a prompt, as lists of columns: words, pairs and pieces of the
// instruction, its opening and end, concepts, the edges of what is pasted, and the shape of it all.
// The same code fills it for training and for routing. Judges nothing.
import { type ColumnLists, clearLists, createColumnLists } from "./column-lists.ts";
import type { Columns } from "./columns.ts";
import { type ConceptTable, createFoundConcepts, type FoundConcepts, findConcepts } from "./concepts.ts";
import type { Features } from "./features.ts";
import { type Adder, addHash, addPairs, addPieces, addWords, begin, createAdder, end } from "./ngrams.ts";
import { createTokens, mix, scanTokens, type Tokens } from "./tokens.ts";

/** Reused for every prompt. */
export interface TaskReader {
  readonly lists: ColumnLists;
  readonly adder: Adder;
  readonly concepts: ConceptTable;
  readonly edges: Tokens;
  readonly found: FoundConcepts;
}

export function createTaskReader(columns: Columns, concepts: ConceptTable): TaskReader {
  const lists = createColumnLists();
  return {
    lists,
    adder: createAdder(lists, columns),
    concepts,
    edges: createTokens(),
    found: createFoundConcepts(),
  };
}

/** Words of the instruction whose pieces are read: where the verb and its object stand. */
const PIECED_WORDS = 100;
/** Words that are also read together with the kind of what is pasted. */
const CROSSED_WORDS = 40;
const OPENING_WORDS = 4;
const CLOSING_WORDS = 4;

/**
 * What each kind of feature weighs as a whole. Most were tried a third larger or smaller, which moved
 * held-out accuracy by less than a point: these are round numbers, not a fit.
 */
const WEIGHTS = {
  words: 1,
  pairs: 1,
  opening: 0.7,
  closing: 0.5,
  pieces: 0.7,
  edges: 0.4,
  concepts: 1,
  placedConcepts: 0.5,
  conceptPairs: 0.7,
  crossed: 0.7,
  shape: 1.2,
} as const;

/** Fills `reader.lists`; valid until the next call. */
export function readTaskFeatures(features: Features, reader: TaskReader): ColumnLists {
  const { lists, adder, found } = reader;
  const { asked } = features;
  clearLists(lists);
  findConcepts(asked, reader.concepts, found);
  readInstruction(adder, asked);
  readConcepts(adder, asked, found);
  readCrossed(reader, asked, kindOf(features));
  if (features.edges.length > 0) readEdges(reader, features.edges);
  readShape(adder, features);
  return lists;
}

function readInstruction(adder: Adder, asked: Tokens): void {
  const all = { tokens: asked, from: 0, to: asked.count };
  begin(adder, 1);
  addWords(adder, all);
  end(adder, WEIGHTS.words);
  begin(adder, 2);
  addPairs(adder, all);
  end(adder, WEIGHTS.pairs);
  begin(adder, 3);
  addOpening(adder, asked);
  end(adder, WEIGHTS.opening);
  begin(adder, 4);
  addWords(adder, { ...all, from: Math.max(0, asked.count - CLOSING_WORDS) });
  end(adder, WEIGHTS.closing);
  begin(adder, 5);
  addPieces(adder, { ...all, to: Math.min(asked.count, PIECED_WORDS) });
  end(adder, WEIGHTS.pieces);
}

/** The first words with their places, and the first two and three as one. */
function addOpening(adder: Adder, tokens: Tokens): void {
  let run = 0;
  for (let i = 0; i < Math.min(tokens.count, OPENING_WORDS); i++) {
    const hash = tokens.hashes[i] ?? 0;
    addHash(adder, mix(hash, Math.min(i, 2)));
    run = i === 0 ? hash : mix(run, hash);
    if (i === 1 || i === 2) addHash(adder, mix(run, 9));
  }
}

const EARLY = 1;
const LATE = 2;
/** Concepts this near to an end of the instruction are its verb or its afterthought. */
const NEAR_TOKENS = 3;

function readConcepts(adder: Adder, asked: Tokens, found: FoundConcepts): void {
  begin(adder, 6);
  for (let i = 0; i < found.count; i++) addHash(adder, found.concepts[i] ?? 0);
  end(adder, WEIGHTS.concepts);
  begin(adder, 7);
  for (let i = 0; i < found.count; i++) {
    const at = found.tokens[i] ?? 0;
    const isEarly = at < NEAR_TOKENS || asked.opens[at] === 1;
    if (isEarly) addHash(adder, mix(found.concepts[i] ?? 0, EARLY));
    else if (at >= asked.count - NEAR_TOKENS) addHash(adder, mix(found.concepts[i] ?? 0, LATE));
  }
  end(adder, WEIGHTS.placedConcepts);
  begin(adder, 8);
  for (let i = 0; i < found.count; i++) {
    for (let j = 0; j < i; j++) {
      const one = found.concepts[i] ?? 0;
      const other = found.concepts[j] ?? 0;
      addHash(adder, mix(Math.min(one, other), Math.max(one, other)));
    }
  }
  end(adder, WEIGHTS.conceptPairs);
}

/** "Write" above pasted code and "write" alone are two words. */
function readCrossed({ adder, found }: TaskReader, asked: Tokens, kind: number): void {
  begin(adder, 9);
  for (let i = 0; i < Math.min(asked.count, CROSSED_WORDS); i++) {
    addHash(adder, mix(asked.hashes[i] ?? 0, kind));
  }
  for (let i = 0; i < found.count; i++) addHash(adder, mix(0x100 + (found.concepts[i] ?? 0), kind));
  end(adder, WEIGHTS.crossed);
}

function readEdges({ adder, edges }: TaskReader, text: string): void {
  scanTokens(text, edges);
  begin(adder, 10);
  addWords(adder, { tokens: edges, from: 0, to: edges.count });
  end(adder, WEIGHTS.edges);
}

const PAYLOAD_KINDS = ["none", "prose", "code", "table"] as const;
/** Payload shorter than this is a phrase, not a text to work on. */
const TEXT_CHARS = 150;

function kindOf({ payloadKind, payloadChars }: Features): number {
  const isPhrase = payloadKind !== "none" && payloadChars < TEXT_CHARS;
  return PAYLOAD_KINDS.indexOf(payloadKind) + (isPhrase ? PAYLOAD_KINDS.length : 0);
}

function readShape(adder: Adder, features: Features): void {
  const { signs, asked } = features;
  const kind = kindOf(features);
  const asks = signs.questions > 0 ? 1 : 0;
  const shape = [
    kind,
    magnitude(features.instruction.length),
    magnitude(features.payloadChars),
    level(signs.questions),
    signs.endsWithQuestion ? 1 : 0,
    level(signs.numbers),
    level(signs.mathSigns),
    level(signs.codeSigns),
    level(signs.exclamations),
    level(signs.listItems),
    level(signs.choices),
    level(signs.shortQuotations),
    magnitude(features.codeLines),
    kind * 2 + asks,
    magnitude(asked.count) * 2 + asks,
  ];
  begin(adder, 11);
  for (let place = 0; place < shape.length; place++) addHash(adder, mix(0x1000 + place, shape[place] ?? 0));
  end(adder, WEIGHTS.shape);
}

/** Small counts as they are, larger ones by rough size. */
function level(count: number): number {
  return count <= 3 ? count : Math.min(8, 2 + magnitude(count) - 1);
}

/** Doublings, 0 for none. */
function magnitude(size: number): number {
  return Math.min(15, 32 - Math.clz32(size));
}
