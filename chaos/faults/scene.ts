// One case at work: its account, its origin and everything that was asked, so that afterwards each request can be
// found again at the origins, in the ledger and in the log.
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { type Dice, hashText, seededDice } from "../../sim/seeded.ts";
import { openAccount, type TestAccount } from "../../test/support/accounts.ts";
import { type Answer, ask } from "../../test/support/ask.ts";
import { type Simulators, simulators } from "../../test/support/simulators.ts";
import { CHAT } from "../wire.ts";
import type { Mode } from "./case.ts";
import { endingOf, type Seen } from "./ending.ts";
import type { HostileAnswer } from "./hostile-origin.ts";
import type { Lane, PlacedCase, Stage } from "./stage.ts";

/** A request that was admitted, and what its usage row may say of it. */
export interface Asked {
  readonly requestId: string;
  readonly statuses: readonly number[];
}

export interface Sent extends Seen {
  readonly requestId: string;
  readonly answer: Answer;
}

export interface Scene {
  readonly demo: DemoFile;
  readonly lane: Lane;
  readonly mode: Mode;
  readonly model: string;
  /** The region of the origin with the fault. */
  readonly region: string;
  readonly account: TestAccount;
  readonly dice: Dice;
  readonly prompt: string;
  readonly originKey: string;
  /** What must have a usage row, each once. */
  readonly asked: Asked[];
  /** Every text a caller got: heads and bodies. */
  readonly told: string[];
  /** The longest time from an answer's end until its origins had been let go. */
  slowestCloseMs: number;
  /** From now on, to this model at the origin of the case. */
  simulate(fault: object): Promise<void>;
  answer(script: HostileAnswer): void;
  /** The origin of the case is as good as any again. */
  heal(): Promise<void>;
  /** One request to its end, checked for its form; its sockets are closed when this returns. */
  send(call: SendCall): Promise<Sent>;
  /** How often origins were asked by a request: the one with the fault, and the spare one. */
  attempts(requestId: string): Promise<{ readonly faulty: number; readonly spare: number }>;
  untilClosed(requestIds: readonly string[]): Promise<void>;
}

export interface SendCall {
  /** `alone`: pinned to the origin of the case, one try. */
  readonly to: "alone" | "anywhere";
  readonly prompt?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const CREDITS_USD = 10;

export interface Setting {
  readonly stage: Stage;
  readonly lane: Lane;
  readonly seed: number;
}

export async function openScene(
  { stage: { server, originKey }, lane, seed }: Setting,
  { row, model }: PlacedCase,
): Promise<Scene> {
  const { demo } = server;
  const region = lane.ids[row.origin];
  const account = await openAccount(demo, { creditsUsd: CREDITS_USD });
  const sims = simulatorsOf(demo, lane);
  await sims.reset();
  const scene: Scene = {
    demo,
    lane,
    mode: row.mode,
    model,
    region,
    account,
    dice: seededDice(seed ^ hashText(`${row.fault} ${row.what} ${row.mode}`)),
    prompt: `canary-prompt of ${model}`,
    originKey,
    asked: [],
    told: [],
    slowestCloseMs: 0,
    simulate: async (fault) => {
      await simulatorsOf(demo, lane, lane.ids.simulated).clearFaults();
      await simulatorsOf(demo, lane, lane.ids.simulated).fault(fault);
    },
    answer: (script) => lane.hostile.answer(model, script),
    heal: async () => {
      await sims.clearFaults();
      lane.hostile.answer(model, null);
      await lane.hostile.listen();
    },
    send: (call) => send(scene, call),
    attempts: async (requestId) => {
      const seen = await callsOf(scene, [requestId]);
      const faulty = seen.filter((one) => one.region === region).length;
      return { faulty, spare: seen.length - faulty };
    },
    untilClosed: (requestIds) => untilClosed(scene, requestIds),
  };
  return scene;
}

function simulatorsOf(demo: DemoFile, lane: Lane, region?: string): Simulators {
  const places = [lane.simulated, lane.spare].map((one) => ({
    region: one.region,
    base_url: one.baseUrl,
    admin_url: one.adminUrl,
  }));
  return simulators({ ...demo, simulators: places }, region === undefined ? undefined : [region]);
}

export function bodyFor(scene: Scene, { to, prompt = scene.prompt }: SendCall) {
  const routing = to === "alone" ? { routing: { region: scene.region, fallback: false } } : {};
  return {
    model: scene.model,
    stream: scene.mode === "streamed",
    max_tokens: 12,
    ignore_eos: true,
    messages: [{ role: "user", content: prompt }],
    ...routing,
  };
}

async function send(scene: Scene, call: SendCall): Promise<Sent> {
  const answer = await ask({
    baseUrl: scene.demo.base_url,
    path: CHAT,
    key: scene.account.apiKey,
    headers: call.headers ?? {},
    body: bodyFor(scene, call),
  });
  const requestId = answer.headers.get("x-request-id") ?? "";
  scene.told.push(`${[...answer.headers].join("\n")}\n${answer.text}`);
  scene.asked.push({ requestId, statuses: [answer.status] });
  const seen = endingOf(answer, scene.mode);
  await scene.untilClosed([requestId]);
  return { ...seen, requestId, answer };
}

interface OriginCall {
  readonly region: string;
  readonly requestId: string;
  readonly isOpen: boolean;
}

/** What the origins of the lane know of these requests. */
export async function callsOf(scene: Scene, requestIds: readonly string[]): Promise<readonly OriginCall[]> {
  const { lane, demo } = scene;
  const logs = await Promise.all(
    [lane.simulated, lane.spare].map(async ({ region }) => {
      const entries = await simulatorsOf(demo, lane, region).requests();
      return entries.map(({ headers, outcome }) => ({
        region,
        requestId: String(headers["x-request-id"]),
        isOpen: outcome === "running",
      }));
    }),
  );
  const hostile = lane.hostile.calls.map(({ requestId, endedAtMs }) => ({
    region: lane.ids.hostile,
    requestId,
    isOpen: endedAtMs === null,
  }));
  return [...logs.flat(), ...hostile].filter(({ requestId }) => requestIds.includes(requestId));
}

/** An origin that is still writing two seconds behind the end writes for nobody. */
const CLOSED_WITHIN_MS = 2_000;
const POLL_MS = 20;

async function untilClosed(scene: Scene, requestIds: readonly string[]): Promise<void> {
  const sinceMs = Date.now();
  for (;;) {
    const askedAtMs = Date.now();
    const open = (await callsOf(scene, requestIds)).filter(({ isOpen }) => isOpen);
    if (open.length === 0) {
      scene.slowestCloseMs = Math.max(scene.slowestCloseMs, askedAtMs - sinceMs);
      return;
    }
    if (askedAtMs - sinceMs > CLOSED_WITHIN_MS) {
      throw new Error(
        `${open.length} origin sockets open after ${CLOSED_WITHIN_MS} ms: ${open[0]?.requestId}`,
      );
    }
    await sleep(POLL_MS);
  }
}
