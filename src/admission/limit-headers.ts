// What is left of each limit, in the two families of headers that clients read: OpenAI's, and the IETF draft's
// (draft-ietf-httpapi-ratelimit-headers). An unlimited dimension is left out.
import type { LimitsLeft } from "../domain/account-commands.ts";
import { goDuration } from "../lib/go-duration.ts";

export function rateLimitHeaders(limits: LimitsLeft): Readonly<Record<string, string>> {
  const { requests } = limits;
  if (requests === undefined) return {};
  const { limit, remaining, resetMs } = requests;
  return {
    "x-ratelimit-limit-requests": String(limit),
    "x-ratelimit-remaining-requests": String(remaining),
    "x-ratelimit-reset-requests": goDuration(resetMs),
    "ratelimit-policy": `"rpm";q=${limit};w=60`,
    ratelimit: `"rpm";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
  };
}
