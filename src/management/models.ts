// The models a caller can use: the list, one row with the schema of its requests, and its health. Needs no
// key; with one, its account's private models show too. Ids contain `/`, so paths are read raw.
import { type Catalog, isVisible, type Model } from "../domain/catalog.ts";
import type { AccountId } from "../domain/ids.ts";
import type { Http, HttpContext } from "../http.ts";
import { unknownModel } from "../routing/refuse.ts";
import { askingAccount } from "./authorized.ts";
import { inputSchema } from "./input-schema.ts";
import { healthOf } from "./model-health.ts";
import { modelObject, targetsFor } from "./model-object.ts";
import { listBody } from "./page.ts";
import { pathBehind } from "./raw-path.ts";
import { wakeModel } from "./wake-model.ts";

export function mountModels(app: Http, base: string): void {
  app.get(`${base}/models`, listModels);
  app.get(`${base}/models/*`, (c) => showModel(c, `${base}/models/`));
}

/** Whole, as OpenAI's list is: its clients ask for no second page. */
async function listModels(c: HttpContext): Promise<Response> {
  const accountId = await askingAccount(c);
  const catalog = await c.get("ports").catalog();
  const visible = catalog.rows.models.filter((model) => isVisible(model, accountId));
  const rows = visible.map((model) => modelObject(catalog, model, targetsFor(catalog, model, accountId)));
  return c.json(listBody(rows, null));
}

/** No id ends in this segment: the catalog refuses such. */
const HEALTH = "/health";

async function showModel(c: HttpContext, prefix: string): Promise<Response> {
  const ports = c.get("ports");
  const accountId = await askingAccount(c);
  const catalog = await ports.catalog();
  const path = pathBehind(c.req.url, prefix);
  const isHealth = path.endsWith(HEALTH);
  const model = findModel(catalog, isHealth ? path.slice(0, -HEALTH.length) : path, accountId);
  const targets = targetsFor(catalog, model, accountId);
  if (isHealth) {
    if (c.req.query("wake") === "true") await wakeModel(c, model);
    return c.json({ model: model.id, ...(await healthOf(ports, targets)) });
  }
  return c.json({ ...modelObject(catalog, model, targets), input_schema: inputSchema(model) });
}

/** Exact, by id or alias: ids hold no `..`, `//`, NUL or back-slash, so paths that do find nothing. */
function findModel(catalog: Catalog, name: string, accountId: AccountId | null): Model {
  const model = catalog.models.get(name);
  if (model === undefined || !isVisible(model, accountId)) throw unknownModel(name, "model");
  return model;
}
