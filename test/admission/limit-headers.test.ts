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

  it("tell of both dimensions, requests first", () => {
    const limits = {
      tokens: { limit: 200_000, remaining: 199_000, resetMs: 360_000 },
      requests: { limit: 100, remaining: 99, resetMs: 12 },
    };
    expect(rateLimitHeaders(limits)).toEqual({
      "x-ratelimit-limit-requests": "100",
      "x-ratelimit-remaining-requests": "99",
      "x-ratelimit-reset-requests": "12ms",
      "x-ratelimit-limit-tokens": "200000",
      "x-ratelimit-remaining-tokens": "199000",
      "x-ratelimit-reset-tokens": "6m0s",
      "ratelimit-policy": '"rpm";q=100;w=60, "tpm";q=200000;w=60',
      ratelimit: '"rpm";r=99;t=1, "tpm";r=199000;t=360',
    });
  });

  it("tell of tokens alone where requests are unlimited", () => {
    const headers = rateLimitHeaders({ tokens: { limit: 5, remaining: 0, resetMs: 1_000 } });
    expect(headers.ratelimit).toBe('"tpm";r=0;t=1');
    expect(Object.keys(headers).filter((name) => name.includes("requests"))).toEqual([]);
  });

  it("leave an unlimited dimension out", () => expect(rateLimitHeaders({})).toEqual({}));
});
