// Under which name an answer is kept: a hash of everything that it depends on, and of who may see it. Two requests
// share an answer only if they share the name; the text of a prompt is not in it.
import type { Accepted } from "../domain/accepted.ts";
import { invalid } from "../domain/errors.ts";
import type { Inference } from "../domain/inference.ts";
import type { KeyView } from "../domain/key.ts";
import { base64url } from "../lib/base64.ts";

/** wire.md §1: a request opts in; without the header nothing is looked up or kept. */
export function asksForCache(headers: Headers): boolean {
  const value = headers.get("x-cache");
  if (value === null || value === "off") return false;
  if (value === "read-write") return true;
  throw invalid("x-cache", "Invalid 'x-cache': send 'read-write' or 'off'.");
}

/** What is decided when a request is let in, and all that the name depends on. */
export type Asked = Pick<Accepted, "caller" | "inference" | "route" | "dialect"> & {
  readonly keyView: KeyView;
};

/** null where another answer could be as good, so that none may stand for all. */
export async function cachePlaceOf(asked: Asked): Promise<string | null> {
  const { caller, inference, route, dialect, keyView } = asked;
  const [first] = route.targets;
  if (!inference.isRepeatable || inference.task !== null || first === undefined) return null;
  const named = [
    caller.accountId,
    keyView.modelPool,
    keyView.region,
    route.pinnedRegion,
    // Of "auto": the decision. The same prompt decided otherwise is another request.
    first.model.id,
    dialect,
    inference.wire,
    inference.stream,
    bodyOf(inference),
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(named));
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/**
 * Members in one order, as clients differ in it. Deeper down order can be meaning: the properties of a schema are
 * written in theirs. `model` stands in the name by its catalog id, `stream` as it was understood, and `metadata` is
 * for the usage row; `user` stays, so that callers can keep their users apart.
 */
function bodyOf({ body }: Inference): readonly (readonly [string, unknown])[] {
  const { model: _model, stream: _stream, metadata: _metadata, ...rest } = body;
  return Object.entries(rest).sort(([left], [right]) => (left < right ? -1 : 1));
}
