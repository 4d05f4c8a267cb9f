// Every path of a region, in one table: whose wire it speaks, whether it infers, who answers it.
import type { Endpoint } from "./call.ts";
import { hfHealth, hfTask } from "./hf-tasks.ts";
import type { Family } from "./refusals.ts";
import { tei, teiHealth } from "./tei.ts";
import { vllmChat } from "./vllm-chat.ts";
import { vllmCompletions } from "./vllm-completions.ts";
import { vllmEmbeddings } from "./vllm-embeddings.ts";
import { health, loadAdapter, metrics, unloadAdapter, vllmModels } from "./vllm-models.ts";
import { vllmTranscriptions } from "./vllm-transcriptions.ts";

interface Route {
  readonly method: "GET" | "POST";
  /** Exact, or with a trailing `*` for the rest of the path. */
  readonly path: string;
  readonly family: Family;
  readonly isInference: boolean;
  readonly answer: Endpoint;
}

const ROUTES: readonly Route[] = [
  inference("/v1/chat/completions", "vllm", vllmChat),
  inference("/v1/completions", "vllm", vllmCompletions),
  inference("/v1/embeddings", "vllm", vllmEmbeddings),
  inference("/v1/audio/transcriptions", "vllm", vllmTranscriptions),
  inference("/hf/models/*", "hf", hfTask),
  inference("/tei/*", "hf", tei),
  { method: "GET", path: "/v1/models", family: "vllm", isInference: false, answer: vllmModels },
  { method: "POST", path: "/v1/load_lora_adapter", family: "vllm", isInference: false, answer: loadAdapter },
  {
    method: "POST",
    path: "/v1/unload_lora_adapter",
    family: "vllm",
    isInference: false,
    answer: unloadAdapter,
  },
  { method: "GET", path: "/health", family: "vllm", isInference: false, answer: health },
  { method: "GET", path: "/metrics", family: "vllm", isInference: false, answer: metrics },
  { method: "GET", path: "/hf/health", family: "hf", isInference: false, answer: health },
  { method: "GET", path: "/hf/models/*", family: "hf", isInference: false, answer: hfHealth },
  { method: "GET", path: "/tei/*", family: "hf", isInference: false, answer: teiHealth },
];

function inference(path: string, family: Family, answer: Endpoint): Route {
  return { method: "POST", path, family, isInference: true, answer };
}

export type Routed =
  | { readonly kind: "found"; readonly route: Route; readonly rest: string }
  | { readonly kind: "wrong-method"; readonly family: Family; readonly allowed: string }
  | { readonly kind: "unknown"; readonly family: Family };

export function findRoute(method: string, path: string): Routed {
  const family = familyOf(path);
  const fitting = ROUTES.filter((route) => fits(route, path));
  const route = fitting.find((one) => one.method === method);
  if (route !== undefined) return { kind: "found", route, rest: restOf(route, path) };
  const [other] = fitting;
  return other === undefined
    ? { kind: "unknown", family }
    : { kind: "wrong-method", family, allowed: other.method };
}

export function familyOf(path: string): Family {
  return path.startsWith("/hf/") || path.startsWith("/tei/") ? "hf" : "vllm";
}

function fits(route: Route, path: string): boolean {
  return route.path.endsWith("*") ? path.startsWith(route.path.slice(0, -1)) : path === route.path;
}

/** Slashes of a model's name may come raw or as %2F. */
function restOf(route: Route, path: string): string {
  if (!route.path.endsWith("*")) return "";
  const rest = path.slice(route.path.length - 1);
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

/** vLLM asks for its key under /v1 alone: health and metrics are open. */
export function needsKey(path: string): boolean {
  if (path.startsWith("/tei/")) return !path.endsWith("/health");
  return path.startsWith("/v1") || path.startsWith("/hf/models/");
}
