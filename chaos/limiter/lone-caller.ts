// A lone caller who is refused and waits exactly as long as he was told is let in, every time; and the wait was
// no longer than it had to be. The clock of the router may run faster than ours.
import { setTimeout as sleep } from "node:timers/promises";
import type { Reply } from "../client.ts";
import { brokenPromise, type PartPorts, type Table } from "../part.ts";
import { header } from "../wire.ts";
import { askOnce } from "./place.ts";

export interface LoneCaller {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly rpm: number;
  readonly repeats: number;
  /** Seconds of the router's clock in one of ours. */
  readonly clockSpeed: number;
}

/** The router's time between the requests that use the limit up: later, room comes one by one. */
const SPREAD_OVER_MS = 10_000;
/** This long before the time he still has to be refused: the wait is no guess on the safe side. */
const TOO_EARLY_MS = 200;

export async function loneCaller({ signal }: PartPorts, caller: LoneCaller): Promise<Table> {
  const { baseUrl, apiKey, rpm, clockSpeed } = caller;
  const pause = (routerMs: number) => sleep(Math.ceil(routerMs / clockSpeed), undefined, { signal });
  for (let n = 0; n < rpm; n++) {
    const { status, text } = await askOnce(baseUrl, apiKey);
    if (status !== 200) throw brokenPromise("what the limit allows is let in", { n, rpm, status, text });
    await pause(SPREAD_OVER_MS / rpm);
  }
  const waitsMs: number[] = [];
  for (let repeat = 0; repeat < caller.repeats; repeat++) {
    const refused = await askUntilRefused(caller);
    const waitMs = waitOf(refused);
    const early = await askEarly(caller, { refused, waitMs, pause });
    const last = early?.status === 200 ? early : await askInTime(caller, { refused, waitMs, signal });
    const { status, text } = last;
    if (status !== 200) {
      throw brokenPromise("whoever waits as told is let in", { repeat, waitMs, clockSpeed, status, text });
    }
    waitsMs.push(waitMs);
  }
  return [{ what: `Retry-After kept, waits in ms (clock ×${clockSpeed})`, value: waitsMs.join(" ") }];
}

/** On a busy machine room may have come before he asked again: he takes it. */
async function askUntilRefused({ baseUrl, apiKey, rpm }: LoneCaller): Promise<Reply> {
  for (let asked = 0; ; asked++) {
    const reply = await askOnce(baseUrl, apiKey);
    if (reply.status !== 200 || asked > rpm) return reply;
  }
}

function waitOf(refused: Reply): number {
  const ms = Number(header(refused, "retry-after-ms"));
  const s = Number(header(refused, "retry-after"));
  const isTold = refused.status === 429 && ms >= 1 && s === Math.max(1, Math.ceil(ms / 1000));
  if (isTold) return ms;
  const { status, text } = refused;
  throw brokenPromise("who is over the limit is told when to come back", { ms, s, status, text });
}

interface Waiting {
  readonly refused: Reply;
  readonly waitMs: number;
}

/** null where the wait is too short for it. A busy machine may make him late: then he is let in, and took the room. */
async function askEarly(
  { baseUrl, apiKey, clockSpeed }: LoneCaller,
  { refused, waitMs, pause }: Waiting & { pause(routerMs: number): Promise<void> },
): Promise<Reply | null> {
  if (waitMs <= 2 * TOO_EARLY_MS) return null;
  await pause(waitMs - TOO_EARLY_MS);
  const early = await askOnce(baseUrl, apiKey);
  // Counted from when he asked: the router cannot have looked at its clock before that.
  const dueAtMs = refused.sentAtMs + waitMs / clockSpeed;
  if (early.status !== 200 || early.endedAtMs >= dueAtMs) return early;
  throw brokenPromise("the wait is the earliest instant", { waitMs, earlyMs: dueAtMs - early.endedAtMs });
}

async function askInTime(
  { baseUrl, apiKey, clockSpeed }: LoneCaller,
  { refused, waitMs, signal }: Waiting & { readonly signal: AbortSignal },
): Promise<Reply> {
  const dueAtMs = refused.endedAtMs + waitMs / clockSpeed;
  // A timer may fire a millisecond early; one too many is one too late.
  while (Date.now() < dueAtMs) await sleep(Math.ceil(dueAtMs - Date.now()), undefined, { signal });
  return await askOnce(baseUrl, apiKey);
}
