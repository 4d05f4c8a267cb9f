// Calls of a test of the response cache, and what became of them. Answers are kept behind themselves: whoever wants
// to see a hit asks until there is one.
import { expect } from "vitest";
import { settledCredits, type TestAccount } from "./accounts.ts";
import { type Answer, ask } from "./ask.ts";
import { readEvents } from "./events.ts";
import { SMALL } from "./router.ts";
import type { TestServer } from "./server.ts";
import type { Simulators } from "./simulators.ts";
import { type UsageRow, usageOf } from "./usage.ts";

/** Each test has an account of its own, and some restart their server. */
export interface CacheWorld {
  readonly server: TestServer;
  readonly sims: Simulators;
  readonly account: TestAccount;
}

export const BODY = {
  model: SMALL,
  temperature: 0,
  max_tokens: 20,
  messages: [{ role: "user", content: "Tell a story" }],
};

export interface Sending {
  readonly change?: object;
  readonly path?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CacheCalls {
  /** With `x-cache: read-write`, unless the headers say otherwise. */
  send(what?: Sending): Promise<Answer>;
  /** The same again until it comes from the cache. */
  untilHit(what?: Sending): Promise<Answer>;
  /** Long enough for whatever is kept behind an answer. */
  settle(): Promise<void>;
  originCalls(): Promise<number>;
  usageRow(answer: Answer): Promise<UsageRow>;
}

const POLL_MS = 20;
/** Two seconds: keeping takes milliseconds. */
const MAX_TRIES = 100;
const SETTLED_MS = 100;

export function cacheCalls(world: () => CacheWorld): CacheCalls {
  async function send({ change = {}, path = "/v1/chat/completions", key, headers = {} }: Sending = {}) {
    const { server, account } = world();
    return await ask({
      baseUrl: server.baseUrl,
      path,
      key: key ?? account.apiKey,
      headers: { "x-cache": "read-write", ...headers },
      body: { ...BODY, ...change },
    });
  }
  return {
    send,
    async untilHit(what) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const answer = await send(what);
        expect(answer.status, answer.text).toBe(200);
        if (cacheOf(answer) === "hit") return answer;
        await sleep(POLL_MS);
      }
      throw new Error("it never came from the cache");
    },
    async settle() {
      const { server, account } = world();
      await settledCredits(server.demo, account.managementKey);
      await sleep(SETTLED_MS);
    },
    originCalls: async () => (await world().sims.requests()).filter(({ method }) => method === "POST").length,
    async usageRow(answer) {
      const { server, account } = world();
      const { managementKey } = account;
      return await usageOf(server.demo, { managementKey, requestId: idOf(answer) });
    },
  };
}

export const cacheOf = (answer: Answer) => answer.headers.get("x-cache");
export const idOf = (answer: Answer) => String(answer.headers.get("x-request-id"));

/** What a caller reads of a whole answer, less what names the request. */
export function wordsOf({ json }: Answer): unknown {
  const { id: _id, ...words } = json;
  return words;
}

/** Likewise of a stream. */
export function framesOf(answer: Answer): readonly unknown[] {
  return readEvents(answer.text).map(({ json }) => json && { ...json, id: "" });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
