// The Account object: one per account, in its jurisdiction; owner of keys, limits and credits. RPC only,
// one method: `apply(commands)`. Commands run in order in one synchronous turn, so a list is atomic; the
// output gate holds the answer until its writes are durable. It knows no HTTP and no models.
import { DurableObject } from "cloudflare:workers";
import { nextExpiryMs } from "../src/admission/ledger.ts";
import { type RateSnapshot, restore, snapshot } from "../src/admission/rate-window.ts";
import type { Answer, AnswerOf, Command, CommandKind, CommandOf } from "../src/domain/account-commands.ts";
import { changeAccount, openAccount, showAccount } from "./account/account-commands.ts";
import { authorize, changeKey, createKey, revokeKey, showKey, showKeys } from "./account/key-commands.ts";
import {
  admit,
  deposit,
  expireLeases,
  settle,
  showCredits,
  showTransactions,
  touch,
  voidHold,
} from "./account/ledger-commands.ts";
import { migrate } from "./account/schema.ts";
import { type AccountState, loadState } from "./account/state.ts";

type Runs = {
  readonly [K in CommandKind]: (state: AccountState, command: CommandOf<K>, nowMs: number) => AnswerOf<K>;
};

const RUNS: Runs = {
  admit,
  settle,
  touch,
  void: voidHold,
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
};

interface AccountEnv {
  readonly LEASE_S?: string;
}

const DEFAULT_LEASE_S = 60;
/** The request window is written at most once a second: a crash admits one second's worth more, never less. */
const SNAPSHOT_EVERY_MS = 1_000;
const SNAPSHOT_KEY = "request-window";
/** Far more than a batch of settlements; a longer list is a fault of ours. */
const MAX_COMMANDS = 1_000;

export class Account extends DurableObject<AccountEnv> {
  readonly #state: AccountState;
  #alarmAtMs: number | null = null;
  #snapshotTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(ctx: DurableObjectState, env: AccountEnv) {
    super(ctx, env);
    migrate(ctx.storage);
    this.#state = loadState(ctx.storage.sql, Number(env.LEASE_S ?? DEFAULT_LEASE_S) * 1000);
    const saved = ctx.storage.kv.get<RateSnapshot>(SNAPSHOT_KEY);
    if (saved !== undefined) this.#state.window = restore(saved);
    // Alarms have been lost in the past: whoever wakes makes sure that open leases will end.
    this.#armAlarm();
  }

  /** Answers in order, one per command that ran; the first refusal ends the list. */
  apply(commands: readonly Command[]): readonly Answer[] {
    const nowMs = Date.now();
    const before = this.#state.window.sum;
    const answers: Answer[] = [];
    for (const command of commands.slice(0, MAX_COMMANDS)) {
      const answer = run(this.#state, command, nowMs);
      answers.push(answer);
      if (!answer.ok) break;
    }
    if (this.#state.window.sum !== before) this.#scheduleSnapshot();
    this.#armAlarm();
    return answers;
  }

  override async alarm(): Promise<void> {
    this.#alarmAtMs = null;
    expireLeases(this.#state, Date.now());
    this.#armAlarm();
  }

  /** One alarm at the first lease's end; renewals only move the end away, the alarm then finds nothing due. */
  #armAlarm(): void {
    if (this.#alarmAtMs !== null) return;
    const nextMs = nextExpiryMs(this.#state.ledger);
    if (nextMs === null) return;
    this.#alarmAtMs = nextMs;
    void this.ctx.storage.setAlarm(nextMs);
  }

  #scheduleSnapshot(): void {
    // Idle objects are evicted after about ten seconds, so a timer of one second always fires.
    this.#snapshotTimer ??= setTimeout(() => {
      this.#snapshotTimer = null;
      void this.ctx.storage.put(SNAPSHOT_KEY, snapshot(this.#state.window), { allowUnconfirmed: true });
    }, SNAPSHOT_EVERY_MS);
  }
}

function run<K extends CommandKind>(state: AccountState, command: CommandOf<K>, nowMs: number): AnswerOf<K> {
  return RUNS[command.kind](state, command, nowMs);
}
