// The router as `npm start` runs it, between callers and origins of this process: lanes, each of one simulated
// region, one hostile origin and one spare region, so that cases of different lanes cannot meet. Each case has a
// model of its own, for breakers remember.
import { DEFAULT_TIMING, INSTANT_TIMING, type Timing } from "../../sim/gpu.ts";
import { type RunningRegion, startRegion } from "../../sim/region.ts";
import { catalogFile } from "../../test/support/catalog-file.ts";
import { startServer, type TestServer } from "../../test/support/server.ts";
import type { Case } from "./case.ts";
import { well } from "./hostile-answers.ts";
import { type HostileOrigin, startHostileOrigin } from "./hostile-origin.ts";

export interface Lane {
  readonly simulated: RunningRegion;
  readonly hostile: HostileOrigin;
  readonly spare: RunningRegion;
  /** Their ids in the catalog; an origin is named as its region. */
  readonly ids: { readonly simulated: string; readonly hostile: string; readonly spare: string };
  readonly cases: readonly PlacedCase[];
}

export interface PlacedCase {
  readonly row: Case;
  /** Also the name under which origins serve it. */
  readonly model: string;
}

export interface Stage {
  readonly server: TestServer;
  readonly lanes: readonly Lane[];
  readonly originKey: string;
  /** `host:port` of every origin. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

const SECRET_NAME = "ORIGIN_CHAOS";
/** Most of a case is waiting; so many at once do not make one's work another's timeout on two cores. */
const LANES = 6;

export async function openStage(cases: readonly Case[], seed: number): Promise<Stage> {
  const originKey = `canary-key-${seed}-8f3a`;
  const lanes = await Promise.all(dealOut(cases).map((dealt, n) => openLane(dealt, { n, originKey })));
  const catalog = catalogFile(catalogOf(lanes));
  const closeOrigins = async () => {
    await Promise.all(
      lanes.flatMap(({ simulated, hostile, spare }) => [simulated.close(), hostile.close(), spare.close()]),
    );
    catalog.remove();
  };
  const env = { SIM: "off", CATALOG_FILE: catalog.path, [SECRET_NAME]: originKey };
  const server = await startServer({ env }).catch(async (error: unknown) => {
    await closeOrigins();
    throw error;
  });
  return {
    server,
    lanes,
    originKey,
    addresses: lanes.flatMap((lane) =>
      [lane.simulated.port, lane.hostile.port, lane.spare.port].map((port) => `127.0.0.1:${port}`),
    ),
    async close() {
      await server.stop("SIGKILL");
      await closeOrigins();
    },
  };
}

/** Longest first, each to the lane with the least to do. */
function dealOut(cases: readonly Case[]): readonly (readonly PlacedCase[])[] {
  const lanes = Array.from({ length: LANES }, () => ({ seconds: 0, dealt: [] as PlacedCase[] }));
  const placed = cases.map((row, n) => ({ row, model: `fault-${n}-${row.mode}` }));
  for (const one of [...placed].sort((left, right) => right.row.seconds - left.row.seconds)) {
    const least = lanes.reduce((best, lane) => (lane.seconds < best.seconds ? lane : best));
    least.seconds += one.row.seconds;
    least.dealt.push(one);
  }
  return lanes.map(({ dealt }) => dealt);
}

interface Opening {
  readonly n: number;
  readonly originKey: string;
}

/**
 * Some 120 ms to the first token, and the smallest weight: whoever may choose chooses the other origin, the one with
 * the fault.
 */
const SPARE_WEIGHT = 0.01;
const FAULTY_WEIGHT = 1_000;
const UNHURRIED: Timing = { ...DEFAULT_TIMING, prefillTokensPerS: 350, decodeBaseMs: 0, decodeMsPerB: 0 };

async function openLane(cases: readonly PlacedCase[], { n, originKey }: Opening): Promise<Lane> {
  const ids = { simulated: `simulated-${n}`, hostile: `hostile-${n}`, spare: `spare-${n}` };
  const names = cases.map(({ model }) => model);
  const simulatedAs = (region: string, timing: Timing) =>
    startRegion({
      region,
      port: 0,
      apiKey: originKey,
      timing,
      models: names.map((servedAs) => ({
        servedAs,
        task: "text-generation",
        parametersB: 4,
        contextLength: 40_960,
        maxOutputTokens: 8_192,
      })),
    });
  const [simulated, spare] = await Promise.all([
    simulatedAs(ids.simulated, INSTANT_TIMING),
    simulatedAs(ids.spare, UNHURRIED),
  ]);
  return { simulated, spare, hostile: await startHostileOrigin(names, well), ids, cases };
}

/** Each model stands at one faulty origin and at the spare one. */
function catalogOf(lanes: readonly Lane[]) {
  return {
    regions: lanes.flatMap(({ ids }) => Object.values(ids).map((id) => ({ id }))),
    models: lanes.flatMap(({ cases }) =>
      cases.map(({ model, row }) => ({
        id: model,
        task: "text-generation",
        parameters_b: 4,
        context_length: 40_960,
        max_output_tokens: 8_192,
        capabilities: ["chat"],
        // Dear enough that every answer costs some micro-dollars.
        price: { input_per_mtok: 2, output_per_mtok: 4 },
        timeouts: row.timeouts,
      })),
    ),
    origins: lanes.flatMap(originsOf),
  };
}

function originsOf({ ids, simulated, hostile, spare, cases }: Lane) {
  const served = (isServed: (one: PlacedCase) => boolean) =>
    cases.filter(isServed).map(({ model }) => ({ model }));
  const like = {
    kind: "openai-compatible",
    secret: SECRET_NAME,
    features: ["continue_final_message"],
    max_concurrency: 1_000,
    weight: FAULTY_WEIGHT,
  };
  return [
    {
      ...like,
      id: ids.simulated,
      region: ids.simulated,
      base_url: simulated.baseUrl,
      serves: served(({ row }) => row.origin === "simulated"),
    },
    {
      ...like,
      id: ids.hostile,
      region: ids.hostile,
      base_url: `http://127.0.0.1:${hostile.port}/v1`,
      serves: served(({ row }) => row.origin === "hostile"),
    },
    {
      ...like,
      id: ids.spare,
      region: ids.spare,
      base_url: spare.baseUrl,
      weight: SPARE_WEIGHT,
      serves: served(() => true),
    },
  ];
}
