// DELETE /accounts/{id}: everything the account is goes into the archive, then nothing of it is left. What is
// erased was exported first; where the export fails, nothing is.
import type { AccountStatus } from "../../domain/account-commands.ts";
import { RouterError } from "../../domain/errors.ts";
import type { Jurisdiction } from "../../domain/key.ts";
import type { DirectoryEntry, Ports } from "../../domain/ports.ts";
import type { Http, HttpContext } from "../../http.ts";
import { applyAll } from "../apply-all.ts";
import { inBatches } from "../in-batches.ts";
import { rfc3339 } from "../rfc3339.ts";
import { exportLines, loggedMonths } from "./account-export.ts";
import { asOperator } from "./as-operator.ts";
import { findAccount } from "./directory.ts";

export function mountDeletion(app: Http, base: string): void {
  app.delete(`${base}/accounts/:id`, deleteAccount);
}

async function deleteAccount(c: HttpContext): Promise<Response> {
  const ports = c.get("ports");
  await asOperator(ports, c.req.raw);
  const entry = await findAccount(c);
  const work = exportAndErase(ports, entry);
  // An operator who does not wait must not leave half an account behind.
  ports.waitUntil(work.catch(() => undefined));
  return c.json({ account_id: entry.accountId, export: await work });
}

/** The export's name; null when an earlier try exported and erased the object, and got no further. */
async function exportAndErase(ports: Ports, entry: DirectoryEntry): Promise<string | null> {
  const status = await statusOf(ports, entry);
  const name = status === null ? null : await exportAtRest(ports, entry, status);
  await erase(ports, entry);
  ports.log({ event: "account-deleted", level: "warn", account_id: entry.accountId, export: name });
  return name;
}

/** null when the object holds no account any more. */
async function statusOf(ports: Ports, entry: DirectoryEntry): Promise<AccountStatus | null> {
  return applyAll(ports, entry, [{ kind: "account" }]).then(
    ([{ account }]) => account.status,
    (error: unknown) => {
      if (error instanceof RouterError && error.code === "not_found") return null;
      throw error;
    },
  );
}

/** Deactivated first: what came in during the export would be in no export. */
async function exportAtRest(ports: Ports, entry: DirectoryEntry, status: AccountStatus): Promise<string> {
  const name = `accounts/${entry.accountId}/${rfc3339(ports.now())}.jsonl`;
  await changeStatus(ports, entry, "deactivated");
  try {
    await ports.account(entry).drain();
    await ports.archive.put(name, exportLines(ports, entry));
  } catch (cause) {
    await changeStatus(ports, entry, status);
    const message = "The account could not be exported, so nothing of it was erased: try again.";
    throw new RouterError("overloaded", message, { cause });
  }
  return name;
}

async function changeStatus(ports: Ports, entry: DirectoryEntry, status: AccountStatus): Promise<void> {
  await applyAll(ports, entry, [{ kind: "change-account", changes: { status } }]);
}

/** A Worker waits for at most six answers at once. */
const OBJECTS_AT_ONCE = 6;

/** The directory's row last: as long as it stands, a deletion that was cut short can be asked for again. */
async function erase(ports: Ports, entry: DirectoryEntry): Promise<void> {
  // Before its logs: its outbox would fill them again.
  await ports.account(entry).erase();
  const months = loggedMonths(entry.createdAtMs, ports.now());
  await inBatches(months, OBJECTS_AT_ONCE, (month) => ports.usageLog(entry, month).erase());
  const places = await answerPlaces(ports, entry);
  await inBatches(places, OBJECTS_AT_ONCE, (place) => ports.answers(entry, place).erase());
  await ports.directory.remove(entry.accountId);
}

/** Wherever a request of the account may have left the text of an answer. */
async function answerPlaces(
  ports: Ports,
  { jurisdiction }: DirectoryEntry,
): Promise<readonly Jurisdiction[]> {
  const { rows } = await ports.catalog();
  return [
    ...new Set([
      jurisdiction,
      "none" as const,
      ...rows.regions.map((region) => region.jurisdiction ?? "none"),
    ]),
  ];
}
