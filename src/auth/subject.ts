// The account of an identity provider's subject. The directory knows subjects by their MACs alone: a list of
// accounts tells nobody who their owners are.
import type { Config } from "../domain/config.ts";
import type { AccountRef } from "../domain/key.ts";
import type { Ports } from "../domain/ports.ts";
import { base64url } from "../lib/base64.ts";
import { hmacSha256 } from "../lib/hmac.ts";

/** An account that was removed, or entered again, is noticed after this. */
const REMEMBERED_MS = 60_000;

/** null when no account was opened for this subject. */
export async function accountOfSubject(ports: Ports, subject: string): Promise<AccountRef | null> {
  const macs = await subjectMacs(ports.config, subject);
  const [newest] = macs;
  const known = ports.subjects.get(newest);
  if (known !== undefined && ports.now() - known.foundAtMs < REMEMBERED_MS) return known.account;
  const entry = await ports.directory.findBySubject(macs);
  if (entry === null) return null;
  const { accountId, jurisdiction } = entry;
  // Found under the old pepper: kept under the new one, so that the old one can be taken away.
  if (entry.subjectMac !== newest) ports.waitUntil(ports.directory.renewSubject(accountId, newest));
  const account = { accountId, jurisdiction };
  ports.subjects.set(newest, { account, foundAtMs: ports.now() });
  return account;
}

/** One per accepted pepper, the current one first. */
export async function subjectMacs(config: Config, subject: string): Promise<readonly [string, ...string[]]> {
  const macs = config.peppers.map(async ({ value }) => base64url(await hmacSha256(value, subject)));
  const [newest, ...others] = await Promise.all(macs);
  if (newest === undefined) throw new Error("no pepper");
  return [newest, ...others];
}
