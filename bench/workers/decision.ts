// Decides and does nothing else: plan() of one prompt over the default catalog, as often as asked, so that whoever
// asks can time it from outside. The runtime's own clock stands still while code computes.
import { checkCatalog } from "../../src/catalog/check.ts";
import { compileCatalog } from "../../src/catalog/compile.ts";
import defaultJson from "../../src/catalog/default.json" with { type: "json" };
import { parseChat } from "../../src/dialects/openai-request.ts";
import { UNKNOWN_HEALTH } from "../../src/domain/health.ts";
import type { AccountId, DecisionId } from "../../src/domain/ids.ts";
import { installRouting } from "../../src/routing/install.ts";
import { plan } from "../../src/routing/plan.ts";
import weights from "../../src/routing/weights/inferroute.bin";

export { Account } from "../../durable-objects/account.ts";
export { Answers } from "../../durable-objects/answers.ts";
export { OriginHealth } from "../../durable-objects/origin-health.ts";
export { UsageLog } from "../../durable-objects/usage-log.ts";

const checked = checkCatalog(defaultJson);
if (!checked.ok) throw new Error("the default catalog has faults");
const catalog = compileCatalog(checked.rows, 1, 0);
let isInstalled = false;

/** `decisions`: how often. The first call of an isolate installs the weights, as the router's first request does. */
interface Order {
  readonly text: string;
  readonly decisions: number;
}

export default {
  async fetch(request) {
    const { text, decisions } = (await request.json()) as Order;
    if (!isInstalled) installRouting(weights);
    isInstalled = true;
    let chosen = "";
    for (let n = 0; n < decisions; n++) chosen = decide(text);
    return new Response(chosen);
  },
} satisfies ExportedHandler;

const DEFAULTS = { routingEvent: "on-request" } as const;

function decide(text: string): string {
  const body = { model: "auto", messages: [{ role: "user", content: text }] };
  const planned = plan(parseChat(body, new Headers(), DEFAULTS), {
    catalog,
    keyView: { version: 1, modelPool: null, optimizeMode: null, region: null },
    accountId: "acct_00000000001" as AccountId, // any
    health: { get: () => UNKNOWN_HEALTH, update: () => undefined },
    nowMs: 0,
    callerPlace: null,
    decisionId: "rt_0000000000000000000001" as DecisionId, // any
    sessionKey: null,
    keptModelId: null,
  });
  return planned.ok ? planned.route.reason : planned.error.message;
}
