// A lone text as the request it would be: one user turn, no system text.
import type { PromptView } from "../../src/domain/inference.ts";

export function promptView(text: string): PromptView {
  return { text, system: "", turns: 1, size: { bytes: text.length, messages: 1 } };
}
