// How an answer ended for its caller, in one word and a code: complete, refused, or broken off with an error event.
// Whatever is none of these (a stream that just stops, a form no dialect has) throws. Pure.
import { ERRORS, type ErrorCode } from "../../src/domain/errors.ts";
import { listOf, recordOf } from "../../src/lib/record.ts";
import type { Answer } from "../../test/support/ask.ts";
import { choicesOf, readEvents, terminalOf, textOf } from "../../test/support/events.ts";
import type { Mode } from "./case.ts";

/** `refused`: by status, before anything was said. `event`: by the one error event of a stream. */
export type Ending = "complete" | `refused ${ErrorCode}` | `event ${ErrorCode}`;

export interface Seen {
  readonly ending: Ending;
  /** What was said, as far as it came. */
  readonly text: string;
}

type Told = Pick<Answer, "status" | "headers" | "text" | "json" | "isWhole">;

/** @throws Error that says which promise of the wire the answer breaks */
export function endingOf(answer: Told, mode: Mode): Seen {
  if (!answer.isWhole) throw new Error(`the connection broke: ${answer.status} ${answer.text.slice(-300)}`);
  if (answer.status !== 200) return { ending: `refused ${refusalOf(answer)}`, text: "" };
  return mode === "streamed" ? endOfStream(answer.text) : endOfWhole(answer);
}

/** The dialect's error form, with the status and type of its code. */
function refusalOf({ status, headers, text, json }: Told): ErrorCode {
  const { message, type, param, code, request_id, ...more } = recordOf(json.error);
  const known = codeOf(code);
  const isTrue =
    ERRORS[known].status === status &&
    ERRORS[known].type === type &&
    typeof message === "string" &&
    (param === null || typeof param === "string") &&
    request_id === headers.get("x-request-id") &&
    Object.keys(more).length === 0;
  if (!isTrue) throw new Error(`no error of this dialect: ${status} ${text.slice(0, 500)}`);
  return known;
}

function codeOf(value: unknown): ErrorCode {
  const known = Object.keys(ERRORS) as ErrorCode[]; // a literal's keys are what its type says
  const code = known.find((one) => one === value);
  if (code === undefined) throw new Error(`no code of ours: ${String(value)}`);
  return code;
}

function endOfStream(text: string): Seen {
  const events = readEvents(text);
  const spoken = textOf(events);
  if (terminalOf(events) === "error") {
    return { ending: `event ${codeOf(recordOf(events.at(-1)?.json?.error).code)}`, text: spoken };
  }
  const reasons = events.flatMap(choicesOf).filter(({ finish_reason }) => (finish_reason ?? null) !== null);
  if (reasons.length !== 1) throw new Error(`[DONE] behind ${reasons.length} finish reasons`);
  return { ending: "complete", text: spoken };
}

function endOfWhole({ json, text }: Told): Seen {
  const choice = recordOf(listOf(json.choices)[0]);
  if (typeof choice.finish_reason !== "string") throw new Error(`a whole answer without an end: ${text}`);
  return { ending: "complete", text: String(recordOf(choice.message).content) };
}
