// The dialect-free request: what every step after the dialect works on.
import type { Capability } from "./catalog.ts";
import type { MicroUsd } from "./money.ts";
import type { InputSize } from "./price.ts";
import type { TaskRequest } from "./task.ts";

/** Shapes of answers; an endpoint and an origin kind of equal wire splice frames in place. */
export type Wire = "openai-chat" | "openai-completions" | "openai-embeddings" | "tasks";

export const MODES = ["balanced", "quality", "cost", "latency"] as const;
export type Mode = (typeof MODES)[number];

/** What a request wishes of routing; null where it leaves the choice to deployment, key or default. */
export interface RoutingWishes {
  readonly pool: readonly string[] | null;
  readonly optimize: Mode | null;
  readonly task: string | null;
  readonly region: string | null;
  readonly maxCostMicroUsd: MicroUsd | null;
  /** false: one target, no retry, no continuation. */
  readonly fallback: boolean;
}

/** What the classifier and the size estimate may see. */
export interface PromptView {
  /** The last user text: what is asked now. */
  readonly text: string;
  /** System or developer text; empty when there is none. */
  readonly system: string;
  readonly turns: number;
  readonly size: InputSize;
}

export interface Inference {
  readonly wire: Wire;
  /** As asked: a catalog id, an alias, or "auto". */
  readonly model: string;
  /** `models`: fallbacks after `model`, in order; with "auto" they are the pool. */
  readonly fallbackModels: readonly string[];
  readonly stream: boolean;
  /** The caller asked for the usage frame of a stream. */
  readonly includeUsage: boolean;
  /** Prompts with a context of their own: a list of inputs holds several. */
  readonly inputs: number;
  /** Answers generated, those thrown away by `best_of` included: what is paid for. */
  readonly choices: number;
  /** Answers the caller gets: a stream is over when each of them has ended. */
  readonly answers: number;
  /** Per choice; null where the caller set none. */
  readonly maxOutputTokens: number | null;
  readonly needs: readonly Capability[];
  /** https URLs to be fetched and inlined before the origin sees the request. */
  readonly remoteImages: readonly string[];
  readonly wishes: RoutingWishes;
  readonly prompt: PromptView;
  /** The body for the origin without our own fields; `model`, limits and usage are set per attempt. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What wire "tasks" asks instead of a body; null on every other. */
  readonly task: TaskRequest | null;
  /** Asked again it should get the same answer: nothing in it is drawn by lot, or the dice are the caller's own. */
  readonly isRepeatable: boolean;
  /** `max_tokens` or `max_completion_tokens`: whichever the caller used names the limit. */
  readonly outputLimitField: string;
  /** Both become columns of the usage row. */
  readonly user: string | null;
  readonly tags: Readonly<Record<string, string>> | null;
  /** Names the conversation: `session_id`, `prompt_cache_key` or x-session-id. */
  readonly sessionId: string | null;
  /** The first user text, by which a conversation without a name is known again; null where there are no turns. */
  readonly opening: string | null;
  readonly timeoutMs: number | null;
  /** How long the caller waits for a model that must be loaded first; null: not at all. */
  readonly waitMs: number | null;
  /** Send the routing event as first event of the stream. */
  readonly routingEvent: boolean;
}

export const AUTO = "auto";
