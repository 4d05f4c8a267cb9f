// An amount of money as callers send it: decimal USD with at most 6 places, never rounded in silence.
import * as z from "zod";
import { fromUsd, toUsd } from "../domain/money.ts";

/** `max` in USD; far below what integer micro-dollars hold exactly. */
export function usdField(max: number) {
  return (
    z
      .number()
      .min(0)
      .max(max)
      // Asked of amounts out of range too, which micro-dollars may not hold.
      .refine((usd) => Math.abs(usd) > max || toUsd(fromUsd(usd)) === usd, "Use at most 6 decimals.")
  );
}
