// THE LINE. The only place that knows the order of the steps; it knows no dialect, model or origin by name.
// accept: authenticate → parse → route → price the worst case → admit.
// deliver: send → answer with the meter inside → settle.
import { type Admitted, admit } from "./admission/admit.ts";
import { idempotencyClaim } from "./admission/idempotency-claim.ts";
import { type Quote, quote } from "./admission/quote.ts";
import { accountForFailure, type Unanswered } from "./answer/account-for.ts";
import { findCached } from "./answer/cache.ts";
import { answerFromCache } from "./answer/cache-hit.ts";
import { asksForCache, cachePlaceOf } from "./answer/cache-place.ts";
import { failureHeaders } from "./answer/headers.ts";
import { replayAnswer } from "./answer/replay.ts";
import { answerStream } from "./answer/stream.ts";
import { answerWhole } from "./answer/whole.ts";
import { identify } from "./auth/identify.ts";
import type { Dialect, Endpoint } from "./dialects/dialect.ts";
import type { Accepted, Clock } from "./domain/accepted.ts";
import type { Intent } from "./domain/account-commands.ts";
import type { Catalog } from "./domain/catalog.ts";
import { noRoom, RouterError } from "./domain/errors.ts";
import type { IdempotencyClaim, Replay } from "./domain/idempotency.ts";
import type { DecisionId, RequestId } from "./domain/ids.ts";
import type { Inference } from "./domain/inference.ts";
import { type Caller, type Jurisdiction, type KeyView, viewPlace } from "./domain/key.ts";
import type { Ports } from "./domain/ports.ts";
import { inlineImages } from "./origins/inline-images.ts";
import { readJson } from "./read-json.ts";
import { type Conversation, conversationOf } from "./routing/conversation.ts";
import { type Planned, plan } from "./routing/plan.ts";

/** What came through the front door. */
export interface Door {
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  readonly request: Request;
  readonly path: string;
  readonly requestId: RequestId;
  readonly receivedAtMs: number;
}

/** The same request as one that was answered: its answer is sent again. */
export interface Repeated {
  readonly replay: Replay;
  readonly caller: Caller;
}

/** @throws RouterError for every refusal; no origin was called and nothing is held then. */
export async function accept(ports: Ports, door: Door): Promise<Accepted | Repeated> {
  const { headers } = door.request;
  const caller = await identify(ports, door.request);
  if (!ports.room.enter()) throw noRoom();
  const authenticatedAtMs = ports.now();
  const body = await readJson(ports, door.request, door.endpoint.maxBodyBytes);
  const inference = door.endpoint.parse(body, headers);
  const idempotency = await idempotencyClaim(headers, door.path, body);
  const parsedAtMs = ports.now();
  const decided = await decide(ports, {
    caller,
    inference,
    requestId: door.requestId,
    counting: "reservation",
    idempotency,
    cachedAs: asksForCache(headers) ? door.dialect.name : null,
  });
  const { planned, textJurisdiction, cachePlace, admitted } = decided;
  if (admitted.verdict === "replay") return { replay: admitted.replay, caller };
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
    queueDepth: admitted.queueDepth,
    dialect: door.dialect.name,
    path: door.path,
    idempotencyPlace: idempotency?.place ?? null,
    cachePlace,
    textJurisdiction,
    traceparent: headers.get("traceparent"),
    clientRequestId: clientRequestId(headers),
    clock,
  };
}

/** Answers an accepted request; one that fails before the commit costs nothing, and its error is thrown. */
export async function deliver(
  ports: Ports,
  accepted: Accepted | Repeated,
  endpoint: Endpoint,
): Promise<Response> {
  if ("replay" in accepted) return await replayAnswer(ports, accepted.caller, accepted.replay);
  const answered = await answerOrFail(ports, accepted, endpoint);
  if (answered instanceof Response) return answered;
  await accountForFailure(ports, accepted, answered);
  const { error, attempts } = answered;
  // What an answer would have told as well: the request was counted, and its decision stands in its row.
  throw error instanceof RouterError
    ? error.with({ headers: failureHeaders(accepted, attempts.length) })
    : error;
}

async function answerOrFail(
  ports: Ports,
  accepted: Accepted,
  endpoint: Endpoint,
): Promise<Response | Unanswered> {
  const answer = accepted.inference.stream ? answerStream : answerWhole;
  try {
    const found = accepted.cachePlace === null ? null : await findCached(ports, accepted);
    if (found !== null) return await answerFromCache(ports, { accepted, found }, endpoint);
    const inference = await inlineImages(ports, accepted.inference);
    return await answer(ports, { ...accepted, inference }, endpoint);
  } catch (error) {
    return { error, attempts: [], target: null };
  }
}

export interface Question {
  readonly caller: Caller;
  readonly inference: Inference;
  readonly requestId: RequestId;
  /** A question about routing counts as a request and holds nothing. */
  readonly counting: "reservation" | "request-only";
  readonly idempotency: IdempotencyClaim | null;
  /** The dialect whose answers the request may share; null where it does not use the cache. */
  readonly cachedAs: string | null;
}

export interface Decided extends Decision {
  readonly admitted: Exclude<Admitted, { readonly verdict: "stale" }>;
  readonly routedAtMs: number;
}

/** All that the catalog decides, before anything is held: what fails behind admission would leave its hold open. */
interface Decision {
  readonly planned: Planned;
  readonly textJurisdiction: Jurisdiction;
  readonly cachePlace: string | null;
}

/** The key's view may have changed once while we asked; a third change within one request is a storm. */
const MAX_TURNS = 3;

/** Routes with the view this isolate remembers and lets the object confirm it: one RPC in the steady state. */
export async function decide(ports: Ports, question: Question): Promise<Decided> {
  const { caller, requestId } = question;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const view = ports.keyViews.get(viewPlace(caller));
    const decision = view === undefined ? null : await decideWith(ports, question, view);
    const routedAtMs = ports.now();
    const admitted = await admit(ports, caller, {
      nonce: requestId,
      viewVersion: view?.version ?? null,
      intent: intentOf(decision?.planned ?? null, question),
      idempotency: question.idempotency,
      ...quoteFor(decision?.planned ?? null, question.inference),
    });
    if (admitted.verdict === "stale") ports.keyViews.set(viewPlace(caller), admitted.view);
    else if (decision !== null) return { ...decision, admitted, routedAtMs };
  }
  throw new RouterError("overloaded", "The API key is being changed right now: retry in a second.", {
    retryAfterMs: 1_000,
  });
}

async function decideWith(ports: Ports, question: Question, keyView: KeyView): Promise<Decision> {
  const { caller, inference, requestId, cachedAs } = question;
  const catalog = await ports.catalog();
  const conversation = conversationOf(inference, caller.accountId);
  const planned = plan(inference, {
    catalog,
    keyView,
    accountId: caller.accountId,
    health: ports.health,
    nowMs: ports.now(),
    callerPlace: ports.callerPlace,
    // One decision a request: either id finds the other.
    decisionId: requestId.replace("req_", "rt_") as DecisionId,
    sessionKey: conversation?.key ?? null,
    keptModelId: conversation?.isContinued ? (ports.conversations.get(conversation.key) ?? null) : null,
  });
  remember(ports, conversation, planned);
  const route = planned.ok ? planned.route : null;
  const isCached = cachedAs !== null && route !== null;
  return {
    planned,
    textJurisdiction: textJurisdiction(catalog, caller, route?.pinnedRegion ?? null),
    cachePlace: isCached
      ? await cachePlaceOf({ caller, inference, route, dialect: cachedAs, keyView })
      : null,
  };
}

/** Who answers a conversation now should answer its next turn. */
function remember(ports: Ports, conversation: Conversation | null, planned: Planned): void {
  if (conversation === null || !planned.ok || !planned.route.isSmart) return;
  const [chosen] = planned.route.targets;
  if (chosen !== undefined) ports.conversations.set(conversation.key, chosen.model.id);
}

/** Texts of a pinned request stay in its region; a region without a jurisdiction promises attempts only. */
function textJurisdiction(catalog: Catalog, caller: Caller, pinnedRegion: string | null): Jurisdiction {
  if (pinnedRegion === null) return caller.jurisdiction;
  return catalog.regions.get(pinnedRegion)?.jurisdiction ?? caller.jurisdiction;
}

/** A request that routing refused proves its key and consumes nothing; where no origin is there, limits count first. */
function intentOf(planned: Planned | null, { counting }: Question): Intent {
  if (counting === "request-only") return "count-request";
  if (planned === null || planned.ok) return "consume";
  return planned.error.status === 503 ? "check-limits" : "prove-key";
}

/** Where nothing can be sent, whoever could not have paid for it is told that first: 402 stands before 503. */
function quoteFor(planned: Planned | null, inference: Inference): Quote {
  if (planned?.ok) return quote(inference, planned.route);
  const costs = (planned?.candidates ?? []).map((candidate) => candidate.costMicroUsd);
  const leastMicroUsd = costs.length === 0 ? 0 : Math.min(...costs);
  return { hold: { leastMicroUsd, mostMicroUsd: 0 }, tokens: 0, gpuMs: 0 };
}

function clientRequestId(headers: Headers): string | null {
  const id = headers.get("x-client-request-id");
  return id !== null && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : null;
}
