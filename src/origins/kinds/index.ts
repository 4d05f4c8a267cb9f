// The table of origin kinds. To add one: a file, and a row here.
import type { OriginKind } from "../../domain/catalog.ts";
import type { Kind } from "./kind.ts";
import { openaiCompatible } from "./openai-compatible.ts";

const KINDS: Partial<Record<OriginKind, Kind>> = {
  "openai-compatible": openaiCompatible,
};

/** null for a kind that the catalog knows and this release cannot call. */
export function kindOf(name: OriginKind): Kind | null {
  return KINDS[name] ?? null;
}
