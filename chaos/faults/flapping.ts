// F23 in its other form: an origin that is there for a second and gone for a second. Callers for whom another one may
// answer notice nothing of it, whatever the breaker thinks at the moment.
import { setTimeout as sleep } from "node:timers/promises";
import { type Case, HASTY, type Mode, must } from "./case.ts";
import { untilShown } from "./health.ts";
import type { Scene } from "./scene.ts";

const FLAPS = 6;
const EACH_MS = 1_000;
const PAUSE_MS = 25;

export const FLAPPING: readonly Case[] = (["streamed", "whole"] as const).map((mode: Mode) => ({
  fault: "F23",
  what: "503 on and off, a second each",
  mode,
  expected: "complete, every one; breaker closed afterwards",
  isShort: false,
  seconds: 10,
  timeouts: HASTY,
  origin: "simulated",
  run,
}));

async function run(scene: Scene): Promise<void> {
  for (let flap = 0; flap < FLAPS; flap++) {
    if (flap % 2 === 0) await scene.simulate({ kind: "status_503", model: scene.model });
    else await scene.heal();
    const untilMs = Date.now() + EACH_MS;
    while (Date.now() < untilMs) {
      const prompt = `${scene.prompt} ${scene.dice.below(1_000_000)}`;
      const { ending } = await scene.send({ to: "anywhere", prompt });
      must(ending === "complete", `'${ending}' in flap ${flap + 1}`);
      await sleep(PAUSE_MS);
    }
  }
  await scene.heal();
  const { ending } = await scene.send({ to: "alone" });
  must(ending === "complete", `'${ending}' after it`);
  await untilShown(scene, { breaker: "closed", inFlight: 0, region: "ready" });
}
