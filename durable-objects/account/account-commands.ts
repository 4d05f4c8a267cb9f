// The account itself: opened once by an operator, changed and shown.
import type { AnswerOf, CommandOf } from "../../src/domain/account-commands.ts";
import { bumpViews } from "./key-commands.ts";
import { insertKey } from "./key-store.ts";
import { saveAccount } from "./save.ts";
import { type AccountState, refuse } from "./state.ts";

export function openAccount(
  state: AccountState,
  command: CommandOf<"open-account">,
  nowMs: number,
): AnswerOf<"open-account"> {
  if (state.facts !== null) return refuse("invalid_value", "This account exists already: choose another id.");
  const { name, plan, jurisdiction, managementKey } = command;
  const facts = { name, plan, status: "active", jurisdiction, limits: {}, createdAtMs: nowMs } as const;
  state.facts = facts;
  state.viewVersion = 1;
  saveAccount(state, nowMs);
  insertKey(state, managementKey, nowMs);
  return { ok: true, account: facts };
}

export function changeAccount(
  state: AccountState,
  command: CommandOf<"change-account">,
): AnswerOf<"change-account"> {
  if (state.facts === null) return noSuchAccount();
  const { limits, ...rest } = command.changes;
  state.facts = { ...state.facts, ...rest, limits: { ...state.facts.limits, ...limits } };
  bumpViews(state);
  return { ok: true, account: state.facts };
}

export function showAccount(state: AccountState): AnswerOf<"account"> {
  return state.facts === null ? noSuchAccount() : { ok: true, account: state.facts };
}

function noSuchAccount() {
  return refuse("not_found", "There is no such account: list the accounts to see their ids.");
}
