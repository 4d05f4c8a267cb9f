// The Answers objects of a test: by account and jurisdiction, as the real ones are kept apart.
import type { StoredAnswer } from "../../src/domain/idempotency.ts";
import type { Ports } from "../../src/domain/ports.ts";
import type { CachedAnswer } from "../../src/domain/response-cache.ts";

export interface FakeAnswers {
  readonly answers: Ports["answers"];
  /** By `account/jurisdiction/place`. */
  readonly cached: Map<string, { readonly answer: CachedAnswer; readonly expiresAtMs: number }>;
  /** By `account/jurisdiction/id`. */
  readonly stored: Map<string, StoredAnswer>;
}

export function fakeAnswers(): FakeAnswers {
  const cached: FakeAnswers["cached"] = new Map();
  const stored: FakeAnswers["stored"] = new Map();
  const answers: Ports["answers"] = ({ accountId }, jurisdiction) => {
    const at = (name: string) => `${accountId}/${jurisdiction}/${name}`;
    return {
      put: async (id, answer) => void stored.set(at(id), answer),
      get: async (id) => stored.get(at(id)) ?? null,
      recall: async (place) => cached.get(at(place))?.answer ?? null,
      remember: async (place, answer, expiresAtMs) => void cached.set(at(place), { answer, expiresAtMs }),
      erase: async () => undefined,
    };
  };
  return { answers, cached, stored };
}
