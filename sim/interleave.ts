// Several choices decoded side by side: one token of each per step, as a batch does. Shared by both
// completion endpoints; what a frame looks like is theirs to say.
import type { Frame } from "./answer.ts";

/** The frames of one choice, in order; each is one decode step. */
export type ChoiceFrames = readonly Omit<Frame, "steps">[];

export function* interleave(choices: readonly ChoiceFrames[]): Generator<Frame> {
  const longest = Math.max(0, ...choices.map((frames) => frames.length));
  for (let step = 0; step < longest; step += 1) {
    let isFirst = true;
    for (const frames of choices) {
      const frame = frames[step];
      if (frame === undefined) continue;
      yield { ...frame, steps: isFirst ? 1 : 0 };
      isFirst = false;
    }
  }
}

export const DONE: Frame = { kind: "done", payload: "[DONE]", tokens: 0, steps: 0 };
