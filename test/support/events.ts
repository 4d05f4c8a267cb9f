// Server-sent events read as strictly as the strictest client: LF only, one `data: ` line and one blank line
// an event, nothing else. What breaks that form throws, so a test that reads events tests their form.

export interface StreamEvent {
  /** Behind `data: `. */
  readonly data: string;
  /** null for `[DONE]`. */
  readonly json: Readonly<Record<string, unknown>> | null;
}

/** @throws Error naming the first block that is no event; heartbeats (bare blank lines) are skipped. */
export function readEvents(text: string): readonly StreamEvent[] {
  if (text.includes("\r")) throw new Error("a carriage return in the stream");
  if (text !== "" && !text.endsWith("\n\n")) throw new Error(`an unfinished event: ${text.slice(-200)}`);
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map(readEvent);
}

const DATA = "data: ";

function readEvent(block: string): StreamEvent {
  const data = block.slice(DATA.length);
  if (!block.startsWith(DATA) || data.startsWith(" ") || data.includes("\n")) {
    throw new Error(`not one line of data: ${block.slice(0, 200)}`);
  }
  return { data, json: data === "[DONE]" ? null : JSON.parse(data) };
}

/** What a stream says: the text of its choices, in order. */
export function textOf(events: readonly StreamEvent[]): string {
  return events
    .flatMap((event) => choicesOf(event).map(({ delta, text }) => delta?.content ?? text ?? ""))
    .join("");
}

export interface StreamChoice {
  readonly delta?: { readonly role?: string; readonly content?: string };
  readonly text?: string;
  readonly finish_reason?: string | null;
}

export function choicesOf({ json }: StreamEvent): readonly StreamChoice[] {
  // Events of the wires under test hold OpenAI's choices or none.
  return Array.isArray(json?.choices) ? (json.choices as StreamChoice[]) : [];
}

/** `done` or `error` behind everything else, exactly one; anything else is a fault of the stream. */
export function terminalOf(events: readonly StreamEvent[]): "done" | "error" {
  const terminals = events.filter(({ json }) => json === null || "error" in json);
  const [terminal] = terminals;
  if (terminal === undefined) throw new Error("a stream without a terminal");
  if (terminals.length > 1) throw new Error(`${terminals.length} terminals`);
  if (terminal !== events.at(-1)) throw new Error("events behind the terminal");
  return terminal.json === null ? "done" : "error";
}
