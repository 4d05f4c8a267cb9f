// What operators and callers are shown of the origin of a case, and how long it may take until they are.
import { setTimeout as sleep } from "node:timers/promises";
import { recordOf } from "../../src/lib/record.ts";
import { ask } from "../../test/support/ask.ts";
import { originRows } from "../../test/support/origin-rows.ts";
import { BASE } from "../wire.ts";
import type { Scene } from "./scene.ts";

export interface ShownHealth {
  /** Of the model at the origin of the case; `origin open`: of the origin as a whole. */
  readonly breaker: "closed" | "open" | "half-open" | "origin open";
  readonly inFlight: number;
  /** In a row, of the model at this origin. */
  readonly failures: number;
  /** Of `GET /models/{id}/health`, in the region of the case. */
  readonly region: string;
}

export async function shownHealth({ demo, region, model }: Scene): Promise<ShownHealth> {
  const origin = (await originRows(demo)).find(({ id }) => id === region);
  const row = origin?.models.find((one) => one.model === model);
  if (origin === undefined || row === undefined) throw new Error(`no ${model} in ${region}`);
  const path = `${BASE}/models/${model}/health`;
  const { json } = await ask({ baseUrl: demo.base_url, path });
  const breaker = origin.breaker === "closed" ? row.breaker : `origin ${origin.breaker}`;
  return {
    breaker: breaker as ShownHealth["breaker"], // told of whenever it is compared
    inFlight: row.in_flight,
    failures: row.consecutive_failures,
    region: String(recordOf(json.regions)[region]),
  };
}

/** An active check each five seconds, whose word is believed for six. */
const WITHIN_MS = 12_000;
const POLL_MS = 100;

export async function untilShown(scene: Scene, expected: Partial<ShownHealth>): Promise<void> {
  const sinceMs = Date.now();
  for (;;) {
    const askedAtMs = Date.now();
    const shown = await shownHealth(scene);
    const isSo = Object.entries(expected).every(([name, value]) => recordOf(shown)[name] === value);
    if (isSo) return;
    if (askedAtMs - sinceMs > WITHIN_MS) {
      throw new Error(`shown ${JSON.stringify(shown)} instead of ${JSON.stringify(expected)}`);
    }
    await sleep(POLL_MS);
  }
}
