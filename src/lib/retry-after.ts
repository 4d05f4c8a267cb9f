// Retry-After in both its forms (RFC 9110 §10.2.3) and the millisecond variant that SDKs prefer.

/** A day: whatever a server claims beyond it is no plan. */
const MAX_MS = 86_400_000;

/** null when absent or unreadable. A date counts from the answer's own Date, so that clocks need not agree. */
export function retryAfterMs(headers: Headers): number | null {
  const ms = positive(headers.get("retry-after-ms"));
  if (ms !== null) return Math.min(MAX_MS, Math.ceil(ms));
  const value = headers.get("retry-after");
  const seconds = positive(value);
  if (seconds !== null) return Math.min(MAX_MS, Math.ceil(seconds * 1000));
  const until = Date.parse(value ?? "");
  const now = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(until) || Number.isNaN(now)) return null;
  return Math.min(MAX_MS, Math.max(0, until - now));
}

function positive(value: string | null): number | null {
  if (value === null || !/^\d+(\.\d+)?$/.test(value.trim())) return null;
  return Number(value);
}
