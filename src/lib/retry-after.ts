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
  const until = dateMs(value);
  const now = dateMs(headers.get("date"));
  if (Number.isNaN(until) || Number.isNaN(now)) return null;
  return Math.min(MAX_MS, Math.max(0, until - now));
}

/** The one form of dates that servers write today; Date.parse alone finds a date in "-5" and "maybe 2030". */
function dateMs(value: string | null): number {
  return value !== null && /^[A-Z][a-z]{2}, .+ GMT$/.test(value.trim()) ? Date.parse(value) : Number.NaN;
}

function positive(value: string | null): number | null {
  if (value === null || !/^\d+(\.\d+)?$/.test(value.trim())) return null;
  return Number(value);
}
