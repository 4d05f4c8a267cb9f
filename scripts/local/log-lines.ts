// The Worker's log lines as a person or a program wants to read them. Events come as JSON from the
// Worker, everything else is the runtime speaking. It knows no event by name.
import type { LogFormat } from "./settings.ts";

export interface RuntimeLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly level: string;
  readonly message: string;
}

// A stack of the runtime can be long and says nothing to a reader of the log.
const LONGEST_MESSAGE = 4_000;

export function renderLine(line: RuntimeLine, format: LogFormat): string {
  return format === "json" ? renderJson(line) : renderPretty(line);
}

/** Events are spliced, not parsed: at thousands of lines a second parsing would compete with the Worker. */
function renderJson({ timestamp, level, message }: RuntimeLine): string {
  const time = new Date(timestamp).toISOString();
  if (isEvent(message)) return `{"time":"${time}",${message.slice(1)}`;
  return JSON.stringify({ time, event: "runtime", level, message: message.slice(0, LONGEST_MESSAGE) });
}

function renderPretty({ timestamp, level, message }: RuntimeLine): string {
  const time = new Date(timestamp).toISOString().slice(11, 23);
  const event = isEvent(message) ? parseEvent(message) : null;
  if (event === null) return `${time} ${level.toUpperCase()} ${message.slice(0, LONGEST_MESSAGE)}`;
  const { event: name, level: eventLevel, ...fields } = event;
  const shown = Object.entries(fields).map(([field, value]) => `${field}=${renderValue(value)}`);
  return [time, String(eventLevel ?? level).toUpperCase(), String(name ?? "event"), ...shown].join(" ");
}

function isEvent(message: string): boolean {
  return message.startsWith('{"') && message.endsWith("}");
}

function parseEvent(message: string): Record<string, unknown> | null {
  try {
    return JSON.parse(message);
  } catch {
    return null;
  }
}

function renderValue(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
