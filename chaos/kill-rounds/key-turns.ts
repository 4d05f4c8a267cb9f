// Keys that are made, renamed and revoked while others use them, and whether what was acknowledged of it holds.
import { setTimeout as sleep } from "node:timers/promises";
import { brokenPromise } from "../part.ts";
import { BASE, CHAT, errorCode, MODEL } from "../wire.ts";
import { type LoadPlan, PAUSES_MS } from "./subject.ts";
import { type SeenKey, sawEnd } from "./witness.ts";

const TURN_KEY_EVERY_MS = 60;
/** Callers choose among these; more would only make the lists longer. */
const MAX_KEPT_KEYS = 20;

/** Half of the new keys go to the callers, the others are used once and revoked while that is still being settled. */
export async function turnKey(plan: LoadPlan, n: number): Promise<void> {
  const { client, subject, dice } = plan;
  const { keys } = subject.witness;
  const kept = [...keys.values()].filter(({ isKept }) => isKept).length;
  const isKept = n % 2 === 0 && kept < MAX_KEPT_KEYS;
  const name = `chaos ${n}`;
  const made = await client.send({ path: `${BASE}/keys`, key: subject.managementKey, body: { name } });
  if (made.end !== "whole" || made.status !== 201) return;
  const id = String(made.json.id);
  const seen: SeenKey = { apiKey: String(made.json.key), state: "active", isKept, names: [name] };
  keys.set(id, seen);
  if (!isKept) await useAndRevoke(plan, id, seen);
  await sleep(dice.below(TURN_KEY_EVERY_MS));
}

async function useAndRevoke({ client, subject, dice }: LoadPlan, id: string, seen: SeenKey): Promise<void> {
  const { witness, managementKey } = subject;
  const body = { model: MODEL, max_tokens: 1, messages: [{ role: "user", content: "Once" }] };
  sawEnd(witness, await client.send({ path: CHAT, key: seen.apiKey, body }));
  await sleep(dice.below(TURN_KEY_EVERY_MS));
  witness.keys.set(id, { ...seen, state: "unsure" });
  const gone = await client.send({ path: `${BASE}/keys/${id}`, key: managementKey, method: "DELETE" });
  if (gone.end === "whole" && gone.status === 200) witness.keys.set(id, { ...seen, state: "revoked" });
}

/** Any change of a key makes every isolate route anew: callers meet that as well. */
export async function renameKey({ client, subject, dice, name }: LoadPlan, n: number): Promise<void> {
  const { keys } = subject.witness;
  const kept = [...keys].filter(([id, { isKept }]) => isKept && id.startsWith("key_"));
  const [id, seen] = kept[dice.below(Math.max(1, kept.length))] ?? [null, null];
  if (id !== null && seen !== null) {
    const next = `${name} ${n}`;
    keys.set(id, { ...seen, names: [...seen.names, next] });
    const path = `${BASE}/keys/${id}`;
    const changed = await client.send({
      path,
      key: subject.managementKey,
      method: "PATCH",
      body: { name: next },
    });
    if (changed.end === "whole" && changed.status === 200) keys.set(id, { ...seen, names: [next] });
  }
  await sleep(dice.pick(PAUSES_MS));
}

/** What the key's own page says must be what was acknowledged; what was not is known from then on. */
export async function checkKeys({ client, subject }: Pick<LoadPlan, "client" | "subject">): Promise<void> {
  const { keys } = subject.witness;
  await Promise.all(
    [...keys].map(async ([id, seen]) => {
      const reply = await client.send({ path: `${BASE}/key`, key: seen.apiKey });
      const isRevoked = reply.status === 403 && errorCode(reply) === "key_revoked";
      const state = isRevoked ? "revoked" : reply.status === 200 ? "active" : null;
      const called = state === "active" ? String(reply.json.name) : null;
      const holds = state === seen.state || (state !== null && seen.state === "unsure");
      if (holds && (called === null || seen.names.includes(called))) {
        keys.set(id, { ...seen, state, names: called === null ? seen.names : [called] });
        return;
      }
      const { status, text } = reply;
      throw brokenPromise("an acknowledged key change holds", { id, acknowledged: seen, status, text });
    }),
  );
}
