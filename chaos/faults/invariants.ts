// What must hold after every fault, whatever it was: nothing is held, every admitted request has one usage row that
// says what its caller saw, the ledger adds up, and nothing secret was told or logged.
import { setTimeout as sleep } from "node:timers/promises";
import { type Json, listOf, recordOf } from "../../src/lib/record.ts";
import { creditsOf } from "../../test/support/accounts.ts";
import { ask } from "../../test/support/ask.ts";
import { BASE, micro } from "../wire.ts";
import { canariesOf, leaks } from "./canaries.ts";
import { CREDITS_USD, type Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";

/** A reservation is settled behind its answer, with others of the same tenth of a second. */
const SETTLED_WITHIN_MS = 1_000;
/** wire.md §2: rows are there 2 s after the end. One more for a busy machine. */
const ROWS_WITHIN_MS = 3_000;
const POLL_MS = 25;

export async function nothingHeld({ demo, account }: Scene): Promise<void> {
  const sinceMs = Date.now();
  for (;;) {
    const askedAtMs = Date.now();
    const { pending_usd } = await creditsOf(demo, account.managementKey);
    if (pending_usd === 0) return;
    if (askedAtMs - sinceMs > SETTLED_WITHIN_MS) {
      throw new Error(`${pending_usd} USD held ${SETTLED_WITHIN_MS} ms after the end`);
    }
    await sleep(POLL_MS);
  }
}

/** @throws Error with everything that does not add up */
export async function ledgerAddsUp(scene: Scene): Promise<void> {
  const { demo, account, asked } = scene;
  const rows = await rowsOf(scene);
  const wrong = asked.flatMap(({ requestId, statuses }) => {
    const own = rows.filter((row) => row.request_id === requestId);
    const [row] = own;
    if (row === undefined || own.length > 1) return [`${own.length} rows of ${requestId}`];
    return statuses.includes(Number(row.status)) ? faultsOf(row) : [`status ${row.status} of ${requestId}`];
  });
  if (rows.length !== asked.length) wrong.push(`${rows.length} rows of ${asked.length} requests`);
  const { balance_usd, pending_usd, available_usd } = await creditsOf(demo, account.managementKey);
  const spent = rows.reduce((sum, row) => sum + micro(row.cost_usd), 0);
  if (micro(balance_usd) !== micro(CREDITS_USD) - spent || pending_usd !== 0 || available_usd < 0) {
    wrong.push(`${spent} micro-dollars in rows, ${balance_usd} USD left, ${pending_usd} held`);
  }
  if (wrong.length > 0) throw new Error(wrong.join("; "));
}

/** A row contradicts itself: who was refused pays nothing, who was answered pays something. */
function faultsOf(row: Json): readonly string[] {
  const cost = micro(row.cost_usd);
  const isRefused = Number(row.status) >= 400 && row.outcome !== "cancelled";
  const isFree = cost === 0;
  const isTrue = row.outcome === "ok" ? !isFree : !isRefused || isFree;
  return isTrue ? [] : [`${row.outcome} ${row.status} of ${row.request_id} costs ${cost}`];
}

/** The largest page there is. */
const PAGE = 200;
const MAX_PAGES = 10;

/** As many as were asked, or all there are when patience is over. */
async function rowsOf(scene: Scene): Promise<readonly Json[]> {
  const sinceMs = Date.now();
  for (;;) {
    const rows = await listRows(scene);
    if (rows.length >= scene.asked.length || Date.now() - sinceMs > ROWS_WITHIN_MS) return rows;
    await sleep(POLL_MS);
  }
}

async function listRows({ demo, account }: Scene): Promise<readonly Json[]> {
  const rows: Json[] = [];
  let cursor = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const path = `${BASE}/usage?limit=${PAGE}${cursor}`;
    const { json } = await ask({ baseUrl: demo.base_url, path, key: account.managementKey });
    rows.push(...listOf(json.data).map(recordOf));
    if (typeof json.next_cursor !== "string") return rows;
    cursor = `&cursor=${json.next_cursor}`;
  }
  throw new Error("usage has no end");
}

/** `logged`: what the router has printed since the case began. */
export function nothingLeaked({ originKey, addresses }: Stage, scene: Scene, logged: string): void {
  const canaries = canariesOf({ originKey, addresses, prompt: scene.prompt });
  const found = [
    ...scene.told.flatMap((text) => leaks(canaries, "an answer", text)),
    ...leaks(canaries, "the log", logged),
  ];
  const accident = logged.split("\n").find(isAccident);
  if (accident !== undefined) found.push(accident.slice(0, 500));
  if (found.length > 0) throw new Error(found.slice(0, 3).join("; "));
}

/** Ours, or the runtime's own, which also tells of every peer that has left. */
function isAccident(line: string): boolean {
  if (/"event":"(internal-error|settlement-lost)"/.test(line)) return true;
  return line.includes('"event":"runtime"') && !line.includes("disconnected: ");
}
