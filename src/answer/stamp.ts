// Our own id for an answer, in the form each wire is known by.
import type { Accepted } from "../domain/accepted.ts";
import type { Wire } from "../domain/inference.ts";

const PREFIXES: Readonly<Record<Wire, string>> = {
  "openai-chat": "chatcmpl-",
  "openai-completions": "cmpl-",
  "openai-embeddings": "embd-",
  tasks: "task-",
};

/** Derived from the request id, so that either finds the other in a log. */
export function answerId({ inference, requestId }: Accepted): string {
  return PREFIXES[inference.wire] + requestId.slice("req_".length);
}
