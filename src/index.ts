// Worker entry: the default export and the Durable Object classes. Nothing else.
import { makeApp } from "./app.ts";
import type { Env } from "./env.ts";

export { Account } from "../durable-objects/account.ts";

const app = makeApp();

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
} satisfies ExportedHandler<Env>;
