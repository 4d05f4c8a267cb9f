// What operators run the router with: accounts, the catalog, what this isolate knows of the origins, and who did what.
// Every route asks for the operators' token itself, so that no mount order can leave one open.
import type { Http } from "../http.ts";
import { mountAccounts } from "./operators/accounts.ts";
import { mountAudit } from "./operators/audit.ts";
import { mountCatalog } from "./operators/catalog.ts";
import { mountDeletion } from "./operators/deletion.ts";
import { mountOrigins } from "./operators/origins.ts";

export function mountOperators(app: Http, base: string): void {
  mountAccounts(app, base);
  mountCatalog(app, base);
  mountOrigins(app, base);
  mountAudit(app, base);
  mountDeletion(app, base);
}
