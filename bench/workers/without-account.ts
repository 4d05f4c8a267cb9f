// The same Worker without its Account object: every admit is granted from thin air and every settlement is
// forgotten. What the real one costs beyond this is the price of keys, limits and credits.
import { makeApp } from "../../src/app.ts";
import type { AccountDoor, Answer, Command } from "../../src/domain/account-commands.ts";
import type { ReservationId } from "../../src/domain/ids.ts";
import type { Env } from "../../src/env.ts";
import { livePorts } from "../../src/live.ts";

export { Account } from "../../durable-objects/account.ts";
export { Answers } from "../../durable-objects/answers.ts";
export { OriginHealth } from "../../durable-objects/origin-health.ts";
export { UsageLog } from "../../durable-objects/usage-log.ts";

const VIEW = { version: 1, modelPool: null, optimizeMode: null, region: null };
let lastId = 0;

/** Admits alone are granted here; setting up the account goes to the real one. */
function withoutAdmission(real: AccountDoor): AccountDoor {
  return {
    apply: (commands) =>
      commands.every(({ kind }) => kind === "admit")
        ? Promise.resolve(commands.map(grant))
        : real.apply(commands),
    drain: () => real.drain(),
    erase: () => real.erase(),
  };
}

function grant(command: Command): Answer {
  if (command.kind !== "admit") throw new Error(`${command.kind} is not granted here`);
  if (command.viewVersion !== VIEW.version) return { ok: true, verdict: "stale", view: VIEW };
  lastId++;
  const reservation = {
    id: lastId as ReservationId,
    heldMicroUsd: command.hold.mostMicroUsd,
    leaseMs: 60_000,
  };
  return { ok: true, verdict: "admitted", reservation, limits: {}, queueDepth: 0 };
}

const app = makeApp((env, ctx, request) => {
  const ports = livePorts(env, ctx, request);
  return {
    ...ports,
    account: (ref) => withoutAdmission(ports.account(ref)),
    mailbox: { post: () => undefined },
  };
});

export default {
  fetch: (request, env, ctx) => app.fetch(request, env, ctx),
} satisfies ExportedHandler<Env>;
