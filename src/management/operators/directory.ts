// Finding and entering accounts in the directory: ids to objects, names to slugs that nobody else has. The
// directory holds no personal data: a subject is entered as its MAC.
import { subjectMacs } from "../../auth/subject.ts";
import { invalid, RouterError } from "../../domain/errors.ts";
import type { AccountRef } from "../../domain/key.ts";
import type { DirectoryEntry, Ports } from "../../domain/ports.ts";
import type { HttpContext } from "../../http.ts";
import { slugOf, withSuffix } from "./slug.ts";

export const ACCOUNT_ID = /^acct_[0-9A-Za-z]{11}$/;

/** The account that `:id` names. @throws RouterError not_found for ids of nobody, well-formed or not. */
export async function findAccount(c: HttpContext): Promise<DirectoryEntry> {
  return findAccountById(c.get("ports"), c.req.param("id") ?? "");
}

/** @throws RouterError not_found */
export async function findAccountById(ports: Ports, id: string): Promise<DirectoryEntry> {
  const entry = ACCOUNT_ID.test(id) ? await ports.directory.find(id) : null;
  if (entry !== null) return entry;
  throw new RouterError("not_found", "There is no such account: list the accounts to see their ids.");
}

export interface Naming {
  readonly name: string;
  readonly subject: string | null;
}

/** Two suffixes that are both taken happen once in 10¹⁸ accounts. */
const MAX_TRIES = 3;

/** @throws RouterError invalid_value when the subject has an account already. */
export async function enterAccount(
  ports: Ports,
  account: AccountRef,
  naming: Naming,
): Promise<DirectoryEntry> {
  const { accountId, jurisdiction } = account;
  const plain = slugOf(naming.name);
  const subjectMac = naming.subject === null ? null : await freeSubjectMac(ports, naming.subject);
  const createdAtMs = ports.now();
  for (let turn = 0; turn < MAX_TRIES; turn++) {
    const slug = turn === 0 ? plain : withSuffix(plain, ports.randomBytes);
    const entry = { accountId, jurisdiction, slug, subjectMac, createdAtMs };
    if (await ports.directory.add(entry)) return entry;
  }
  if (subjectMac === null) throw new Error("no slug is free");
  throw takenSubject();
}

/** Under the newest pepper; an account that was entered under the older one has the subject as well. */
async function freeSubjectMac(ports: Ports, subject: string): Promise<string> {
  const macs = await subjectMacs(ports.config, subject);
  if ((await ports.directory.findBySubject(macs)) !== null) throw takenSubject();
  return macs[0];
}

function takenSubject(): RouterError {
  return invalid("subject", "Invalid 'subject': it has an account already, change that one instead.");
}
