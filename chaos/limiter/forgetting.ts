// Two ways to make a limiter forget: leave its object alone until it is evicted, and kill it. Neither gains more
// than one second's worth, and neither costs the caller anything.
import { setTimeout as sleep } from "node:timers/promises";
import type { TestServer } from "../../test/support/server.ts";
import { brokenPromise, type PartPorts, type Table } from "../part.ts";
import { burst, openLimited, type Place } from "./place.ts";

const RPM = 120;
/** More than the limit in any case. */
const BURST = 180;
/** An object that nobody calls is evicted after about ten seconds. */
const IDLE_MS = 11_000;

/** Burst, be silent, burst again. */
export async function idleTrick({ signal }: PartPorts, { demo, baseUrl }: Place): Promise<Table> {
  const { apiKey } = await openLimited(demo, RPM);
  const first = await burst(baseUrl, apiKey, BURST);
  await sleep(IDLE_MS, undefined, { signal });
  const second = await burst(baseUrl, apiKey, BURST);
  const facts = { rpm: RPM, first: first.length, second: second.length };
  const secondsWorth = Math.ceil(RPM / 60);
  if (first.length + second.length > RPM + secondsWorth) {
    throw brokenPromise("an idle object forgets at most one second's worth", facts);
  }
  if (first.length < RPM) throw brokenPromise("a burst up to the limit is let in", facts);
  return [
    { what: "idle trick: first and second burst", value: `${first.length} + ${second.length} of ${RPM}` },
  ];
}

/** Half of the limit, evenly, so that the last second is worth a known number. */
const STEADY = { count: RPM / 2, everyMs: 50 };
/** Limits are written once a second; the write itself takes a few milliseconds more. */
const UNSAVED_MS = 1_100;

/** Ends with the server started again. */
export async function killTrick(
  { signal }: PartPorts,
  server: TestServer,
): Promise<{ readonly server: TestServer; readonly table: Table }> {
  const { apiKey } = await openLimited(server.demo, RPM);
  const before: { readonly toMs: number }[] = [];
  for (let n = 0; n < STEADY.count; n++) {
    before.push(...(await burst(server.baseUrl, apiKey, 1)));
    await sleep(STEADY.everyMs, undefined, { signal });
  }
  const killedAtMs = Date.now();
  const restarted = await server.restart("SIGKILL");
  const after = await burst(restarted.baseUrl, apiKey, BURST);
  const unsaved = before.filter(({ toMs }) => toMs > killedAtMs - UNSAVED_MS).length;
  const facts = { rpm: RPM, before: before.length, unsaved, after: after.length };
  const error = killTrickError(facts);
  if (error !== null) {
    await restarted.stop("SIGKILL");
    throw error;
  }
  const value = `${before.length} + ${after.length} of ${RPM}, ${unsaved} in the last second`;
  return { server: restarted, table: [{ what: "SIGKILL: before and after", value }] };
}

function killTrickError(facts: {
  rpm: number;
  before: number;
  unsaved: number;
  after: number;
}): Error | null {
  const { rpm, before, unsaved, after } = facts;
  if (before + after > rpm + unsaved) return brokenPromise("a crash gains at most one second's worth", facts);
  if (before + after < rpm) return brokenPromise("a crash takes no request from its caller", facts);
  return null;
}
