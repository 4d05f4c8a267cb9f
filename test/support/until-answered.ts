// Breakers remember the case before: where all that a request may ask are open, one request a second is the try, and
// its good answer closes one of them.
import { expect } from "vitest";
import type { Answer } from "./ask.ts";

/** Asks again until the answer is good; an open breaker of a healthy origin takes about a second. */
export async function untilAnswered(send: () => Promise<Answer>): Promise<void> {
  await expect.poll(async () => (await send()).status, { timeout: 5_000, interval: 200 }).toBe(200);
}
