// Compiles the concept lists of train/concepts/ into the hash table the classifier searches. The
// notation is explained in train/concepts/README.md. The lists stay here; the router carries hashes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BEGINS_PHRASE,
  BEGINS_STEM,
  type ConceptTable,
  LEAST_STEM,
  MAX_DENSE_TOKENS,
  MAX_PHRASE_TOKENS,
  phraseKey,
  stemKey,
} from "../../src/routing/classify/concepts.ts";
import { createTokens, DENSE, scanTokens, type Tokens } from "../../src/routing/classify/tokens.ts";

export interface CompiledConcepts {
  readonly names: readonly string[];
  readonly table: ConceptTable;
}

/** A concept is a byte. */
const MAX_CONCEPTS = 256;

export function compileConcepts(folder: string): CompiledConcepts {
  const names: string[] = [];
  const entries: Entry[] = [];
  const tokens = createTokens();
  for (const line of conceptLines(folder)) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`A concept's line is 'name: words', not '${line.slice(0, 40)}'.`);
    const concept = names.push(line.slice(0, colon)) - 1;
    if (concept >= MAX_CONCEPTS) throw new Error(`There are more than ${MAX_CONCEPTS} concepts.`);
    for (const written of line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)) {
      const found = entryOf(written, tokens);
      if (found !== null) entries.push({ ...found, concept });
    }
  }
  return { names, table: tableOf(entries) };
}

function conceptLines(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line.length > 0 && !line.startsWith("#"));
}

interface Entry {
  readonly key: number;
  readonly concept: number;
  /** What a text must have for the search to begin. */
  readonly head: number;
  readonly mark: number;
}

/** null: nothing that could be found in a text. */
function entryOf(written: string, tokens: Tokens): Omit<Entry, "concept"> | null {
  const isStem = written.endsWith("*");
  scanTokens(written.replaceAll("_", " "), tokens);
  const { count } = tokens;
  if (count === 0) return null;
  const isDense = tokens.kinds[0] === DENSE;
  if (count > (isDense ? MAX_DENSE_TOKENS : MAX_PHRASE_TOKENS)) return null;
  if (!isStem || count > 1 || isDense) {
    return { key: phraseKey(tokens, 0, count), head: tokens.hashes[0] ?? 0, mark: BEGINS_PHRASE };
  }
  const end = tokens.starts[1] ?? 0;
  if (end < LEAST_STEM) return null;
  return { key: stemKey(tokens.codes, 0, end), head: tokens.heads[0] ?? 0, mark: BEGINS_STEM };
}

/** At least half the slots stay empty: most look-ups miss, and a miss ends at the first empty slot. */
const LEAST_SLOTS_PER_KEY = 2;

function tableOf(entries: readonly Entry[]): ConceptTable {
  let slots = 1;
  while (slots < entries.length * LEAST_SLOTS_PER_KEY) slots *= 2;
  const keys = new Uint32Array(slots);
  const concepts = new Uint8Array(slots);
  const marks = new Uint8Array(slots);
  for (const { key, concept, head, mark } of entries) {
    marks[head & (slots - 1)] = (marks[head & (slots - 1)] ?? 0) | mark;
    let slot = key & (slots - 1);
    while (keys[slot] !== 0 && !(keys[slot] === key && concepts[slot] === concept)) {
      slot = (slot + 1) & (slots - 1);
    }
    keys[slot] = key;
    concepts[slot] = concept;
  }
  return { keys, concepts, marks };
}
