// The table of commands: what each does to the account's state. To add one: a row in the domain's table of
// commands, a function, and a row here.
import type { Answer, AnswerOf, Command, CommandKind, CommandOf } from "../../src/domain/account-commands.ts";
import { changeAccount, openAccount, showAccount } from "./account-commands.ts";
import { showAudit } from "./audit.ts";
import { endIdempotency } from "./idempotency.ts";
import { authorize, changeKey, createKey, revokeKey, showKey, showKeys } from "./key-commands.ts";
import { admit, deposit, settle, showCredits, showTransactions, touch } from "./ledger-commands.ts";
import { rotateKey } from "./rotate-key.ts";
import { endSession, openSession } from "./sessions.ts";
import type { AccountState } from "./state.ts";

/** One command on one state: synchronous, so that a list of them is one turn. */
export function run(state: AccountState, command: Command, nowMs: number): Answer {
  return runOne(state, command, nowMs);
}

function runOne<K extends CommandKind>(
  state: AccountState,
  command: CommandOf<K>,
  nowMs: number,
): AnswerOf<K> {
  return RUNS[command.kind](state, command, nowMs);
}

type Runs = {
  readonly [K in CommandKind]: (state: AccountState, command: CommandOf<K>, nowMs: number) => AnswerOf<K>;
};

const RUNS: Runs = {
  admit,
  settle,
  "end-idempotency": endIdempotency,
  touch,
  authorize,
  credits: showCredits,
  transactions: showTransactions,
  deposit,
  "open-account": openAccount,
  "change-account": changeAccount,
  account: showAccount,
  "create-key": createKey,
  "list-keys": showKeys,
  "get-key": showKey,
  "change-key": changeKey,
  "revoke-key": revokeKey,
  "rotate-key": rotateKey,
  "open-session": openSession,
  "end-session": endSession,
  audit: showAudit,
};
