import { describe, expect, it } from "vitest";
import { rendezvousWeight } from "../../src/routing/rendezvous.ts";

interface Node {
  readonly id: string;
  readonly weight: number;
}

function owner(key: string, nodes: readonly Node[]): string {
  const weighed = nodes.map((node) => ({ id: node.id, at: rendezvousWeight(key, node.id, node.weight) }));
  return weighed.sort((a, b) => b.at - a.at)[0]?.id ?? "";
}

const KEYS = Array.from({ length: 2_000 }, (_, index) => `key-${index}`);
const NODES: readonly Node[] = [
  { id: "a", weight: 1 },
  { id: "b", weight: 1 },
  { id: "c", weight: 2 },
];

describe("rendezvousWeight", () => {
  it("shares keys by weight", () => {
    const share = (id: string) => KEYS.filter((key) => owner(key, NODES) === id).length / KEYS.length;
    expect(share("a")).toBeCloseTo(0.25, 1);
    expect(share("c")).toBeCloseTo(0.5, 1);
  });

  it("moves only the keys of a node that leaves", () => {
    const left = NODES.filter((node) => node.id !== "b");
    for (const key of KEYS) {
      const before = owner(key, NODES);
      if (before !== "b") expect(owner(key, left)).toBe(before);
    }
  });

  it("is finite for empty and endless keys", () => {
    for (const key of ["", "x".repeat(1_000_000), "\ud800"]) {
      expect(rendezvousWeight(key, "a", 1)).toBeGreaterThan(0);
      expect(Number.isFinite(rendezvousWeight(key, "a", 0))).toBe(true);
    }
  });
});
