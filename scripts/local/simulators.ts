// Starts the simulated regions of this run, in this process: on SIM_PORT, on the ports kept from before,
// or on new ones when those are taken. What a simulator answers is sim/'s business.

import { DEFAULT_TIMING } from "../../sim/gpu.ts";
import { startRegion } from "../../sim/region.ts";
import type { CatalogRows } from "../../src/domain/catalog.ts";
import { fault } from "./fault.ts";
import { findFreePorts, isPortFree } from "./ports.ts";
import { isRecord } from "./secrets.ts";
import { SIMULATOR_COUNT } from "./settings.ts";
import {
  basesOf,
  modelsAt,
  moveToPlaces,
  type Place,
  placesOf,
  regionsOf,
  secretsAt,
} from "./simulated-origins.ts";
import { codeOf, readState, writeState } from "./state-dir.ts";

export interface RunningSimulator {
  readonly region: string;
  readonly baseUrl: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

export interface SimulatorPlan {
  readonly stateDir: string;
  /** SIM_PORT; null: kept or free ports. */
  readonly firstPort: number | null;
  readonly rows: CatalogRows;
  /** Says which regions to play, and what to serve in them, where `rows` does not. */
  readonly fallback: CatalogRows;
  /** Addresses in `rows` that mean simulators, wherever these were. */
  readonly formerBases: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
}

export interface StartedSimulators {
  readonly simulators: readonly RunningSimulator[];
  /** `plan.rows`, with the origins of simulators where these run now. */
  readonly rows: CatalogRows;
}

const FILE = "ports.json";
// Between asking for a free port and taking it another process may be quicker; not three times.
const MOST_TRIES = 3;

export async function startSimulators(plan: SimulatorPlan): Promise<StartedSimulators> {
  for (let tries = 1; ; tries++) {
    const ports = await choosePorts(plan);
    try {
      return await startOn(ports, plan);
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE" || tries === MOST_TRIES) throw error;
    }
  }
}

/** The places of the last start; empty on the first one. */
export function readKeptPlaces(stateDir: string): readonly Place[] {
  const kept = readState(stateDir, FILE);
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((item: unknown) => {
    if (!isRecord(item) || typeof item.region !== "string" || typeof item.port !== "number") return [];
    return [{ region: item.region, port: item.port }];
  });
}

async function choosePorts({ stateDir, firstPort }: SimulatorPlan): Promise<readonly number[]> {
  if (firstPort !== null) {
    const wanted = Array.from({ length: SIMULATOR_COUNT }, (_, index) => firstPort + index);
    const taken = await firstTaken(wanted);
    if (taken === null) return wanted;
    throw fault(
      `Port ${taken} is in use, so SIM_PORT=${firstPort} does not work: choose three other free ports.`,
    );
  }
  const kept = readKeptPlaces(stateDir).map(({ port }) => port);
  if (kept.length === SIMULATOR_COUNT && (await firstTaken(kept)) === null) return kept;
  return findFreePorts(SIMULATOR_COUNT);
}

async function firstTaken(ports: readonly number[]): Promise<number | null> {
  for (const port of ports) {
    if (!(await isPortFree(port))) return port;
  }
  return null;
}

async function startOn(ports: readonly number[], plan: SimulatorPlan): Promise<StartedSimulators> {
  const kept = readKeptPlaces(plan.stateDir).map(({ region }) => region);
  const places = placesOf(plan.rows, ports, kept.length > 0 ? kept : regionsOf(plan.fallback));
  const rows = moveToPlaces(plan.rows, places, plan.formerBases);
  const fallback = moveToPlaces(plan.fallback, places, basesOf(plan.fallback));
  const started: RunningSimulator[] = [];
  try {
    for (const place of places) started.push(await startOne(place, [rows, fallback], plan.secrets));
  } catch (error) {
    await Promise.all(started.map((simulator) => simulator.close()));
    throw error;
  }
  writeState(plan.stateDir, FILE, places);
  return { simulators: started, rows };
}

/** What the catalog does not say about a simulator, the fallback says: first come, first served. */
function startOne(
  { region, port }: Place,
  catalogs: readonly CatalogRows[],
  secrets: SimulatorPlan["secrets"],
): Promise<RunningSimulator> {
  const models = new Map(
    catalogs
      .flatMap((rows) => modelsAt(rows, port))
      .reverse()
      .map((model) => [model.servedAs, model]),
  );
  const [secretName] = catalogs.flatMap((rows) => secretsAt(rows, port));
  const apiKey = secretName === undefined ? null : (secrets[secretName] ?? null);
  return startRegion({ region, port, apiKey, models: [...models.values()], timing: DEFAULT_TIMING });
}
