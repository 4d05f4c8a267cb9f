// POST /keys/{id}/rotate: a new secret for a key, shown once; the old one stays good for `overlap_hours`. Id,
// settings and spending of the key stay as they are.
import * as z from "zod";
import { makeSecret } from "../auth/api-key.ts";
import { identify } from "../auth/identify.ts";
import type { HttpContext } from "../http.ts";
import { authorized } from "./authorized.ts";
import { grantable } from "./grantable.ts";
import { keyIdOf } from "./key-id-of.ts";
import { keyObject } from "./key-object.ts";
import { readBody } from "./read-body.ts";
import { rfc3339 } from "./rfc3339.ts";

/** A week: whoever has not changed over by then was forgotten. */
const MAX_OVERLAP_HOURS = 168;
/** A day: every deployment and every person has had a turn. */
const DEFAULT_OVERLAP_HOURS = 24;
const HOUR_MS = 3_600_000;

const rotation = z.strictObject({
  overlap_hours: z.number().min(0).max(MAX_OVERLAP_HOURS).default(DEFAULT_OVERLAP_HOURS),
});

export async function rotateKey(c: HttpContext): Promise<Response> {
  const { overlap_hours } = await readRotation(c);
  const keyId = keyIdOf(c);
  const { caller, key: rotator, answers } = await authorized(c, "keys:write", [{ kind: "get-key", keyId }]);
  // Scopes of a key never change, so what holds now holds in the second call.
  grantable(rotator, answers[0].key.scopes);
  const { raw, prefix, proof } = await makeSecret(c.get("ports"), caller, keyId);
  const overlapMs = Math.round(overlap_hours * HOUR_MS);
  const [rotated] = (
    await authorized(c, "keys:write", [{ kind: "rotate-key", keyId, prefix, proof, overlapMs }])
  ).answers;
  const previous_valid_until = rfc3339(rotated.previousValidUntilMs);
  const body = { ...keyObject(rotated.key), key: raw, previous_valid_until };
  return c.json(body, 200, { "cache-control": "no-store" });
}

/** No body at all asks for the default. */
async function readRotation(c: HttpContext): Promise<z.output<typeof rotation>> {
  return c.req.raw.body === null ? rotation.parse({}) : readBody(c, identify, rotation);
}
