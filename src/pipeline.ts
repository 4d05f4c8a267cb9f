// THE LINE. The only place that knows the order of the steps; it knows no dialect, model or origin by name.
// accept: authenticate → parse → route → price the worst case → admit.
// deliver: send → answer with the meter inside → settle.
import { type Admitted, admit } from "./admission/admit.ts";
import { quote } from "./admission/quote.ts";
import { answerStream } from "./answer/stream.ts";
import { answerWhole } from "./answer/whole.ts";
import { authenticate } from "./auth/api-key.ts";
import type { Dialect, Endpoint } from "./dialects/dialect.ts";
import type { Accepted, Clock } from "./domain/accepted.ts";
import type { Hold, Intent } from "./domain/account-commands.ts";
import { RouterError } from "./domain/errors.ts";
import type { DecisionId, RequestId } from "./domain/ids.ts";
import type { Inference } from "./domain/inference.ts";
import type { Caller, KeyView } from "./domain/key.ts";
import type { Ports } from "./domain/ports.ts";
import { inlineImages } from "./origins/inline-images.ts";
import { readJson } from "./read-json.ts";
import { type Planned, plan } from "./routing/plan.ts";
import { settle } from "./usage/settle.ts";

/** What came through the front door. */
export interface Door {
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  readonly request: Request;
  readonly requestId: RequestId;
  readonly receivedAtMs: number;
}

/** @throws RouterError for every refusal; no origin was called and nothing is held then. */
export async function accept(ports: Ports, door: Door): Promise<Accepted> {
  const { headers } = door.request;
  const caller = await authenticate(ports, headers);
  const authenticatedAtMs = ports.now();
  const inference = door.endpoint.parse(await readJson(door.request, door.endpoint.maxBodyBytes), headers);
  const parsedAtMs = ports.now();
  const decided = await decide(ports, {
    caller,
    inference,
    requestId: door.requestId,
    counting: "reservation",
  });
  const { planned, admitted } = decided;
  if (!planned.ok) throw planned.error;
  if (admitted.reservation === null) throw new Error("admitted without a reservation");
  const { receivedAtMs } = door;
  const clock: Clock = {
    receivedAtMs,
    authenticatedAtMs,
    parsedAtMs,
    routedAtMs: decided.routedAtMs,
    admittedAtMs: ports.now(),
  };
  return {
    requestId: door.requestId,
    caller,
    inference,
    route: planned.route,
    reservation: admitted.reservation,
    limits: admitted.limits,
    traceparent: headers.get("traceparent"),
    clientRequestId: clientRequestId(headers),
    clock,
  };
}

/** Answers an accepted request; what fails before the commit gives its reservation back and is thrown. */
export async function deliver(ports: Ports, accepted: Accepted, endpoint: Endpoint): Promise<Response> {
  const answer = accepted.inference.stream ? answerStream : answerWhole;
  try {
    const inference = await inlineImages(ports, accepted.inference);
    return await answer(ports, { ...accepted, inference }, endpoint);
  } catch (error) {
    const { caller, reservation, requestId } = accepted;
    ports.waitUntil(
      settle(ports, { account: caller, reservationId: reservation.id, requestId, microUsd: 0 }),
    );
    throw error;
  }
}

export interface Question {
  readonly caller: Caller;
  readonly inference: Inference;
  readonly requestId: RequestId;
  /** A question about routing counts as a request and holds nothing. */
  readonly counting: "reservation" | "request-only";
}

export interface Decided {
  readonly planned: Planned;
  readonly admitted: Admitted & { readonly verdict: "admitted" };
  readonly routedAtMs: number;
}

/** The key's view may have changed once while we asked; a third change within one request is a storm. */
const MAX_TURNS = 3;

/** Routes with the view this isolate remembers and lets the object confirm it: one RPC in the steady state. */
export async function decide(ports: Ports, question: Question): Promise<Decided> {
  const { caller, requestId } = question;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const view = ports.keyViews.get(caller.keyId);
    const planned = view === undefined ? null : await planWith(ports, question, view);
    const routedAtMs = ports.now();
    const admitted = await admit(ports, caller, {
      nonce: requestId,
      viewVersion: view?.version ?? null,
      intent: intentOf(planned, question),
      hold: holdFor(planned, question.inference),
    });
    if (admitted.verdict === "stale") ports.keyViews.set(caller.keyId, admitted.view);
    else if (planned !== null) return { planned, admitted, routedAtMs };
  }
  throw new RouterError("overloaded", "The API key is being changed right now: retry in a second.", {
    retryAfterMs: 1_000,
  });
}

async function planWith(
  ports: Ports,
  { caller, inference, requestId }: Question,
  keyView: KeyView,
): Promise<Planned> {
  return plan(inference, {
    catalog: await ports.catalog(),
    keyView,
    accountId: caller.accountId,
    health: ports.health,
    nowMs: ports.now(),
    callerPlace: ports.callerPlace,
    // One decision a request: either id finds the other.
    decisionId: requestId.replace("req_", "rt_") as DecisionId,
    sessionKey: inference.sessionId,
  });
}

/** A request that routing refused proves its key and consumes nothing; where no origin is there, limits count first. */
function intentOf(planned: Planned | null, { counting }: Question): Intent {
  if (counting === "request-only") return "count-request";
  if (planned === null || planned.ok) return "consume";
  return planned.error.status === 503 ? "check-limits" : "prove-key";
}

/** Where nothing can be sent, whoever could not have paid for it is told that first: 402 stands before 503. */
function holdFor(planned: Planned | null, inference: Inference): Hold {
  if (planned?.ok) return quote(inference, planned.route);
  const costs = (planned?.candidates ?? []).map((candidate) => candidate.costMicroUsd);
  return { leastMicroUsd: costs.length === 0 ? 0 : Math.min(...costs), mostMicroUsd: 0 };
}

function clientRequestId(headers: Headers): string | null {
  const id = headers.get("x-client-request-id");
  return id !== null && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : null;
}
