// The engine: one row of the tables in a scene of its own, and behind it what must hold after every fault.
import { setTimeout as sleep } from "node:timers/promises";
import { ledgerAddsUp, nothingHeld, nothingLeaked } from "./invariants.ts";
import { openScene, type Setting } from "./scene.ts";
import type { PlacedCase } from "./stage.ts";

export interface Verdict {
  readonly fault: string;
  readonly what: string;
  readonly mode: string;
  readonly expected: string;
  readonly requests: number;
  readonly slowestCloseMs: number;
  readonly tookMs: number;
  /** null: everything held. */
  readonly broken: string | null;
}

export async function runCase(setting: Setting, placed: PlacedCase): Promise<Verdict> {
  const { row } = placed;
  const { server } = setting.stage;
  const sinceMs = Date.now();
  const loggedBefore = server.logs().length;
  const scene = await openScene(setting, placed);
  let broken: string | null = null;
  try {
    await row.run(scene);
    await nothingHeld(scene);
    await ledgerAddsUp(scene);
    // Lines come by another pipe than answers.
    await sleep(LOG_LAG_MS);
    nothingLeaked(setting.stage, scene, server.logs().slice(loggedBefore));
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
  } finally {
    await scene.heal();
  }
  const { fault, what, mode, expected } = row;
  const { slowestCloseMs } = scene;
  return {
    fault,
    what,
    mode,
    expected,
    requests: scene.asked.length,
    slowestCloseMs,
    tookMs: Date.now() - sinceMs,
    broken,
  };
}

const LOG_LAG_MS = 50;
