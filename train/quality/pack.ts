// Turns fitted heads into the sections that src/routing/ability/ability-weights.ts reads, and base
// sections of a file back into sections to write. Knows no prompts.
import { BASE_SECTIONS, type QualityMeta } from "../../src/routing/ability/ability-weights.ts";
import { STEM_BUCKETS } from "../../src/routing/ability/document.ts";
import { type OwnHead, TRAIT_TERMS } from "../../src/routing/ability/own-head.ts";
import { TRAIT_COUNT } from "../../src/routing/ability/traits.ts";
import type { Container, Dtype } from "../../src/routing/weights/container.ts";
import type { SectionToWrite } from "../lib/write-container.ts";
import type { Base } from "./fit-base.ts";

export function packBase({ kinds, lines, forest, abilities }: Base): readonly SectionToWrite[] {
  const { trees, nodes, outputs } = forest;
  const count = kinds.classes;
  return [
    int8("quality.kinds.words", [STEM_BUCKETS, count], { data: kinds.words, scale: kinds.wordScale }),
    float32("quality.kinds.bias", [count], kinds.bias),
    float32("quality.lines", [count, lines.levels, TRAIT_COUNT + 1], lines.weights),
    { name: "quality.forest.features", dtype: "uint8", shape: [trees, nodes], data: forest.features },
    float32("quality.forest.thresholds", [trees, nodes], forest.thresholds),
    int8("quality.forest.children", [trees, nodes, 2], { data: forest.children, scale: 1 }),
    int8("quality.forest.leaves", [trees, nodes + 1, outputs], {
      data: forest.leaves,
      scale: forest.leafScale,
    }),
    float32("quality.strengths", [abilities.models.length], abilities.strengths),
    float32("quality.logits", [abilities.models.length, count], abilities.logits),
    float32("quality.ease", [count], abilities.ease),
    float32("quality.slope", [count], abilities.slope),
  ];
}

export function packOwn(head: OwnHead): readonly SectionToWrite[] {
  const { subjects, range, content } = head;
  const count = subjects.classes;
  const width = head.models.length;
  return [
    int8("quality.own.words", [STEM_BUCKETS, count], { data: subjects.words, scale: subjects.wordScale }),
    float32("quality.own.bias", [count], subjects.bias),
    float32("quality.own.table", [count, width], head.table),
    int8("quality.own.stems", [STEM_BUCKETS, width], { data: head.stems, scale: head.stemScale }),
    float32("quality.own.means", [TRAIT_COUNT], range.means),
    float32("quality.own.rates", [TRAIT_COUNT], range.rates),
    float32("quality.own.kinds", [content.kindShares.length], content.kindShares),
    int8("quality.own.familiar", [STEM_BUCKETS], { data: content.words, scale: content.wordScale }),
    float32("quality.own.lines", [width, TRAIT_TERMS], head.traitLines),
  ];
}

/** As they stand in the file. */
export function repackBase(container: Container): readonly SectionToWrite[] {
  return Object.entries(BASE_SECTIONS).map(([name, dtype]): SectionToWrite => {
    const { data, shape, scale } = container.section(name, dtype satisfies Dtype);
    return { name, dtype, shape, data, scale };
  });
}

export function metaOf(base: Pick<Base, "abilities">): QualityMeta {
  return { kinds: [...base.abilities.kinds], models: [...base.abilities.models], own: null, shifts: {} };
}

function int8(
  name: string,
  shape: readonly number[],
  { data, scale }: { readonly data: Int8Array; readonly scale: number },
): SectionToWrite {
  return { name, dtype: "int8", shape, data: new Int8Array(data), scale };
}

function float32(name: string, shape: readonly number[], data: ArrayLike<number>): SectionToWrite {
  return { name, dtype: "float32", shape, data: Float32Array.from(data) };
}
