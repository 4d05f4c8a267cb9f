import { describe, expect, it } from "vitest";
import { FAULT_KINDS, type Fault, readFault, takeFault } from "../../sim/faults.ts";

function fault(fields: Record<string, unknown>): Fault {
  const read = readFault(fields);
  if ("complaint" in read) throw new Error(read.complaint);
  return read.fault;
}

const CHAT = { names: ["qwen", "Qwen/Qwen3"], isInference: true };
const PROBE = { names: [], isInference: false };

describe("reading a fault", () => {
  it("refuses unknown kinds with the list of known ones", () => {
    const read = readFault({ kind: "explode" });
    for (const kind of FAULT_KINDS) expect(JSON.stringify(read)).toContain(kind);
  });

  it("refuses unknown fields and negative numbers", () => {
    expect(readFault({ kind: "die", afterBytes: 3 })).toHaveProperty("complaint");
    expect(readFault({ kind: "die", after_bytes: -1 })).toHaveProperty("complaint");
    expect(readFault(null)).toHaveProperty("complaint");
  });
});

describe("the fault that meets a request", () => {
  it("is used up after `count` requests", () => {
    let faults: readonly Fault[] = [fault({ kind: "die", count: 2 })];
    const met = [1, 2, 3].map(() => {
      const taken = takeFault(faults, CHAT);
      faults = taken.left;
      return taken.fault?.kind ?? null;
    });
    expect(met).toEqual(["die", "die", null]);
    expect(faults).toEqual([]);
  });

  it("goes by served name or root, and stays away from other models", () => {
    expect(takeFault([fault({ kind: "die", model: "Qwen/Qwen3" })], CHAT).fault?.kind).toBe("die");
    expect(takeFault([fault({ kind: "die", model: "qwen" })], CHAT).fault?.kind).toBe("die");
    expect(takeFault([fault({ kind: "die", model: "other" })], CHAT).fault).toBeNull();
  });

  it("spares probes unless the whole region is out", () => {
    expect(takeFault([fault({ kind: "hang", count: 1 })], PROBE).fault).toBeNull();
    expect(takeFault([fault({ kind: "hang" })], PROBE).fault?.kind).toBe("hang");
  });

  it("is the first that fits", () => {
    const faults = [
      fault({ kind: "die", model: "other" }),
      fault({ kind: "end", count: 1 }),
      fault({ kind: "slow" }),
    ];
    expect(takeFault(faults, CHAT).fault?.kind).toBe("end");
  });
});
