// One short answer as servers in use stream it: each row a habit seen of some of them, all saying the same. Data
// alone, as bytes to be written one piece after another.
import { chunk } from "./foreign-origin.ts";

const role = chunk({ delta: { role: "assistant", content: "" }, finish_reason: null });
const hello = chunk({ delta: { content: "Hé🦜" }, finish_reason: null });
const world = chunk({ delta: { content: " world" } });
const stop = chunk({ delta: {}, finish_reason: "stop" });
const usage = chunk(null, { usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } });
/** One event in the plainest form. */
export const event = (data: string) => `data: ${data}\n\n`;
export const DONE = event("[DONE]");
export const BEGINNING = [event(role), event(hello)];
export const REST = [event(world), event(stop), DONE];
const whole = event(role) + event(hello) + event(world) + event(stop) + event(usage) + DONE;
const bytes = Buffer.from(whole);
/** What all of them say. */
export const SPOKEN = "Hé🦜 world";

const inPieces = (size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
const pretty = (data: string) =>
  JSON.stringify(JSON.parse(data), null, 2)
    .split("\n")
    .map((line) => `data: ${line}\n`)
    .join("");

export const STREAMS: readonly (readonly [habit: string, pieces: readonly (string | Uint8Array)[]])[] = [
  ["in one segment", [whole]],
  ["in segments of 7 bytes, characters split", inPieces(7)],
  ["in segments of 97 bytes", inPieces(97)],
  ["with a byte order mark", ["\ufeff", whole]],
  [
    "with comments",
    [
      ": ping\n\n",
      event(role),
      ": OPENROUTER PROCESSING\n\n",
      event(hello),
      ":\n",
      event(world),
      event(stop),
      DONE,
    ],
  ],
  ["with names, ids and retry", [whole.replaceAll("data: ", "event: message\nid: 7\nretry: 10\ndata: ")]],
  ["without the space", [whole.replaceAll("data: ", "data:")]],
  ["with CR alone", [whole.replaceAll("\n", "\r")]],
  ["with CRLF split in its middle", whole.replaceAll("\n", "\r\n").split(/(?<=\r)/)],
  [
    "printed over several lines",
    [`${pretty(role)}\n`, `${pretty(hello)}\n`, `${pretty(world)}\n`, `${pretty(stop)}\n`, DONE],
  ],
  [
    "that goes on after [DONE]",
    [whole, event(hello), DONE, event(JSON.stringify({ error: { message: "late" } }))],
  ],
  ["without [DONE]", [event(role) + event(hello) + event(world) + event(stop)]],
  ["without its last blank line", [`${whole.slice(0, -DONE.length)}data: [DONE]`]],
  ["without a last line end or [DONE]", [event(role) + event(hello) + event(world), `data: ${stop}`]],
  [
    "with usage beside the finish reason",
    [
      event(role) + event(hello) + event(world),
      event(
        chunk({ delta: {}, finish_reason: "stop" }, { usage: { prompt_tokens: 3, completion_tokens: 5 } }),
      ),
      DONE,
    ],
  ],
  [
    "with no, null and missing choices between",
    [
      event(role) + event(hello) + event(world),
      event(chunk(null)) + event(chunk(null, { choices: null })) + event(chunk(null, { choices: undefined })),
      event(stop) + DONE,
    ],
  ],
];
