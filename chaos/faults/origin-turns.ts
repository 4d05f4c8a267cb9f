// The turns of which faults of origins are made: one fault again and again, as many as open a breaker, or cuts at one
// byte after another. They know what a cut leaves; what it does to callers is the router's.
import type { Mode } from "./case.ts";
import type { Ending } from "./ending.ts";
import { bodyLength, cut, leftBy } from "./hostile-answers.ts";
import type { HostileAnswer } from "./hostile-origin.ts";
import type { Turn } from "./origin-fault.ts";
import type { Scene } from "./scene.ts";

/** As many in a row as open a breaker. */
const IN_A_ROW = 5;

type Endings = Ending | readonly Ending[];
const listed = (endings: Endings) => (typeof endings === "string" ? [endings] : endings);
export const again = (turn: Turn, times = IN_A_ROW): readonly Turn[] =>
  Array.from({ length: times }, () => behindBreaker(turn));

/** Behind the failure that opens the breaker of the only target it is the region that is down. */
const behindBreaker = (turn: Turn): Turn =>
  turn.endings.some((ending) => ending.startsWith("refused upstream_"))
    ? { ...turn, endings: [...turn.endings, "refused region_unavailable"] }
    : turn;

/** A fault of the simulator, the same in every turn. */
export const simulated = (fault: object, streamed: Endings, whole: Endings = streamed) => ({
  origin: "simulated" as const,
  alone: (mode: Mode) =>
    again({
      apply: (scene) => scene.simulate({ ...fault, model: scene.model }),
      endings: listed(mode === "streamed" ? streamed : whole),
    }),
});

/** An answer of the hostile origin, the same in every turn. */
export const hostile = (answer: (mode: Mode) => HostileAnswer, endings: Endings, times?: number) => ({
  origin: "hostile" as const,
  alone: (mode: Mode) =>
    again({ apply: (scene) => scene.answer(answer(mode)), endings: listed(endings) }, times),
});

export const BROKEN_OFF = ["event upstream_disconnected"] as const;

/** Cuts of a whole answer and of a stream, by seed. */
const CUTS = 24;

export function cuts(how: "fin" | "rst") {
  return (mode: Mode, dice: Scene["dice"]): readonly Turn[] =>
    Array.from({ length: CUTS }, () => cutTurn(mode, { at: dice.below(bodyLength(mode)), how }));
}

export function cutTurn(mode: Mode, where: Parameters<typeof cut>[1]): Turn {
  return { apply: (scene) => scene.answer(cut(mode, where)), endings: endingsOf(mode, where) };
}

/** A reset takes with it what was not read yet: then it is as if the cut had come earlier. */
function endingsOf(mode: Mode, where: Parameters<typeof cut>[1]): readonly Ending[] {
  // The second behind a breaker that earlier cuts opened.
  const early: readonly Ending[] = ["refused upstream_disconnected", "refused region_unavailable"];
  switch (leftBy(mode, where)) {
    case "nothing":
      return early;
    case "beginning":
      return where.how === "rst" ? [...early, ...BROKEN_OFF] : BROKEN_OFF;
    case "all":
      return where.how === "rst" ? [...early, ...BROKEN_OFF, "complete"] : ["complete"];
  }
}
