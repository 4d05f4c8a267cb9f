// A stream from accepted request to last byte, outside the runtime: scripted origins, one for each target, and
// what the caller, the origins and the ledger got to see.
import { vi } from "vitest";
import { answerStream } from "../../src/answer/stream.ts";
import { openai } from "../../src/dialects/openai.ts";
import type { Accepted } from "../../src/domain/accepted.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { AccountId, KeyId, RequestId, ReservationId } from "../../src/domain/ids.ts";
import type { Inference } from "../../src/domain/inference.ts";
import { unpackRow } from "../../src/domain/packed-row.ts";
import type { Mailbox, Ports } from "../../src/domain/ports.ts";
import type { Route } from "../../src/domain/route.ts";
import type { UsageRow } from "../../src/domain/usage-row.ts";
import { sampleInference, sampleRoute, sampleTarget } from "../domain/sample-target.ts";
import { type FakeFetch, fakePorts } from "../support/fake-ports.ts";

/** Written in order of the route. */
export interface Script {
  readonly origins: readonly FakeFetch[];
  readonly targets?: readonly Target[];
  readonly inference?: Partial<Inference>;
  readonly route?: Partial<Route>;
  readonly callerGone?: AbortSignal;
  readonly accepted?: Partial<Accepted>;
  readonly ports?: Partial<Ports>;
  /** How the caller reads; without it: everything, at once. */
  readonly read?: (body: ReadableStream<Uint8Array>) => Promise<string>;
}

export interface Streamed {
  readonly text: string;
  readonly row: UsageRow;
  /** Bodies in the order they were sent. */
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  /** Hosts, in the same order. */
  readonly hosts: readonly string[];
}

/** `at` tells them apart; all may be continued on. */
export function regional(at: number, origin: Partial<Target["origin"]> = {}): Target {
  const features = ["continue_final_message"] as const;
  const id = `o${at}`;
  return sampleTarget({ origin: { id, base_url: `http://${id}.invalid/v1`, features, ...origin } });
}

/** The runtime's own stream, whose writes wait for their reader. */
export class Identity {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  constructor() {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
      highWaterMark: 0,
    });
    this.readable = readable;
    this.writable = writable;
  }
}

export async function streamed(script: Script): Promise<Streamed> {
  vi.stubGlobal("IdentityTransformStream", Identity);
  const { origins, callerGone } = script;
  const targets = script.targets ?? origins.map((_, at) => regional(at));
  const rows: UsageRow[] = [];
  const fake = fakePorts({
    ...(callerGone === undefined ? {} : { callerGone }),
    fetch: (url, init) => originAt(targets, origins, url)(url, init),
  });
  const mailbox: Mailbox = {
    post(_, { command }) {
      const row = command.kind === "settle" ? unpackRow(command.rowJson) : null;
      if (row !== null) rows.push(row);
    },
  };
  const [endpoint] = openai.endpoints;
  if (endpoint === undefined) throw new Error("no endpoint");
  const response = await answerStream(
    { ...fake.ports, mailbox, ...script.ports },
    accepted(script, targets),
    endpoint,
  );
  if (!(response instanceof Response) || response.body === null) throw new Error("no stream");
  const text = await (script.read ?? readAll)(response.body);
  await fake.settled();
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows`);
  return {
    text,
    row,
    asked: fake.fetches.map(({ body }) => body as Readonly<Record<string, unknown>>), // kinds send objects
    hosts: fake.fetches.map(({ url }) => new URL(url).hostname.replace(".invalid", "")),
  };
}

function originAt(targets: readonly Target[], origins: readonly FakeFetch[], url: string): FakeFetch {
  const at = targets.findIndex(({ origin }) => url.startsWith(origin.base_url));
  const origin = origins[at];
  if (origin === undefined) throw new Error(`nobody at ${url}`);
  return origin;
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(body).text();
}

function accepted({ inference, route, accepted: fields }: Script, targets: readonly Target[]): Accepted {
  const nowMs = Date.now();
  return {
    requestId: "req_1" as RequestId,
    caller: {
      accountId: "acct_00000000001" as AccountId,
      jurisdiction: "none",
      by: "key",
      keyId: "key_1" as KeyId,
      proofs: [],
    },
    inference: sampleInference(inference),
    route: sampleRoute(targets, route),
    reservation: { id: 1 as ReservationId, heldMicroUsd: 1_000_000, leaseMs: 60_000 },
    limits: {},
    queueDepth: 0,
    dialect: "openai",
    path: "/v1/chat/completions",
    traceparent: null,
    clientRequestId: null,
    idempotencyPlace: null,
    cachePlace: null,
    textJurisdiction: "eu",
    clock: {
      receivedAtMs: nowMs,
      authenticatedAtMs: nowMs,
      parsedAtMs: nowMs,
      routedAtMs: nowMs,
      admittedAtMs: nowMs,
    },
    ...fields,
  };
}
