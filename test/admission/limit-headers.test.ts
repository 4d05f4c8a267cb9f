import { describe, expect, it } from "vitest";
import { rateLimitHeaders } from "../../src/admission/limit-headers.ts";

describe("rateLimitHeaders", () => {
  it("speak both families: wire.md §1", () => {
    expect(rateLimitHeaders({ requests: { limit: 1_000, remaining: 990, resetMs: 11_500 } })).toEqual({
      "x-ratelimit-limit-requests": "1000",
      "x-ratelimit-remaining-requests": "990",
      "x-ratelimit-reset-requests": "11.5s",
      "ratelimit-policy": '"rpm";q=1000;w=60',
      ratelimit: '"rpm";r=990;t=12',
    });
  });

  it("say so when nothing is left, and when all is", () => {
    const none = rateLimitHeaders({ requests: { limit: 1, remaining: 0, resetMs: 60_001 } });
    expect([none.ratelimit, none["x-ratelimit-reset-requests"]]).toEqual(['"rpm";r=0;t=61', "1m0.001s"]);
    const all = rateLimitHeaders({ requests: { limit: 1, remaining: 1, resetMs: 0 } });
    expect([all.ratelimit, all["x-ratelimit-reset-requests"]]).toEqual(['"rpm";r=1;t=0', "0s"]);
  });

  it("leave an unlimited dimension out", () => expect(rateLimitHeaders({})).toEqual({}));
});
