// Doors for tests of the Account object: an account of its own per test, the commands that requests send, and
// what tests need to look behind the door: its storage, its clock, and ways to make it forget.
import { abortAllDurableObjects, env, runInDurableObject } from "cloudflare:test";
import type {
  AccountDoor,
  AdmitCommand,
  Answer,
  Command,
  CommandOf,
  NewKey,
} from "../../../src/domain/account-commands.ts";
import type { KeyId, RequestId, ReservationId } from "../../../src/domain/ids.ts";
import { type Claim, SCOPES } from "../../../src/domain/key.ts";
import { packRow } from "../../../src/domain/packed-row.ts";
import type { LimitOverrides, Plan } from "../../../src/domain/plan.ts";
import type { UsageLogDoor } from "../../../src/domain/usage-log.ts";
import { sampleRow } from "../../domain/sample-row.ts";
import { WORKER_BINDINGS } from "../../support/worker-bindings.ts";

export const LEASE_MS = Number(WORKER_BINDINGS.LEASE_S) * 1_000;
/** In which settlements wait for others to share their commit. */
export const SAVE_MS = 100;

const bindings = env as unknown as {
  readonly ACCOUNT: DurableObjectNamespace;
  readonly USAGE_LOG: DurableObjectNamespace;
};

/** Objects of one name are the same within a file of tests, and forgotten behind it. */
let accounts = 0;

export function newKey(id: string, more: Partial<NewKey> = {}): NewKey {
  return {
    id: id as KeyId,
    name: "test",
    prefix: "inf_1n",
    proof: { pepperVersion: 1, mac: `mac-of-${id}` },
    scopes: SCOPES,
    modelPool: null,
    optimizeMode: null,
    region: null,
    rpm: null,
    budget: null,
    expiresAtMs: null,
    ...more,
  };
}

export const claimOf = (id: string) =>
  ({
    by: "key",
    keyId: id as KeyId,
    proofs: [{ pepperVersion: 1, mac: `mac-of-${id}` }],
  }) as const;

export const CLAIM = claimOf("key_manage00");

export interface OpenAccount {
  readonly name: string;
  /** A new stub each time: one that saw its object break stays broken. */
  stub(): DurableObjectStub;
  door(): AccountDoor;
  apply(...commands: Command[]): Promise<readonly Answer[]>;
  /** The log of this month, or of another. */
  log(month?: string): UsageLogDoor;
  /** Runs inside the object, beside its storage. */
  inside<Result>(work: (storage: DurableObjectStorage) => Result | Promise<Result>): Promise<Result>;
}

export interface Opening {
  readonly plan?: Plan;
  readonly microUsd?: number;
  readonly limits?: LimitOverrides;
}

/** With a management key that may everything, and some credits. */
export async function openAccount(opening: Opening = {}): Promise<OpenAccount> {
  const { plan = "enterprise", microUsd = 1_000_000, limits } = opening;
  const name = `account-${accounts++}`;
  const stub = () => bindings.ACCOUNT.get(bindings.ACCOUNT.idFromName(name));
  const door = () => stub() as unknown as AccountDoor;
  const apply = async (...commands: Command[]) => await door().apply(commands);
  const month = new Date(Date.now()).toISOString().slice(0, 7);
  await apply(
    { kind: "open-account", name: "Test", plan, jurisdiction: "none", managementKey: newKey(CLAIM.keyId) },
    { kind: "deposit", reference: "start", microUsd, entry: "deposit" },
    ...(limits === undefined ? [] : [{ kind: "change-account", changes: { limits } } as const]),
  );
  return {
    name,
    stub,
    door,
    apply,
    log: (of = month) =>
      bindings.USAGE_LOG.get(bindings.USAGE_LOG.idFromName(`${name}/${of}`)) as unknown as UsageLogDoor,
    inside: (work) => runInDurableObject(stub(), (_object, state) => work(state.storage)),
  };
}

/** `viewVersion` follows the account's: an account opened with limits of its own has been changed once. */
export function admission(
  n: number | string,
  { claim = CLAIM, ...more }: Partial<AdmitCommand> & { readonly claim?: Claim } = {},
): CommandOf<"admit"> {
  return {
    kind: "admit",
    ...claim,
    scope: "inference",
    nonce: `req_${n}` as RequestId,
    viewVersion: 1,
    intent: "consume",
    hold: { leastMicroUsd: 1_000, mostMicroUsd: 1_000 },
    tokens: 10,
    gpuMs: 0,
    idempotency: null,
    ...more,
  };
}

export function settlement(
  reservationId: ReservationId,
  more: Partial<CommandOf<"settle">> = {},
): CommandOf<"settle"> {
  const { requestId = "req_1" as RequestId, microUsd = 400 } = more;
  const row = sampleRow({
    request_id: requestId,
    cost_micro_usd: microUsd,
    key_id: CLAIM.keyId,
    created_at_ms: Date.now(),
  });
  return {
    kind: "settle",
    reservationId,
    requestId,
    keyId: CLAIM.keyId,
    microUsd,
    tokens: 7,
    gpuMs: 0,
    rowJson: packRow(row),
    ...more,
  };
}

export function reservationOf(answer: Answer | undefined): ReservationId {
  if (answer?.ok && "verdict" in answer && answer.verdict === "admitted" && answer.reservation) {
    return answer.reservation.id;
  }
  throw new Error(`not admitted: ${JSON.stringify(answer)}`);
}

export function codeOf(answer: Answer | undefined): string {
  if (answer === undefined) return "no answer";
  return answer.ok ? "ok" : answer.code;
}

export async function creditsOf(account: OpenAccount) {
  const [answer] = await account.apply({ kind: "credits" });
  if (!answer?.ok || !("pendingMicroUsd" in answer)) throw new Error("no credits");
  const { balanceMicroUsd, pendingMicroUsd, availableMicroUsd } = answer;
  return { balanceMicroUsd, pendingMicroUsd, availableMicroUsd };
}

/** As a crash or a deployment does it: memory is gone, and whatever was under way with it. */
export async function crash(): Promise<void> {
  await abortAllDurableObjects();
}
