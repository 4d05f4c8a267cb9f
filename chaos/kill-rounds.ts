// SIGKILL under load, again and again, on one state folder: what was acknowledged or shown before a crash is
// there after it, once, and the ledger adds up. Moments and mixture come from a seed; how a killed machine's
// threads interleave does not, so a round is alike when repeated and never the same.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededDice } from "../sim/seeded.ts";
import { openAccount } from "../test/support/accounts.ts";
import { startServer, type TestServer } from "../test/support/server.ts";
import { simulators } from "../test/support/simulators.ts";
import { type Client, connectClient } from "./client.ts";
import { checkKeys } from "./kill-rounds/key-turns.ts";
import { readCredits, readLedgerAtRest } from "./kill-rounds/ledger.ts";
import { CONNECTIONS, repeatDeposit, startLoad } from "./kill-rounds/load.ts";
import type { LoadPlan, Subject } from "./kill-rounds/subject.ts";
import { newTally, type Tally, tallyRound, tallyTable } from "./kill-rounds/tally.ts";
import { checkLedger } from "./kill-rounds/verdict.ts";
import { newWitness } from "./kill-rounds/witness.ts";
import { brokenPromise, type PartPorts, type Settings, type Table } from "./part.ts";
import { CHAT, MODEL, priceOf } from "./wire.ts";

const LEASE_S = 5;
/** What a crash left open is settled or given back this long after the lease, whoever asks. */
const PENDING_MARGIN_MS = 5_000;
const PENDING_POLL_MS = 100;
/** Early enough to meet a start, late enough to meet deliveries, renewals and full escrows. */
const KILL_AFTER_MS = { least: 250, span: 1_250 };
/** After so many rounds another account: lists stay short enough to be read to their end each time. */
const CHAPTER = { full: 10, short: 2 };
/** A hundred rounds take about seven minutes; where they do not end in ten, the run must not pass for one that did. */
const MOST_MS = 600_000;
/** Ten times the real pace: the longest answers take a second, and their leases are renewed meanwhile. */
const PACE = 0.1;

interface Stage {
  server: TestServer;
  /** Accounts of earlier chapters too: their promises hold to the end. */
  readonly subjects: Subject[];
  readonly tally: Tally;
}

export async function killRounds(ports: PartPorts, settings: Settings): Promise<Table> {
  const stateDir = mkdtempSync(join(tmpdir(), "chaos-"));
  const server = await startServer({ stateDir, env: { LEASE_S: String(LEASE_S) } });
  const stage: Stage = { server, subjects: [], tally: newTally() };
  try {
    const startedAtMs = Date.now();
    for (let round = 1; round <= settings.rounds; round++) {
      ports.signal.throwIfAborted();
      if (Date.now() - startedAtMs > MOST_MS) {
        throw brokenPromise("all rounds end in time", { ...settings, round });
      }
      await playRound(ports, stage, { settings, round }).catch((cause: unknown) => {
        throw withPlace(cause, settings, round);
      });
    }
    await lookBack(stage);
  } finally {
    await stage.server.stop("SIGKILL");
    rmSync(stateDir, { recursive: true, force: true, maxRetries: 10 });
  }
  return tallyTable(stage.tally);
}

interface RoundPlan {
  readonly settings: Settings;
  readonly round: number;
}

async function playRound(ports: PartPorts, stage: Stage, { settings, round }: RoundPlan): Promise<void> {
  const place = (round - 1) % CHAPTER[settings.form];
  const isLast = place === CHAPTER[settings.form] - 1 || round === settings.rounds;
  const chapter = Math.ceil(round / CHAPTER[settings.form]);
  if (place === 0) stage.subjects.push(await openSubject(stage.server, chapter));
  const subject = stage.subjects.at(-1);
  if (subject === undefined) throw new Error("a chapter without an account");
  // A prime apart: runs with neighbouring seeds share no round.
  const dice = seededDice(settings.seed + round * 7_919);
  await simulators(stage.server.demo).timing({ scale: PACE });
  const killed = await killUnderLoad(stage, { subject, dice, name: `chaos-${settings.seed}-${round}` });
  await checkReady(stage.server);
  const client = connectClient(stage.server.baseUrl, CONNECTIONS);
  try {
    const restMs = isLast ? await untilNothingPends(client, subject, killed.atMs) : null;
    await checkAfterwards(client, subject);
    const line = tallyRound(stage.tally, { subject, round, ...killed, restMs });
    ports.print(line);
  } finally {
    client.close();
  }
}

/** The odd chapters have money, the even ones live from hand to mouth: there, every escrow is the last credit. */
async function openSubject(server: TestServer, chapter: number): Promise<Subject> {
  const creditsUsd = chapter % 2 === 1 ? 100 : 0.001;
  const { accountId, managementKey, apiKey } = await openAccount(server.demo, { creditsUsd });
  const client = connectClient(server.baseUrl, 1);
  const price = await priceOf(client, managementKey);
  client.close();
  const witness = newWitness();
  witness.keys.set("first", { apiKey, state: "active", isKept: true, names: ["test"] });
  return { accountId, managementKey, adminToken: server.demo.admin_token, price, witness };
}

interface Killed {
  readonly atMs: number;
  readonly afterMs: number;
  readonly readyMs: number;
}

async function killUnderLoad(stage: Stage, plan: Omit<LoadPlan, "client">): Promise<Killed> {
  const client = connectClient(stage.server.baseUrl, CONNECTIONS);
  const afterMs = KILL_AFTER_MS.least + plan.dice.below(KILL_AFTER_MS.span);
  const load = startLoad({ ...plan, client });
  await sleep(afterMs);
  const atMs = Date.now();
  // The signal is sent before this returns; the load still runs.
  const restarted = stage.server.restart("SIGKILL");
  load.stop();
  const [server] = await Promise.all([restarted, load.ended]);
  stage.server = server;
  client.close();
  return { atMs, afterMs, readyMs: Date.now() - atMs };
}

async function checkReady({ demo, baseUrl }: TestServer): Promise<void> {
  const client = connectClient(baseUrl, 1);
  const body = { model: MODEL, max_tokens: 1, messages: [{ role: "user", content: "Ready?" }] };
  const { status, text } = await client.send({ path: CHAT, key: demo.api_key, body });
  client.close();
  if (status !== 200)
    throw brokenPromise("the router answers when it says that it is ready", { status, text });
}

/** Nobody calls this account meanwhile but for this question. Returns how long it took from the end of the load. */
async function untilNothingPends(client: Client, subject: Subject, sinceMs: number): Promise<number> {
  const deadlineMs = sinceMs + LEASE_S * 1000 + PENDING_MARGIN_MS;
  for (;;) {
    const credits = await readCredits(client, subject.managementKey);
    if (credits.pending === 0) return Date.now() - sinceMs;
    if (Date.now() > deadlineMs) {
      throw brokenPromise("nothing pends once leases and a margin are over", { ...credits, sinceMs });
    }
    await sleep(PENDING_POLL_MS);
  }
}

async function checkAfterwards(client: Client, subject: Subject): Promise<void> {
  const { witness, managementKey } = subject;
  const references = [...witness.deposits.keys()];
  await Promise.all(references.map((reference) => repeatDeposit({ client, subject }, reference)));
  await checkKeys({ client, subject });
  const ledger = await readLedgerAtRest(client, managementKey);
  if (witness.broken !== null) throw witness.broken;
  checkLedger(witness, ledger);
  // All of this was shown now, and must be there after the next crash.
  for (const row of ledger.rows) witness.rows.set(row.requestId, row);
  for (const transaction of ledger.transactions) witness.transactions.set(transaction.id, transaction);
}

/** Promises of the first chapter hold after the last crash too. */
async function lookBack({ server, subjects }: Stage): Promise<void> {
  const client = connectClient(server.baseUrl, CONNECTIONS);
  for (const subject of subjects) await checkAfterwards(client, subject);
  client.close();
}

function withPlace(cause: unknown, { seed }: Settings, round: number): Error {
  if (!(cause instanceof Error)) return new Error(String(cause));
  return new Error(`round ${round}: ${cause.message}`, { cause: { seed, round, facts: cause.cause } });
}
