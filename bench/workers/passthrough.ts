// The limit: a Worker that hands the request to the origin and the answer to the caller and touches neither. What
// everything else costs is told in multiples of it, because machines differ and neighbours are noisy.
import { makeApp } from "../../src/app.ts";
import type { Env } from "../../src/env.ts";
import { livePorts } from "../../src/live.ts";

export { Account } from "../../durable-objects/account.ts";
export { Answers } from "../../durable-objects/answers.ts";
export { OriginHealth } from "../../durable-objects/origin-health.ts";
export { UsageLog } from "../../durable-objects/usage-log.ts";

/** For setting up the account and the catalog, as every other variant has them. */
const app = makeApp(livePorts);
let baseUrl: string | null = null;

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.endsWith("/chat/completions")) return await app.fetch(request, env, ctx);
    baseUrl ??= await originOf(env, ctx, request);
    const url = `${baseUrl}/chat/completions`;
    return await (env.EGRESS === undefined ? fetch(url, request) : env.EGRESS.fetch(url, request));
  },
} satisfies ExportedHandler<Env>;

async function originOf(env: Env, ctx: ExecutionContext, request: Request): Promise<string> {
  const catalog = await livePorts(env, ctx, request).catalog();
  return catalog.rows.origins[0]?.base_url ?? "";
}
