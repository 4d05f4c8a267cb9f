// What every refusal owes its caller: the one error form with the status and type of its code, the request's
// id in both places, and that nothing happened: no origin was called, nothing is held, nothing was paid.
import { expect } from "vitest";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { ERRORS, type ErrorCode } from "../../src/domain/errors.ts";
import { settledCredits, type TestAccount } from "./accounts.ts";
import type { Answer } from "./ask.ts";
import { simulators } from "./simulators.ts";

/** The three bases under which OpenAI's and Inferbase's endpoints stand. */
export const BASES = ["/api/v1/inference", "/v1", "/v1/openai"] as const;

export interface Refused {
  readonly code: ErrorCode;
  readonly param?: string | null;
  /** Where it differs from the code's own. */
  readonly status?: number;
}

export function expectRefusal(answer: Answer, { code, param = null, status }: Refused): void {
  const { error } = answer.json;
  const requestId = answer.headers.get("x-request-id");
  expect(error, answer.text).toEqual({
    message: expect.stringMatching(/^\S.*[.!]$/s),
    type: ERRORS[code].type,
    param,
    code,
    request_id: requestId,
    // Where to get credits: the router's own root.
    ...(answer.status === 402 ? { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) } : {}),
  });
  expect(requestId).toMatch(/^req_[0-9A-Za-z]{22}$/);
  expect(answer.status).toBe(status ?? ERRORS[code].status);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  const waitMs = Number(answer.headers.get("retry-after-ms"));
  const isHopeless = answer.status === 402 || answer.status === 403 || waitMs > 60_000;
  expect(answer.headers.get("x-should-retry")).toBe(isHopeless ? "false" : null);
  // Never an address, a key or a stack.
  expect(answer.text.replace(/"url":"[^"]*"/, "")).not.toMatch(
    /127\.0\.0\.1|localhost:|inf_[0-9]|\n\s+at |\.ts:\d/,
  );
}

/** A wait that both families of clients understand. */
export function expectRetryAfter(answer: Answer): number {
  const seconds = answer.headers.get("retry-after") ?? "";
  const ms = answer.headers.get("retry-after-ms") ?? "";
  expect(seconds).toMatch(/^[1-9]\d*$/);
  expect(ms).toMatch(/^[1-9]\d*$/);
  expect(Math.ceil(Number(ms) / 1000)).toBe(Number(seconds));
  return Number(ms);
}

/** Origins are told the request's id, so a shared router can be asked about single requests. */
export async function expectNoOriginCalled(demo: DemoFile, answers: readonly Answer[]): Promise<void> {
  const ids = answers.map((answer) => answer.headers.get("x-request-id"));
  const seen = (await simulators(demo).requests()).map((entry) => entry.headers["x-request-id"]);
  expect(seen.filter((id) => typeof id === "string" && ids.includes(id))).toEqual([]);
}

export async function expectNothingPaid(
  demo: DemoFile,
  account: TestAccount,
  balanceUsd: number,
): Promise<void> {
  const credits = await settledCredits(demo, account.managementKey);
  expect(credits).toEqual({ balance_usd: balanceUsd, pending_usd: 0, available_usd: balanceUsd });
}
