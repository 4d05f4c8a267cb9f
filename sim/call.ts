// One request as an endpoint sees it: parsed, with everything that is not pure (ids, the clock)
// already decided by the edge. Endpoints are functions from a Call to an Answer.

import type { ModelTask } from "../src/domain/catalog.ts";
import type { Answer, Parsed, WholeAnswer } from "./answer.ts";
import type { Engine } from "./engine.ts";
import { gpuMs, type Timing, type Work } from "./gpu.ts";
import { isObject, type JsonObject, textAt } from "./json-object.ts";
import { badRequest, invalidBody, unknownModel } from "./refusals.ts";
import { defaultServed, findServed, type Served, type Shelf } from "./served.ts";

export interface Call {
  readonly shelf: Shelf;
  /** By served name. */
  readonly engines: ReadonlyMap<string, Engine>;
  readonly timing: Timing;
  readonly region: RegionTraits;
  /** 32 hexadecimal digits, new for each request. */
  readonly id: string;
  readonly createdS: number;
  /** Parsed JSON, or the bytes of any other content type. */
  readonly body: unknown;
  readonly contentType: string;
  /** As it came; empty when it did not. */
  readonly accept: string;
  readonly query: URLSearchParams;
  /** The rest of the path, decoded, where a route has one. */
  readonly rest: string;
}

export interface RegionTraits {
  readonly gpuTime: boolean;
  readonly prefixCache: boolean;
  readonly startedS: number;
}

export type Endpoint = (call: Call) => Answer;

/** The JSON body and the model it names, of the tasks this endpoint can serve. */
export function readModelCall(
  call: Call,
  tasks: readonly ModelTask[],
  endpoint: string,
): Parsed<{ readonly body: JsonObject; readonly served: Served }> {
  const { body } = call;
  if (!isObject(body)) return invalidBody("body", "Input should be a valid dictionary");
  const name = textAt(body, "model");
  const served = name === null ? defaultServed(call.shelf) : findServed(call.shelf, name);
  if (served === null) return unknownModel("vllm", name ?? "");
  if (!tasks.includes(served.base.task)) return badRequest(`The model does not support ${endpoint} API`);
  return { ok: true, value: { body, served } };
}

/** null where this model does not report GPU time. */
export function reportedGpuMs(call: Call, served: Served, work: Work): number | null {
  if (!(served.base.gpuTime ?? call.region.gpuTime)) return null;
  return gpuMs(call.timing, served.base.parametersB, work);
}

export function withWork(answer: WholeAnswer, work: WorkOf, call: Call): WholeAnswer {
  const { served, ...amount } = work;
  const ms = reportedGpuMs(call, served, amount);
  const headers = ms === null ? answer.headers : { ...answer.headers, "x-gpu-ms": String(ms) };
  const engineWork = { servedAs: served.base.servedAs, promptTokens: work.promptTokens, steps: work.steps };
  return { ...answer, headers, tokens: work.tokens, work: engineWork };
}

interface WorkOf extends Work {
  readonly served: Served;
  readonly tokens: number;
}
