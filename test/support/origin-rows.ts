// What operators are shown of origins and their breakers, as tests read it.
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { operate } from "./accounts.ts";

export interface ModelRow {
  readonly model: string;
  readonly status: string;
  readonly breaker: string;
  readonly reopens_at: string | null;
  readonly ttft_ms: number | null;
  readonly in_flight: number;
  readonly queue_depth: number | null;
  readonly consecutive_failures: number;
}

export interface OriginRow {
  readonly id: string;
  readonly region: string;
  readonly drained: boolean;
  readonly breaker: string;
  readonly models: readonly ModelRow[];
}

export async function originRows(demo: DemoFile): Promise<readonly OriginRow[]> {
  const { json } = await operate(demo, "GET", "/origins");
  return json.data as readonly OriginRow[]; // the form that operators.test.ts checks
}

/** The origin that serves the text models of a region of the built-in catalog. */
export async function originIn(demo: DemoFile, region: string): Promise<OriginRow> {
  const row = (await originRows(demo)).find(({ id }) => id === `${region}-1`);
  if (row === undefined) throw new Error(`no origin in ${region}`);
  return row;
}

export async function modelIn(demo: DemoFile, region: string, model: string): Promise<ModelRow> {
  const row = (await originIn(demo, region)).models.find((one) => one.model === model);
  if (row === undefined) throw new Error(`${region} does not serve ${model}`);
  return row;
}
