// The table of origin kinds. To add one: a file, and a row here.
import type { OriginKind } from "../../domain/catalog.ts";
import { hfTasks } from "./hf-tasks.ts";
import type { Kind } from "./kind.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { workersAi } from "./workers-ai.ts";

const KINDS: Readonly<Record<OriginKind, Kind>> = {
  "openai-compatible": openaiCompatible,
  "hf-tasks": hfTasks,
  "workers-ai": workersAi,
};

/** null for a kind that a catalog of another release knows and this one cannot call. */
export function kindOf(name: OriginKind): Kind | null {
  return KINDS[name] ?? null;
}
