// A model as the wire lists it: OpenAI's four fields, then what a caller chooses by. Where it runs is told by
// region alone; origins are nobody's business but operators'.
import { type Catalog, isServedTo, type Model, type Target } from "../domain/catalog.ts";
import type { AccountId } from "../domain/ids.ts";

/** What this account may be sent to: dedicated origins serve only those they list. */
export function targetsFor(catalog: Catalog, model: Model, accountId: AccountId | null): readonly Target[] {
  const targets = catalog.targets.get(model.id) ?? [];
  return targets.filter((target) => isServedTo(target.origin, accountId));
}

export function modelObject(catalog: Catalog, model: Model, targets: readonly Target[]) {
  return {
    id: model.id,
    object: "model",
    created: catalog.createdAtS,
    owned_by: model.owned_by,
    context_length: model.context_length,
    max_output_tokens: model.max_output_tokens,
    price: model.price,
    regions: [...new Set(targets.map((target) => target.origin.region))],
    capabilities: model.capabilities,
    task: model.task,
  } as const;
}
