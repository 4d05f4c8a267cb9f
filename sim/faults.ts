// The list of faults a region can be told to have, and which of them meets a request. Pure over
// the list it is given; what each fault does to an answer is faulty-answer.ts's and wire.ts's business.
import { isObject, type JsonObject, numberAt, textAt } from "./json-object.ts";

export const FAULT_KINDS = [
  "refuse",
  "hang",
  "hang_after_headers",
  "die",
  "end",
  "status_429",
  "status_503",
  "status_500",
  "loading",
  "slow",
  "garbage",
  "garbage_frame",
  "error_event",
  "no_done",
  "no_usage",
  "crlf",
  "split",
  "usage_beside_finish",
  "empty_role",
  "long_line",
  "absurd_usage",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** The model it is about, by served name or root; null: any. */
  readonly model: string | null;
  /** Body bytes sent before `die`, `end`, `garbage_frame`, `error_event`; null: about half. */
  readonly after_bytes: number | null;
  /** Requests it will still meet; null: until cleared. */
  readonly count: number | null;
  /** `Retry-After` of the status faults, sent as it stands; null: none, but "1" with 429. */
  readonly retry_after: string | null;
  /** `slow`: bytes a second; null: 1, unless `factor` is given. */
  readonly bytes_per_s: number | null;
  /** `slow`: times slower than real time instead. */
  readonly factor: number | null;
}

type FaultRead = { readonly fault: Fault } | { readonly complaint: string };

const FIELDS = ["kind", "model", "after_bytes", "count", "retry_after", "bytes_per_s", "factor"];

export function readFault(value: unknown): FaultRead {
  if (!isObject(value)) return { complaint: "a fault is an object" };
  const kind = FAULT_KINDS.find((one) => one === value.kind);
  if (kind === undefined) return { complaint: `unknown kind; known are ${FAULT_KINDS.join(", ")}` };
  const stray = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (stray !== undefined) return { complaint: `unknown field ${stray}; known are ${FIELDS.join(", ")}` };
  const numbers = ["after_bytes", "count", "bytes_per_s", "factor"];
  const wrong = numbers.find((name) => value[name] != null && (numberAt(value, name) ?? -1) < 0);
  if (wrong !== undefined) return { complaint: `${wrong} must be a number, 0 or more` };
  return { fault: faultFrom(value, kind) };
}

function faultFrom(value: JsonObject, kind: FaultKind): Fault {
  const retryAfter = value.retry_after ?? null;
  return {
    kind,
    model: textAt(value, "model"),
    after_bytes: numberAt(value, "after_bytes"),
    count: numberAt(value, "count"),
    retry_after: retryAfter === null ? null : String(retryAfter),
    bytes_per_s: numberAt(value, "bytes_per_s"),
    factor: numberAt(value, "factor"),
  };
}

/** Faults one region can have at once; a test that sets more has a leak. */
export const MAX_FAULTS = 1_000;

/** What is known of a request when its fault is chosen. */
interface Target {
  /** Served name and root of the model it asks for. */
  readonly names: readonly string[];
  readonly isInference: boolean;
}

/**
 * The first fault that fits, and the list without the use of it. Faults of a model or with a count
 * meet inference only, so that probes neither use them up nor see them; the others are an outage
 * of the whole region.
 */
export function takeFault(
  faults: readonly Fault[],
  target: Target,
): { readonly fault: Fault | null; readonly left: readonly Fault[] } {
  const fault = faults.find((one) => isMet(one, target));
  if (fault === undefined) return { fault: null, left: faults };
  if (fault.count === null) return { fault, left: faults };
  const used = { ...fault, count: fault.count - 1 };
  return { fault, left: faults.flatMap((one) => (one !== fault ? [one] : used.count > 0 ? [used] : [])) };
}

function isMet(fault: Fault, target: Target): boolean {
  if (fault.count !== null && fault.count < 1) return false;
  if (fault.model === null) return target.isInference || fault.count === null;
  return target.isInference && target.names.includes(fault.model);
}
