// What was done to the account and by whom: one row per command that changed something, written in the same
// turn. Which commands those are stands here alone, so that a new one must say whether it leaves a trace.
import type { Answer, AnswerOf, Command, CommandOf, KeySettings } from "../../src/domain/account-commands.ts";
import type { Actor, AuditAction, AuditEntry } from "../../src/domain/audit.ts";
import { toUsd } from "../../src/domain/money.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import type { AccountState } from "./state.ts";

export interface Deed {
  readonly actor: Actor;
  readonly command: Command;
  readonly answer: Answer;
}

/** Some 20 MB: nobody changes keys so often, except to fill the disk. */
const MAX_ENTRIES = 100_000;

export function recordDeed({ sql }: AccountState, { actor, command, answer }: Deed, nowMs: number): void {
  const trace = answer.ok ? traceOf(command, answer) : null;
  if (trace === null) return;
  const { action, target, facts } = trace;
  const [row] = sql
    .exec(
      "INSERT INTO audit(at_ms, actor, action, target, facts) VALUES (?, ?, ?, ?, ?) RETURNING seq",
      nowMs,
      actor,
      action,
      target,
      JSON.stringify(facts),
    )
    .toArray();
  sql.exec("DELETE FROM audit WHERE seq <= ?", Number(row?.seq ?? 0) - MAX_ENTRIES);
}

/** Lists of commands begin with who asks; operators' lists do not, for the Worker has proven them itself. */
export function actorOf([first]: readonly Command[]): Actor {
  if (first?.kind !== "authorize") return "operator";
  return first.by === "subject" ? "subject" : `${first.by}:${first.keyId}`;
}

/** Newest first. */
export function showAudit({ sql }: AccountState, command: CommandOf<"audit">): AnswerOf<"audit"> {
  const rows = sql.exec(
    "SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?",
    command.beforeSeq ?? Number.MAX_SAFE_INTEGER,
    command.limit,
  );
  return { ok: true, rows: rows.toArray().map(entryOf) };
}

interface Trace {
  readonly action: AuditAction;
  readonly target: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** null: nothing changed, or only what requests change. Facts are spelled as on the wire. */
function traceOf(command: Command, answer: Answer): Trace | null {
  switch (command.kind) {
    case "open-account": {
      const { plan, jurisdiction, managementKey } = command;
      return {
        action: "account.open",
        target: null,
        facts: { plan, jurisdiction, key_id: managementKey.id },
      };
    }
    case "change-account":
      return { action: "account.change", target: null, facts: command.changes };
    case "deposit": {
      if ("repeated" in answer && answer.repeated) return null;
      const { entry, reference, microUsd } = command;
      return {
        action: "credits.give",
        target: null,
        facts: { entry, reference, amount_usd: toUsd(microUsd) },
      };
    }
    case "create-key":
    case "change-key":
    case "revoke-key":
    case "rotate-key":
      return traceOfKey(command);
    case "open-session":
      return { action: "session.open", target: command.sessionId, facts: { key_id: command.keyId } };
    case "end-session":
      if (!("ended" in answer) || !answer.ended) return null;
      return { action: "session.end", target: command.sessionId, facts: {} };
    case "admit":
    case "end-idempotency":
    case "settle":
    case "touch":
    case "authorize":
    case "credits":
    case "transactions":
    case "account":
    case "list-keys":
    case "get-key":
    case "audit":
      return null;
    default:
      return assertNever(command);
  }
}

type KeyDeed = Extract<Command, { kind: "create-key" | "change-key" | "revoke-key" | "rotate-key" }>;

function traceOfKey(command: KeyDeed): Trace {
  switch (command.kind) {
    case "create-key": {
      const { id, scopes, ...settings } = command.key;
      return { action: "key.create", target: id, facts: { scopes, ...settingFacts(settings) } };
    }
    case "change-key":
      return { action: "key.change", target: command.keyId, facts: settingFacts(command.changes) };
    case "revoke-key":
      return { action: "key.revoke", target: command.keyId, facts: {} };
    case "rotate-key":
      return { action: "key.rotate", target: command.keyId, facts: { overlap_ms: command.overlapMs } };
    default:
      return assertNever(command);
  }
}

/** By name: what is not listed, a proof above all, is never written down. */
function settingFacts(settings: Partial<KeySettings>): Trace["facts"] {
  const { name, modelPool: model_pool, optimizeMode: optimize_mode, region, rpm, budget } = settings;
  const amount_usd = budget ? toUsd(budget.amountMicroUsd) : null;
  const facts = {
    name,
    model_pool,
    optimize_mode,
    region,
    rpm,
    budget: budget ? { amount_usd, period: budget.period } : budget,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

// The casts read back what `recordDeed` wrote from the same types.
function entryOf(row: Record<string, SqlStorageValue>): AuditEntry {
  return {
    seq: Number(row.seq),
    atMs: Number(row.at_ms),
    actor: String(row.actor) as Actor,
    action: String(row.action) as AuditAction,
    target: row.target as string | null,
    facts: JSON.parse(String(row.facts)) as AuditEntry["facts"],
  };
}
