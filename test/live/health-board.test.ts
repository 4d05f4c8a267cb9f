import { describe, expect, it } from "vitest";
import { breakerState } from "../../src/domain/breaker.ts";
import type { Catalog } from "../../src/domain/catalog.ts";
import { answered, failed, started } from "../../src/domain/health.ts";
import type { HealthReport, RegionHealth } from "../../src/domain/health-gossip.ts";
import { healthBoard, type SharedBoard } from "../../src/live/health-board.ts";
import { catalogOf, EU, model, origin, US } from "../routing/fixtures.ts";

const T = 1_700_000_000_000;
const ONE = model("a/one");
const TWO = model("a/two");
const CATALOG = catalogOf(
  [ONE, TWO],
  [origin("us-1", [ONE.id, TWO.id]), origin("eu-1", [ONE.id], { region: "eu-west" })],
);
const QUIET: RegionHealth = { targets: [], origins: [], wantsWatch: false };
const tryAt = (sentAtMs: number) => ({ sentAtMs, endedAtMs: sentAtMs });

/** What the object of a region was told, and what it says. */
async function exchange(
  board: SharedBoard,
  says: Partial<RegionHealth> = {},
  where: { readonly region?: typeof US; readonly catalog?: Catalog } = {},
): Promise<HealthReport> {
  const told: HealthReport[] = [];
  const door = {
    gossip: async (report: HealthReport) => {
      told.push(report);
      return { ...QUIET, ...says };
    },
    setDrained: async () => undefined,
  };
  const { region = US, catalog = CATALOG } = where;
  await board.exchange(region, { catalog, door, now: () => T });
  const [report] = told;
  if (report === undefined) throw new Error("nothing was told");
  return report;
}

const heardOrigin = (isDrained: boolean) => ({
  origins: [{ origin: "us-1", isDrained, opening: null, goodAtMs: null, check: null }],
});

describe("the board", () => {
  it("keeps what is about an origin as a whole once for all its models", () => {
    const board = healthBoard("one");
    for (let i = 0; i < 5; i++) {
      board.update("us-1", ONE.id, (health) =>
        failed(health, { ...tryAt(T), kind: "refused", retryAfterMs: null }),
      );
    }
    expect(breakerState(board.get("us-1", TWO.id).whole.breaker, T)).toBe("open");
    expect(breakerState(board.get("us-1", TWO.id).breaker, T)).toBe("closed");
    expect(breakerState(board.get("eu-1", ONE.id).whole.breaker, T)).toBe("closed");
  });
});

describe("when it talks", () => {
  const ids = (board: SharedBoard, atMs: number) => board.due(CATALOG, atMs).map(({ id }) => id);

  it("at first with all regions, then with each that it uses once a second, with others every five", () => {
    const board = healthBoard("one");
    expect(ids(board, T).sort()).toEqual([EU.id, US.id]);
    board.update("us-1", ONE.id, (health) => started(health, T));
    expect(ids(board, T + 900)).toEqual([]);
    expect(ids(board, T + 1_200)).toEqual([US.id]);
    expect(ids(board, T + 2_400)).toEqual([]);
    expect(ids(board, T + 5_100)).toEqual([EU.id]);
    expect(ids(board, T + 6_300)).toEqual([US.id]);
  });

  it("with four regions at once at most, the others at the next look", () => {
    const regions = Array.from({ length: 10 }, (_, at) => ({ ...US, id: `r-${at}` }));
    const many = { ...CATALOG, regions: new Map(regions.map((region) => [region.id, region])) };
    const board = healthBoard("one");
    const asked = [0, 250, 500].flatMap((ms) => board.due(many, T + ms).map(({ id }) => id));
    expect(asked).toEqual(regions.map(({ id }) => id));
  });
});

describe("what it tells", () => {
  it("is about one region, and whether it was used since", async () => {
    const board = healthBoard("one");
    board.due(CATALOG, T - 2_000);
    board.update("us-1", ONE.id, (health) => answered(started(health, T), tryAt(T), 80));
    board.update("eu-1", ONE.id, (health) => started(health, T));
    board.due(CATALOG, T);
    const report = await exchange(board);
    expect(report).toMatchObject({ isolate: "one", hadTraffic: true, catalogVersion: 1, watch: null });
    expect(report.targets).toEqual([
      { origin: "us-1", model: ONE.id, inFlight: 1, ttftMs: 80, opening: null, goodAtMs: T },
    ]);
    expect(report.origins).toEqual([{ origin: "us-1", opening: null, goodAtMs: T }]);
    board.due(CATALOG, T + 6_000);
    expect((await exchange(board)).hadTraffic).toBe(false);
  });

  it("brings the targets to check once it was asked for them, and not again", async () => {
    const board = healthBoard("one");
    board.due(CATALOG, T);
    expect((await exchange(board, { wantsWatch: true })).watch).toBeNull();
    const second = await exchange(board);
    expect(second.watch?.map(({ origin: { id }, model: { id: of } }) => [id, of])).toEqual([
      ["us-1", ONE.id],
      ["us-1", TWO.id],
    ]);
    expect((await exchange(board)).watch).toBeNull();
  });
});

describe("what it hears", () => {
  it("stands on the board: others' requests, queue, and what checks found", async () => {
    const board = healthBoard("one");
    const target = { origin: "us-1", model: ONE.id, inFlight: 9, ttftMs: 70, opening: null, goodAtMs: null };
    await exchange(board, {
      targets: [{ ...target, queue: { running: 4, waiting: 2 }, readiness: "ready" }],
    });
    expect(board.get("us-1", ONE.id).elsewhere).toEqual({
      atMs: T,
      inFlight: 9,
      ttftMs: 70,
      queue: { running: 4, waiting: 2 },
      readiness: "ready",
    });
  });

  it("a drain, and its end even when the object has nothing more to say of the origin", async () => {
    const board = healthBoard("one");
    await exchange(board, heardOrigin(true));
    expect(board.get("us-1", TWO.id).whole.isDrained).toBe(true);
    await exchange(board, QUIET, { region: EU });
    expect(board.get("us-1", TWO.id).whole.isDrained).toBe(true);
    await exchange(board);
    expect(board.get("us-1", TWO.id).whole.isDrained).toBe(false);
  });

  it("hearing is no use of a region", async () => {
    const board = healthBoard("one");
    board.due(CATALOG, T);
    await exchange(board, heardOrigin(true));
    expect(board.due(CATALOG, T + 2_000)).toEqual([]);
  });
});
