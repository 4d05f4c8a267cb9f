// What public OpenAI-style hosts say differently from the rest, one row a host, known by its address. Only what
// must be written differently stands here: what they answer differently is read leniently for everybody.
// Whatever a host merely refuses is left to its own 400, for only the caller knows what the field was worth.
import type { Wire } from "../../domain/inference.ts";
import { boundedMap } from "../../lib/bounded-map.ts";
import type { Json } from "../../lib/record.ts";

export interface Quirks {
  /** A host's name; with a dot in front every name below it. */
  readonly hosts: readonly string[];
  /** The one name it takes for the limit of a chat's answer; absent: the caller's. Completions have but one anywhere. */
  readonly chatLimitField?: "max_tokens" | "max_completion_tokens";
  /** Its own names for fields. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** It refuses `stream_options`, and reports usage unasked. */
  readonly reportsUsageUnasked?: true;
  /** The header that bears the key instead of `Authorization: Bearer`. */
  readonly keyHeader?: string;
  /** Stands before each name in its list of models. */
  readonly listedPrefix?: string;
  /** Has no list of models to be asked for. */
  readonly listsNoModels?: true;
}

export const QUIRKS: readonly Quirks[] = [
  // 400 to max_tokens at every reasoning model; the older ones know both names.
  { hosts: ["api.openai.com"], chatLimitField: "max_completion_tokens" },
  {
    hosts: [".openai.azure.com", ".services.ai.azure.com"],
    chatLimitField: "max_completion_tokens",
    keyHeader: "api-key",
  },
  // 422 extra_forbidden to every field it does not know.
  {
    hosts: ["api.mistral.ai"],
    chatLimitField: "max_tokens",
    renamed: { seed: "random_seed" },
    reportsUsageUnasked: true,
  },
  { hosts: ["api.groq.com", "api.cerebras.ai"], chatLimitField: "max_completion_tokens" },
  { hosts: ["api.deepseek.com", "api.together.xyz", "api.fireworks.ai"], chatLimitField: "max_tokens" },
  {
    hosts: ["generativelanguage.googleapis.com"],
    listedPrefix: "models/",
  },
  { hosts: ["api.perplexity.ai"], chatLimitField: "max_tokens", listsNoModels: true },
];

const NONE: Quirks = { hosts: [] };

/** By address; each is read once, not at every request. */
const KNOWN = boundedMap<Quirks>(1_000);

export function quirksOf(baseUrl: string): Quirks {
  const known = KNOWN.get(baseUrl);
  if (known !== undefined) return known;
  const { hostname } = new URL(baseUrl);
  const quirks = QUIRKS.find(({ hosts }) => hosts.some((host) => isAt(hostname, host))) ?? NONE;
  KNOWN.set(baseUrl, quirks);
  return quirks;
}

function isAt(hostname: string, host: string): boolean {
  return host.startsWith(".") ? hostname.endsWith(host) : hostname === host;
}

/** The body as this host wants it; `limit` is null where the answer has none. */
export function writtenFor(quirks: Quirks, body: Json, limit: OutputLimit | null): Record<string, unknown> {
  const { renamed } = quirks;
  const written: Record<string, unknown> = renamed === undefined ? { ...body } : withNames(body, renamed);
  if (quirks.reportsUsageUnasked) delete written.stream_options;
  if (limit === null) return written;
  const only = limit.wire === "openai-chat" ? quirks.chatLimitField : undefined;
  if (only !== undefined) {
    delete written.max_tokens;
    delete written.max_completion_tokens;
  }
  // A server that knows only the older name must not go by another number there.
  else if (typeof written.max_tokens === "number") written.max_tokens = limit.tokens;
  written[only ?? limit.field] = limit.tokens;
  return written;
}

export interface OutputLimit {
  readonly wire: Wire;
  /** As the caller named it. */
  readonly field: string;
  readonly tokens: number;
}

/** A caller's field may be called like a member of every object. */
function withNames(body: Json, names: Readonly<Record<string, string>>): Record<string, unknown> {
  const nameOf = (name: string) => (Object.hasOwn(names, name) ? names[name] : undefined) ?? name;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [nameOf(name), value]));
}
