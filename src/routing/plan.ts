// The front of routing: one request and one view of the world in, a Route or the reason why there
// is none out. Pure: the clock, the ids and the health board are arguments.
// Deliberately knows no dialect and no origin's address; it reads facts and ranks them.
import { type Catalog, isVisible, type Model } from "../domain/catalog.ts";
import { invalid, RouterError } from "../domain/errors.ts";
import type { HealthBoard } from "../domain/health.ts";
import type { AccountId, DecisionId } from "../domain/ids.ts";
import { AUTO, type Inference, type Mode } from "../domain/inference.ts";
import type { KeyView } from "../domain/key.ts";
import type { Candidate, Profile, Route } from "../domain/route.ts";
import type { Ability } from "./ability/ability.ts";
import { abilityFor } from "./ability/installed.ts";
import { type Assembly, assemble } from "./assemble.ts";
import { capabilitiesFor, type Demand, type Screened, screen, windowFor } from "./candidates.ts";
import { classify } from "./classify/classify.ts";
import { unclassified } from "./classify/unclassified.ts";
import { stayWith } from "./conversation.ts";
import { estimateModel, type Place, type Workload } from "./estimate.ts";
import { forbiddenRegion, type Policy, readPolicy } from "./policy.ts";
import { MAX_POOL_ENTRIES } from "./pool.ts";
import { bestModelOf, type ModelGroup, rankModels } from "./rank.ts";
import { reasonForAuto, reasonForNamed } from "./reason.ts";
import { forbiddenModel, refuseAuto, refuseNamed, unknownModel } from "./refuse.ts";

export interface PlanView {
  readonly catalog: Catalog;
  readonly keyView: KeyView;
  readonly accountId: AccountId;
  readonly health: HealthBoard;
  readonly nowMs: number;
  readonly callerPlace: Place | null;
  readonly decisionId: DecisionId;
  /** The conversation: its requests prefer one origin among equals. null: expected time alone. */
  readonly sessionKey: string | null;
  /** The model that answered the conversation so far; null where none did. */
  readonly keptModelId: string | null;
}

export type Planned =
  | { readonly ok: true; readonly route: Route }
  | {
      readonly ok: false;
      readonly error: RouterError;
      /** null where the request was refused before it was classified, or names its model. */
      readonly profile: Profile | null;
      readonly candidates: readonly Candidate[];
    };

export function plan(inference: Inference, view: PlanView): Planned {
  const policy = readPolicy(inference, view);
  if (policy instanceof RouterError) return refused(policy);
  const job: Job = { inference, view, policy, demand: demandOf(inference, policy, view) };
  return inference.model === AUTO ? planAuto(job) : planNamed(job);
}

interface Job {
  readonly inference: Inference;
  readonly view: PlanView;
  readonly policy: Policy;
  readonly demand: Demand;
}

function planAuto(job: Job): Planned {
  const { inference, view, policy } = job;
  const regionError = forbiddenRegion(inference, view.keyView);
  if (regionError !== null) return refused(regionError);
  // One reading of the prompt serves every model; it is overwritten by the next decision.
  const ability = abilityFor(inference.prompt.text);
  const profile = profileOf(job, ability);
  const screened = policy.visibleModels.map((model) => screenModel(model, { profile, ability }, job));
  const order = (groups: readonly ModelGroup[], mode: Mode) =>
    stayWith(rankModels(groups, mode), view.keptModelId);
  const assembly = assemble(screened, { ...assemblyOf(job, profile), order });
  if (assembly.groups.length === 0) {
    const error = refuseAuto(screened, job.demand);
    return { ok: false, error, profile, candidates: assembly.candidates };
  }
  return {
    ok: true,
    route: routeOf(job, {
      profile,
      assembly,
      reason: reasonForAuto(assembly.groups, { profile, mode: policy.mode, keptModelId: view.keptModelId }),
    }),
  };
}

function planNamed(job: Job): Planned {
  const { inference, view, demand } = job;
  const named = namedModels(inference, view);
  if (named instanceof RouterError) return refused(named);
  const profile = unclassified(inference.prompt, {
    needs: inference.needs,
    maxOutputTokens: outputCeiling(inference),
  });
  const screened = named.map((one) => screenModel(one.model, { profile, ability: null }, job));
  const asked = inference.wishes.fallback ? screened : screened.slice(0, 1);
  // The caller's order is the rank: `models` are fallbacks, not a pool.
  const assembly = assemble(asked, { ...assemblyOf(job, profile), order: (groups) => groups });
  const { candidates } = assembly;
  for (const [index, one] of named.entries()) {
    const model = screened[index];
    const error = model === undefined ? null : forbiddenModel(model, demand, one.param);
    if (error !== null) return { ok: false, error, profile: null, candidates };
  }
  const regionError = forbiddenRegion(inference, view.keyView);
  if (regionError !== null) return refused(regionError);
  if (assembly.groups.length === 0) {
    return { ok: false, error: refuseNamed(asked, demand), profile: null, candidates };
  }
  return {
    ok: true,
    route: routeOf(job, { profile, assembly, reason: reasonForNamed(assembly.groups, asked) }),
  };
}

interface Outcome {
  readonly profile: Profile;
  readonly assembly: Assembly;
  readonly reason: string;
}

function routeOf(job: Job, outcome: Outcome): Route {
  const { inference, view, policy } = job;
  return {
    decisionId: view.decisionId,
    isSmart: inference.model === AUTO,
    profile: inference.model === AUTO ? outcome.profile : null,
    optimize: policy.mode,
    targets: outcome.assembly.targets,
    candidates: outcome.assembly.candidates,
    bestModel: inference.model === AUTO ? bestModelOf(outcome.assembly.groups) : null,
    pinnedRegion: policy.pinnedRegion,
    reason: outcome.reason,
    fallback: inference.wishes.fallback,
  };
}

function refused(error: RouterError): Planned {
  return { ok: false, error, profile: null, candidates: [] };
}

function demandOf(inference: Inference, policy: Policy, view: PlanView): Demand {
  return {
    accountId: view.accountId,
    keyPool: policy.keyPool,
    requestPools: policy.requestPools,
    poolParam: inference.wishes.pool === null ? "models" : "routing.model_pool",
    task: inference.task?.task ?? null,
    capabilities: capabilitiesFor(inference),
    window: windowFor(inference),
    maxCostMicroUsd: inference.wishes.maxCostMicroUsd,
    pinnedRegion: policy.pinnedRegion,
    isDrained: ({ origin, model }) => view.health.get(origin.id, model.id).whole.isDrained,
  };
}

function profileOf({ inference, policy }: Job, ability: Ability | null): Profile {
  const options = { task: policy.task, maxOutputTokens: outputCeiling(inference), ability };
  return classify(inference.prompt, inference.needs, options);
}

/** Embeddings and tasks write no tokens. */
function outputCeiling(inference: Inference): number | null {
  const isText = inference.wire === "openai-chat" || inference.wire === "openai-completions";
  return isText ? inference.maxOutputTokens : 0;
}

function screenModel(model: Model, seen: Pick<Workload, "profile" | "ability">, job: Job): Screened {
  const { view, inference, demand } = job;
  const estimate = estimateModel(model, { ...seen, choices: inference.choices });
  return screen({ model, targets: view.catalog.targets.get(model.id) ?? [], estimate }, demand);
}

function assemblyOf(job: Job, profile: Profile) {
  const { view, inference, policy } = job;
  return {
    profile,
    around: {
      regions: view.catalog.regions,
      health: view.health,
      nowMs: view.nowMs,
      callerPlace: view.callerPlace,
      canFallBack: inference.wishes.fallback,
    },
    mode: policy.mode,
    sessionKey: view.sessionKey,
    fallback: inference.wishes.fallback,
  };
}

interface NamedModel {
  readonly model: Model;
  readonly param: string;
}

/** The model asked for, then its fallbacks, each once; all must exist for this account. */
function namedModels(inference: Inference, view: PlanView): readonly NamedModel[] | RouterError {
  if (inference.fallbackModels.length > MAX_POOL_ENTRIES) {
    return invalid("models", `'models' names too many models; at most ${MAX_POOL_ENTRIES} are read.`);
  }
  const found = new Map<string, NamedModel>();
  const names = [inference.model, ...inference.fallbackModels];
  for (const [index, name] of names.entries()) {
    const param = index === 0 ? "model" : `models[${index - 1}]`;
    const model = view.catalog.models.get(name);
    if (model === undefined || !isVisible(model, view.accountId)) return unknownModel(name, param);
    if (!found.has(model.id)) found.set(model.id, { model, param });
  }
  return [...found.values()];
}
