// Keys of an account: created, listed, changed and revoked by keys that may, and each shown to itself. The
// raw key leaves once, at its creation. How keys are made and stored it does not know.
import type * as z from "zod";
import { makeKey } from "../auth/api-key.ts";
import { identify } from "../auth/identify.ts";
import type { NewKey } from "../domain/account-commands.ts";
import { invalid } from "../domain/errors.ts";
import type { Http, HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { grantable } from "./grantable.ts";
import { keyIdOf } from "./key-id-of.ts";
import { keyObject } from "./key-object.ts";
import { changesOf, checkNames, keyChanges, newKeyFields, settingsOf } from "./key-settings.ts";
import { showOwnKey } from "./own-key.ts";
import { listBody, onePage, readPage } from "./page.ts";
import { readBody } from "./read-body.ts";
import { rotateKey } from "./rotate-key.ts";

export function mountKeys(app: Http, base: string): void {
  app.post(`${base}/keys`, createKey);
  app.get(`${base}/keys`, listKeys);
  app.get(`${base}/keys/:id`, showKey);
  app.patch(`${base}/keys/:id`, changeKey);
  app.delete(`${base}/keys/:id`, revokeKey);
  app.post(`${base}/keys/:id/rotate`, rotateKey);
  app.get(`${base}/key`, showOwnKey);
}

/** Asks twice: what the key may grant is known only once it is proven, and it must still be good at the end. */
async function createKey(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  const fields = await readBody(c, identify, newKeyFields);
  const { caller, key: granter } = await authorized(c, "keys:write", []);
  const settings = settingsOf(fields);
  await checkNames(ports, caller.accountId, settings);
  const expiresAtMs = expiryOf(fields, ports.now());
  const scopes = grantable(granter, fields.scopes);
  const { raw, keyId, prefix, proof } = await makeKey(ports, caller);
  const key: NewKey = { ...settings, id: keyId, prefix, proof, scopes, expiresAtMs };
  const { answers } = await authorized(c, "keys:write", [{ kind: "create-key", key }]);
  return c.json({ ...keyObject(answers[0].key), key: raw }, 201, { "cache-control": "no-store" });
}

const KEY_ID = /^key_[0-9A-Za-z]{8}$/;

async function listKeys(c: HttpContext): Promise<Response> {
  const page = await readPage(c, identify, KEY_ID);
  const { answers } = await authorized(c, "keys:read", [
    { kind: "list-keys", limit: page.askFor, afterId: page.after },
  ]);
  const { rows, nextCursor } = onePage(page, answers[0].rows, (key) => key.id);
  return c.json(listBody(rows.map(keyObject), nextCursor));
}

async function showKey(c: HttpContext): Promise<Response> {
  const { answers } = await authorized(c, "keys:read", [{ kind: "get-key", keyId: keyIdOf(c) }]);
  return c.json(keyObject(answers[0].key));
}

async function changeKey(c: HttpContext): Promise<Response> {
  const changes = changesOf(await readBody(c, identify, keyChanges));
  const { caller } = await authorized(c, "keys:write", [{ kind: "get-key", keyId: keyIdOf(c) }]);
  await checkNames(c.get("ports"), caller.accountId, changes);
  const { answers } = await authorized(c, "keys:write", [{ kind: "change-key", keyId: keyIdOf(c), changes }]);
  return c.json(keyObject(answers[0].key));
}

async function revokeKey(c: HttpContext): Promise<Response> {
  const { answers } = await authorized(c, "keys:write", [{ kind: "revoke-key", keyId: keyIdOf(c) }]);
  return c.json(keyObject(answers[0].key));
}

function expiryOf(fields: z.output<typeof newKeyFields>, nowMs: number): number | null {
  if (fields.expires_at === null) return null;
  const expiresAtMs = Date.parse(fields.expires_at);
  if (expiresAtMs > nowMs) return expiresAtMs;
  throw invalid("expires_at", "Invalid 'expires_at': send a time in the future.");
}
