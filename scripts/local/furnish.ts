// From a Worker that answers to a router that is ready: catalog, simulators, demo account, and the facts
// about them. Shared by `npm start` and `npm run dev`; it does not know which of them runs the Worker.
import type { CatalogRows } from "../../src/domain/catalog.ts";
import { type Api, connectApi } from "./api.ts";
import { originSecrets } from "./bindings.ts";
import { ensureDemoAccount } from "./demo-account.ts";
import { type DemoFile, demoFile } from "./demo-file.ts";
import { equip } from "./equip.ts";
import type { LocalSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { baseOf } from "./simulated-origins.ts";

export interface Furnishing {
  readonly settings: Settings;
  readonly secrets: LocalSecrets;
  /** Of CATALOG_FILE; null without one. */
  readonly fileRows: CatalogRows | null;
}

export async function furnish({ settings, secrets, fileRows }: Furnishing): Promise<DemoFile> {
  const baseUrl = baseOf(settings.port);
  const api: Api = connectApi(baseUrl);
  const adminToken = settings.adminToken ?? secrets.adminToken;
  const simulators = await equip(api, {
    settings,
    fileRows,
    adminToken,
    originSecrets: originSecrets(settings, secrets),
  });
  const demo = await ensureDemoAccount(api, settings.stateDir, adminToken);
  return demoFile({ baseUrl, adminToken, demo, simulators });
}
