// Bad inputs of the OpenAI shape with the one error each must meet. Data alone: bodies are laid over a good
// one, and whoever runs them chooses base and streaming.
import type { Refused } from "./refusals.ts";
import { SMALL } from "./router.ts";

export interface BadInput extends Refused {
  readonly what: string;
  readonly path: "/chat/completions" | "/completions" | "/embeddings";
  /** Laid over a good body; `undefined` takes a field away. */
  readonly change: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const MESSAGE = { role: "user", content: "Hello" };

/** Small enough to be answered at once where it is not refused. */
export const GOOD_BODY: Readonly<Record<BadInput["path"], Readonly<Record<string, unknown>>>> = {
  "/chat/completions": { model: SMALL, max_tokens: 4, messages: [MESSAGE] },
  "/completions": { model: SMALL, max_tokens: 4, prompt: "Hello" },
  "/embeddings": { model: "BAAI/bge-m3", input: "Hello" },
};

type Row = readonly [what: string, change: BadInput["change"], code: Refused["code"], param: string | null];

const image = (url: string) => ({ role: "user", content: [{ type: "image_url", image_url: { url } }] });
const IMAGE = "messages[0].content[0].image_url.url";
const images = (count: number) =>
  Array.from({ length: count }, () => image("data:image/png;base64,AAAA").content).flat();

const MODEL_ROWS: readonly Row[] = [
  ["no model", { model: undefined }, "missing_required_parameter", "model"],
  ["an empty model", { model: "" }, "invalid_value", "model"],
  ["a number as model", { model: 123 }, "invalid_value", "model"],
  ["null as model", { model: null }, "invalid_value", "model"],
  ["an unknown model", { model: "nobody/nothing" }, "model_not_found", "model"],
  ["a model in other case", { model: "qwen/qwen3-4b" }, "model_not_found", "model"],
  ["a name of the object's ancestors", { model: "__proto__" }, "model_not_found", "model"],
  ["an unknown fallback", { models: ["nobody/nothing"] }, "model_not_found", "models[0]"],
  ["text as fallbacks", { models: "Qwen/Qwen3-14B" }, "invalid_value", "models"],
];

const CHAT_ROWS: readonly Row[] = [
  ["no messages", { messages: undefined }, "missing_required_parameter", "messages"],
  ["no message", { messages: [] }, "invalid_value", "messages"],
  ["text as messages", { messages: "Hello" }, "invalid_value", "messages"],
  ["a number as message", { messages: [1] }, "invalid_value", "messages[0]"],
  [
    "a message without role",
    { messages: [{ content: "x" }] },
    "missing_required_parameter",
    "messages[0].role",
  ],
  [
    "an unknown role",
    { messages: [MESSAGE, { role: "wizard", content: "x" }] },
    "invalid_value",
    "messages[1].role",
  ],
  [
    "null as a user's content",
    { messages: [{ role: "user", content: null }] },
    "invalid_value",
    "messages[0].content",
  ],
  [
    "no content of a user",
    { messages: [{ role: "user" }] },
    "missing_required_parameter",
    "messages[0].content",
  ],
  [
    "a number as content",
    { messages: [{ role: "user", content: 5 }] },
    "invalid_value",
    "messages[0].content",
  ],
  ["2,049 messages", { messages: Array(2_049).fill(MESSAGE) }, "invalid_value", "messages"],
  ["an image of this machine's disk", { messages: [image("file:///etc/passwd")] }, "invalid_value", IMAGE],
  ["an image of the metadata host", { messages: [image("http://169.254.169.254/")] }, "invalid_value", IMAGE],
  ["an image of a private host", { messages: [image("https://10.0.0.1/x.png")] }, "invalid_value", IMAGE],
  ["an image of this host", { messages: [image("https://localhost/x.png")] }, "invalid_value", IMAGE],
  [
    "an image of an address in hex",
    { messages: [image("https://0x7f000001/x.png")] },
    "invalid_value",
    IMAGE,
  ],
  ["an image over http", { messages: [image("http://example.com/x.png")] }, "invalid_value", IMAGE],
  ["an image that is a script", { messages: [image("data:text/html;base64,AAAA")] }, "invalid_value", IMAGE],
  ["nine images", { messages: [{ role: "user", content: images(9) }] }, "invalid_value", "messages"],
  ["text as tools", { tools: "search" }, "invalid_value", "tools"],
  ["a max_completion_tokens of 0", { max_completion_tokens: 0 }, "invalid_value", "max_completion_tokens"],
  ["a model that cannot chat", { model: "BAAI/bge-m3" }, "invalid_value", "model"],
  [
    "a prompt longer than the window",
    { messages: [{ role: "user", content: "word ".repeat(40_000) }] },
    "context_length_exceeded",
    "messages",
  ],
];

const SAMPLING_ROWS: readonly Row[] = [
  ["a temperature below 0", { temperature: -0.1 }, "invalid_value", "temperature"],
  ["a temperature above 2", { temperature: 2.1 }, "invalid_value", "temperature"],
  ["text as temperature", { temperature: "0.7" }, "invalid_value", "temperature"],
  ["a top_p above 1", { top_p: 1.1 }, "invalid_value", "top_p"],
  ["a max_tokens of 0", { max_tokens: 0 }, "invalid_value", "max_tokens"],
  ["a max_tokens of -1", { max_tokens: -1 }, "invalid_value", "max_tokens"],
  ["a max_tokens of 1.5", { max_tokens: 1.5 }, "invalid_value", "max_tokens"],
  ["text as max_tokens", { max_tokens: "10" }, "invalid_value", "max_tokens"],
  ["a max_tokens above the model's", { max_tokens: 8_193 }, "invalid_value", "max_tokens"],
  ["an n of 0", { n: 0 }, "invalid_value", "n"],
  ["an n of -1", { n: -1 }, "invalid_value", "n"],
  ["an n of 9", { n: 9 }, "invalid_value", "n"],
  ["an n of 100", { n: 100 }, "invalid_value", "n"],
  ["text as stream", { stream: "yes" }, "invalid_value", "stream"],
  ["a number as stream", { stream: 1 }, "invalid_value", "stream"],
  ["five stops", { stop: ["a", "b", "c", "d", "e"] }, "invalid_value", "stop"],
  ["an empty stop", { stop: "" }, "invalid_value", "stop"],
  ["an empty stop among others", { stop: ["a", ""] }, "invalid_value", "stop[1]"],
  ["text as stream_options", { stream_options: "usage" }, "invalid_value", "stream_options"],
];

const AUTO = { model: "auto" };

const ROUTING_ROWS: readonly Row[] = [
  ["text as routing", { routing: "cheap" }, "invalid_value", "routing"],
  ["an unknown wish", { routing: { cheapest: true } }, "invalid_value", "routing"],
  ["an unknown mode", { routing: { optimize: "fast" } }, "invalid_value", "routing.optimize"],
  ["an unknown task", { routing: { task: "x".repeat(10_240) } }, "invalid_value", "routing.task"],
  ["an unknown region", { routing: { region: "moon" } }, "invalid_value", "routing.region"],
  ["text as fallback", { routing: { fallback: "no" } }, "invalid_value", "routing.fallback"],
  ["a negative cost", { routing: { max_cost_usd: -1 } }, "invalid_value", "routing.max_cost_usd"],
  ["a cost beyond all money", { routing: { max_cost_usd: 1e300 } }, "invalid_value", "routing.max_cost_usd"],
  ["an empty pool", { ...AUTO, routing: { model_pool: [] } }, "empty_pool", "model"],
  [
    "a pool of no model",
    { ...AUTO, routing: { model_pool: ["no/*"] } },
    "invalid_value",
    "routing.model_pool",
  ],
  [
    "a pool that is text",
    { ...AUTO, routing: { model_pool: "Qwen/*" } },
    "invalid_value",
    "routing.model_pool",
  ],
  [
    "auto that nothing can pay for",
    { ...AUTO, routing: { max_cost_usd: 0 } },
    "invalid_value",
    "routing.max_cost_usd",
  ],
  [
    "a model outside the request's pool",
    { routing: { model_pool: ["Qwen/Qwen3-14B"] } },
    "model_forbidden",
    "model",
  ],
];

const COMPLETION_ROWS: readonly Row[] = [
  ["no prompt", { prompt: undefined }, "missing_required_parameter", "prompt"],
  ["an empty prompt", { prompt: "" }, "invalid_value", "prompt"],
  ["an object as prompt", { prompt: {} }, "invalid_value", "prompt"],
  [
    "a prompt longer than the window",
    { prompt: "word ".repeat(40_000) },
    "context_length_exceeded",
    "prompt",
  ],
];

const EMBEDDING_ROWS: readonly Row[] = [
  ["no input", { input: undefined }, "missing_required_parameter", "input"],
  ["no inputs", { input: [] }, "invalid_value", "input"],
  ["an empty input", { input: [""] }, "invalid_value", "input"],
  ["half a token", { input: [1.5] }, "invalid_value", "input"],
  ["2,049 inputs", { input: Array(2_049).fill("x") }, "invalid_value", "input"],
  ["a model that cannot embed", { model: SMALL }, "invalid_value", "model"],
];

const rowsOf = (path: BadInput["path"], rows: readonly Row[]): readonly BadInput[] =>
  rows.map(([what, change, code, param]) => ({ what: `${path}: ${what}`, path, change, code, param }));

const headerRow = (name: string, value: string, param: string): BadInput => ({
  what: `${name}: ${value}`,
  path: "/chat/completions",
  change: {},
  headers: { [name]: value },
  code: "invalid_value",
  param,
});

export const BAD_INPUTS: readonly BadInput[] = [
  ...rowsOf("/chat/completions", [...MODEL_ROWS, ...CHAT_ROWS, ...SAMPLING_ROWS, ...ROUTING_ROWS]),
  ...rowsOf("/completions", [...MODEL_ROWS, ...COMPLETION_ROWS, ...SAMPLING_ROWS, ...ROUTING_ROWS]),
  ...rowsOf("/embeddings", [...MODEL_ROWS, ...EMBEDDING_ROWS]),
  headerRow("x-region", "moon", "routing.region"),
  headerRow("x-timeout-ms", "soon", "x-timeout-ms"),
  headerRow("x-timeout-ms", "0", "x-timeout-ms"),
  headerRow("x-timeout-ms", "1.5", "x-timeout-ms"),
];
