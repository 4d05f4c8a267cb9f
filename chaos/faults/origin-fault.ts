// One fault of an origin from beginning to end: met among others, met alone until the breaker has its say, healed.
// What must come of it stands in the table of origin-faults.ts.
import type { Case, Mode, Timeouts } from "./case.ts";
import { HASTY } from "./case.ts";
import type { Ending } from "./ending.ts";
import { shownHealth, untilShown } from "./health.ts";
import { nothingHeld } from "./invariants.ts";
import type { Scene, Sent } from "./scene.ts";

/** One request into the fault. */
export interface Turn {
  readonly apply: (scene: Scene) => Promise<void> | void;
  /** One of these. */
  readonly endings: readonly Ending[];
}

export interface OriginFault {
  readonly fault: string;
  readonly what: string;
  readonly origin: "simulated" | "hostile";
  /** Both without. */
  readonly modes?: readonly Mode[];
  /** The requests of a caller with one origin and one try. */
  readonly alone: (mode: Mode, dice: Scene["dice"]) => readonly Turn[];
  /** Of callers for whom another origin may answer; null: not asked. `complete` without. */
  readonly anywhere?: readonly Ending[] | null;
  /** After those alone, as operators see it; null where turns differ too much to say. */
  readonly breaker: "open" | "closed" | "origin open" | null;
  /** In the model's public health, at the same time. */
  readonly health?: "ready" | "loading" | "unavailable";
  /** Said by those who are answered in spite of it, where that is not what a good origin says. */
  readonly text?: string;
  readonly timeouts?: Timeouts;
  readonly seconds?: number;
  /** For readers, where turns end differently. */
  readonly expected?: string;
  readonly isShort?: boolean | Mode;
}

export function casesOf(fault: OriginFault): readonly Case[] {
  const { modes = ["streamed", "whole"], isShort = false, anywhere = ["complete"] } = fault;
  return modes.map((mode) => ({
    fault: fault.fault,
    what: fault.what,
    mode,
    origin: fault.origin,
    isShort: isShort === true || isShort === mode,
    seconds: fault.seconds ?? 2,
    timeouts: fault.timeouts ?? HASTY,
    expected: fault.expected ?? expectedOf(fault, { mode, anywhere }),
    run: (scene) => run(scene, fault, anywhere),
  }));
}

interface Where {
  readonly mode: Mode;
  readonly anywhere: readonly Ending[] | null;
}

function expectedOf({ alone, breaker }: OriginFault, { mode, anywhere }: Where): string {
  const dice = { next: () => 0, below: () => 0, pick: <Item>([first]: readonly Item[]) => first as Item };
  const endings = [...new Set(alone(mode, dice).flatMap((turn) => turn.endings))];
  const others = anywhere === null ? "" : `; with others ${anywhere.join(" or ")}`;
  return `${endings.join(" or ")}${others}${breaker === null ? "" : `; breaker ${breaker}`}`;
}

async function run(scene: Scene, fault: OriginFault, anywhere: readonly Ending[] | null): Promise<void> {
  const turns = fault.alone(scene.mode, scene.dice);
  // Whoever was quick lately is asked first: the next caller comes here too.
  const good = await scene.send({ to: "alone" });
  expectEnding(good, ["complete"], "before it");
  if (anywhere !== null) await meetAmongOthers(scene, { first: turns[0], endings: anywhere });
  const sent: Sent[] = [];
  for (const [at, turn] of turns.entries()) {
    await turn.apply(scene);
    const one = await scene.send({ to: "alone" });
    expectEnding(one, turn.endings, `alone, turn ${at + 1}`);
    await nothingHeld(scene);
    sent.push(one);
  }
  await expectHealth(scene, fault);
  await scene.heal();
  const healed = await scene.send({ to: "alone" });
  expectEnding(healed, ["complete"], "after it");
  expectText(healed, good);
  for (const one of sent) expectText(one, good, fault.text);
  await untilShown(scene, { breaker: "closed", inFlight: 0, region: "ready" });
}

/** Streams go where it was quick; whole answers spread, and so many never miss one of two origins. */
const MOST_CALLERS = 20;

interface Meeting {
  readonly first: Turn | undefined;
  readonly endings: readonly Ending[];
}

async function meetAmongOthers(scene: Scene, { first, endings }: Meeting): Promise<void> {
  for (let caller = 0; caller < MOST_CALLERS; caller++) {
    await first?.apply(scene);
    const one = await scene.send({
      to: "anywhere",
      prompt: `${scene.prompt} ${scene.dice.below(1_000_000)}`,
    });
    expectEnding(one, endings, "among others");
    await nothingHeld(scene);
    if ((await scene.attempts(one.requestId)).faulty > 0) return;
    if (one.answer.headers.get("x-inferroute-attempts") === "2") return;
    // Slower than it is, on a busy machine: once more as a good one.
    await scene.heal();
    await scene.send({ to: "alone" });
  }
  throw new Error(`${MOST_CALLERS} callers, and none met the faulty origin`);
}

function expectEnding(one: Sent, endings: readonly Ending[], when: string): void {
  if (endings.includes(one.ending)) return;
  throw new Error(
    `${when}: '${one.ending}' instead of '${endings.join("' or '")}': ${one.answer.text.slice(-400)}`,
  );
}

/** What a broken answer said is the beginning of the good one; what a whole one said, all of it. */
function expectText(one: Sent, good: Sent, text: string = good.text): void {
  const isTrue = one.ending === "complete" ? one.text === text : text.startsWith(one.text);
  if (!isTrue) throw new Error(`'${one.text.slice(0, 200)}' instead of '${text.slice(0, 200)}'`);
}

async function expectHealth(scene: Scene, { breaker, health }: OriginFault): Promise<void> {
  if (breaker === null) return;
  const shown = await shownHealth(scene);
  const due = health ?? (breaker === "closed" ? "ready" : "unavailable");
  // Time goes on: an open breaker lets one pass after ten seconds.
  const isSo = shown.breaker.replace("half-open", "open") === breaker;
  if (isSo && shown.region === due) return;
  throw new Error(`shown ${JSON.stringify(shown)} instead of breaker ${breaker}, ${due}`);
}
