// Worker entry: the default export and the Durable Object classes. Nothing else.
import { makeApp } from "./app.ts";
import type { Env } from "./env.ts";
import { livePorts } from "./live.ts";

export { Account } from "../durable-objects/account.ts";
export { Answers } from "../durable-objects/answers.ts";
export { OriginHealth } from "../durable-objects/origin-health.ts";
export { UsageLog } from "../durable-objects/usage-log.ts";

const app = makeApp(livePorts);

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
} satisfies ExportedHandler<Env>;
