// What is left of each limit, in the two families of headers that clients read: OpenAI's, and the IETF draft's
// (draft-ietf-httpapi-ratelimit-headers). An unlimited dimension is left out.
import type { LimitsLeft, Remaining } from "../domain/account-commands.ts";
import { goDuration } from "../lib/go-duration.ts";

export function rateLimitHeaders(limits: LimitsLeft): Readonly<Record<string, string>> {
  const dimensions = DIMENSIONS.flatMap(([name, policy]) => {
    const left = limits[name];
    return left === undefined ? [] : [{ name, policy, left }];
  });
  if (dimensions.length === 0) return {};
  const headers: Record<string, string> = {
    "ratelimit-policy": dimensions.map(({ policy, left }) => `"${policy}";q=${left.limit};w=60`).join(", "),
    ratelimit: dimensions.map(({ policy, left }) => itemOf(policy, left)).join(", "),
  };
  for (const { name, left } of dimensions) {
    headers[`x-ratelimit-limit-${name}`] = String(left.limit);
    headers[`x-ratelimit-remaining-${name}`] = String(left.remaining);
    headers[`x-ratelimit-reset-${name}`] = goDuration(left.resetMs);
  }
  return headers;
}

const DIMENSIONS = [
  ["requests", "rpm"],
  ["tokens", "tpm"],
] as const;

function itemOf(policy: string, { remaining, resetMs }: Remaining): string {
  return `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
}
