// Requests per minute under a flood, after silence, after a crash, and for a lone caller who does as he is told.
// The order of things only; what is promised stands beside each.
import { startServer } from "../test/support/server.ts";
import { simulators } from "../test/support/simulators.ts";
import { flood } from "./limiter/flood.ts";
import { idleTrick, killTrick } from "./limiter/forgetting.ts";
import { loneCaller } from "./limiter/lone-caller.ts";
import { openLimited, type Place } from "./limiter/place.ts";
import type { PartPorts, Settings, Table } from "./part.ts";
import { openVariant } from "./variant.ts";

/** The limit is used up in six seconds each time. */
const FLOOD = {
  full: { rpm: 600, forMs: 180_000 },
  short: { rpm: 300, forMs: 15_000 },
} as const;

export async function limiter(ports: PartPorts, { form }: Settings): Promise<Table> {
  let server = await startServer();
  try {
    await simulators(server.demo).timing({ scale: 0 });
    const place: Place = server;
    const tables = await together([
      flood(ports, place, FLOOD[form]),
      idleTrick(ports, place),
      form === "full" ? loneCallerHere(ports, place) : loneCallerInAHurry(ports),
    ]);
    const killed = await killTrick(ports, server);
    server = killed.server;
    return [...tables.flat(), ...killed.table];
  } finally {
    await server.stop("SIGKILL");
  }
}

/** The first failure, but not before the others ended: they use what is stopped after them. */
async function together(runs: readonly Promise<Table>[]): Promise<readonly Table[]> {
  await Promise.allSettled(runs);
  return await Promise.all(runs);
}

async function loneCallerHere(ports: PartPorts, { demo, baseUrl }: Place): Promise<Table> {
  const rpm = 10;
  const { apiKey } = await openLimited(demo, rpm);
  return await loneCaller(ports, { baseUrl, apiKey, rpm, repeats: 10, clockSpeed: 1 });
}

/** A minute is as long as the whole short form: there, the same Worker runs on a clock that is twenty times as fast. */
async function loneCallerInAHurry(ports: PartPorts): Promise<Table> {
  const variant = await openVariant("chaos/workers/fast-clock.ts");
  try {
    const rpm = 10;
    const { apiKey } = await openLimited(variant.demo, rpm);
    const { baseUrl } = variant;
    return await loneCaller(ports, { baseUrl, apiKey, rpm, repeats: 2, clockSpeed: 20 });
  } finally {
    await variant.close();
  }
}
