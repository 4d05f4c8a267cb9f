// Isolates and the region's object together, without the platform between them: what one saw, the others act on.
import { describe, expect, it } from "vitest";
import { checks } from "../../durable-objects/origin-health/checks.ts";
import { hearing } from "../../durable-objects/origin-health/hearsay.ts";
import { regionView } from "../../durable-objects/origin-health/region-view.ts";
import { answered, type FaultKind, failed, isSuspect, standing, started } from "../../src/domain/health.ts";
import type { HealthReport, OriginHealthDoor } from "../../src/domain/health-gossip.ts";
import { healthBoard, type SharedBoard } from "../../src/live/health-board.ts";
import { catalogOf, model, origin, US } from "../routing/fixtures.ts";

const T = 1_700_000_000_000;
const MODEL = model("a/m");
const CATALOG = catalogOf([MODEL], [origin("us-1", [MODEL.id])]);
const TARGET = { origin: CATALOG.rows.origins[0] ?? origin("us-1", []), model: MODEL, servedAs: MODEL.id };

function world(...names: readonly string[]) {
  let nowMs = T;
  const heard = hearing();
  const checked = checks();
  checked.watch(1, [TARGET]);
  const drained = new Set<string>();
  const door: OriginHealthDoor = {
    gossip: async (report: HealthReport) => {
      heard.hear(report, nowMs);
      return regionView({ hearsay: heard.all(nowMs), checks: checked, drained }, report, nowMs);
    },
    setDrained: async () => undefined,
  };
  const boards = names.map((name) => healthBoard(name));
  return {
    boards: boards as [SharedBoard, ...SharedBoard[]], // one per name
    async talk(board: SharedBoard) {
      nowMs += 300;
      await board.exchange(US, { catalog: CATALOG, door, now: () => nowMs });
      return nowMs;
    },
    check(isUp: boolean) {
      nowMs += 5_000;
      checked.found([TARGET], { isUp, targets: [{ readiness: null, queue: null }] }, nowMs);
    },
    now: () => nowMs,
  };
}

const place = ["us-1", MODEL.id] as const;
const failing = (board: SharedBoard, kind: FaultKind, atMs: number) => {
  for (let i = 0; i < 5; i++) {
    const fault = { kind, sentAtMs: atMs, endedAtMs: atMs, retryAfterMs: null };
    board.update(...place, (health) => failed(health, fault));
  }
};
const answering = (board: SharedBoard, atMs: number) =>
  board.update(...place, (health) => answered(health, { sentAtMs: atMs, endedAtMs: atMs }, 50));

describe("a region's isolates", () => {
  it.each(["refused", "silent"] as const)("hear of an origin that fails one of them: %s", async (kind) => {
    const { boards, talk, now } = world("a", "b");
    const [one, other = one] = boards;
    failing(one, kind, T);
    await talk(one);
    await talk(other);
    expect(isSuspect(other.get(...place), now())).toBe(true);
  });

  it("do not shut what answers them, and tell the one that fails that it may try again", async () => {
    const { boards, talk, now } = world("a", "b");
    const [one, other = one] = boards;
    failing(one, "silent", T);
    answering(other, T + 100);
    await talk(one);
    await talk(other);
    expect(standing(other.get(...place), now())).toBe("closed");
    await talk(one);
    expect(standing(one.get(...place), now())).toBe("half-open");
  });

  it("one that tries and is answered opens the way for all, each by a try of its own", async () => {
    const { boards, talk, now } = world("a", "b");
    const [one, other = one] = boards;
    failing(one, "silent", T);
    await talk(one);
    await talk(other);
    answering(one, now() + 10);
    await talk(one);
    await talk(other);
    expect(standing(other.get(...place), now())).toBe("half-open");
    other.update(...place, (health) => started(health, now()));
    expect(standing(other.get(...place), now())).toBe("open");
    answering(other, now());
    expect(standing(other.get(...place), now())).toBe("closed");
  });

  it("know what the others have in flight, and never their own twice", async () => {
    const { boards, talk } = world("a", "b", "c");
    for (const board of boards) board.update(...place, (health) => started(health, T));
    for (const board of [...boards, ...boards]) await talk(board);
    for (const board of boards) {
      expect(board.get(...place)).toMatchObject({ inFlight: 1, elsewhere: { inFlight: 2 } });
    }
  });

  it("are shut by two failed checks and invited by a good one", async () => {
    const { boards, talk, check, now } = world("a");
    const [board] = boards;
    check(false);
    await talk(board);
    expect(standing(board.get(...place), now())).toBe("closed");
    check(false);
    await talk(board);
    expect(standing(board.get(...place), now())).toBe("open");
    check(true);
    await talk(board);
    expect(standing(board.get(...place), now())).toBe("half-open");
  });
});
