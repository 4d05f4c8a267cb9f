// vLLM's endpoints about itself: the list of models, LoRA adapters, health and metrics.
import { type Answer, jsonAnswer, textAnswer } from "./answer.ts";
import type { Call } from "./call.ts";
import type { Engine } from "./engine.ts";
import { isObject, type JsonObject, textAt } from "./json-object.ts";
import { refusal } from "./refusals.ts";
import { MAX_ADAPTERS, rootOf } from "./served.ts";

export function vllmModels(call: Call): Answer {
  const models = call.shelf.models.map((model) =>
    modelCard(call, {
      id: model.servedAs,
      root: rootOf(model),
      parent: null,
      max_model_len: model.contextLength,
    }),
  );
  const adapters = [...call.shelf.adapters.values()].map((adapter) =>
    modelCard(call, {
      id: adapter.name,
      root: adapter.path,
      parent: adapter.base.servedAs,
      max_model_len: null,
    }),
  );
  return jsonAnswer(200, { object: "list", data: [...models, ...adapters] });
}

interface Card {
  readonly id: string;
  readonly root: string;
  readonly parent: string | null;
  readonly max_model_len: number | null;
}

function modelCard(call: Call, card: Card): JsonObject {
  const created = call.region.startedS;
  const permission = {
    id: `modelperm-${call.id}`,
    object: "model_permission",
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: "*",
    group: null,
    is_blocking: false,
  };
  const { id, root, parent, max_model_len } = card;
  return {
    id,
    object: "model",
    created,
    owned_by: "vllm",
    root,
    parent,
    max_model_len,
    permission: [permission],
  };
}

/**
 * One vLLM serves one base model, a region serves many: `base_model_name` says which, and without
 * it the first that writes text is taken.
 */
export function loadAdapter(call: Call): Answer {
  const body = isObject(call.body) ? call.body : {};
  const name = textAt(body, "lora_name");
  const path = textAt(body, "lora_path");
  if (!name || !path) return invalidInput("Both 'lora_name' and 'lora_path' must be provided.");
  const { models, adapters } = call.shelf;
  if (adapters.has(name) && body.load_inplace !== true) {
    return invalidInput(
      `The lora adapter '${name}' has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True.`,
    );
  }
  const wanted = textAt(body, "base_model_name");
  const base = models.find((model) =>
    wanted === null ? model.task === "text-generation" : [model.servedAs, model.root].includes(wanted),
  );
  if (base === undefined || models.some((model) => model.servedAs === name)) {
    return invalidInput(`The lora adapter '${name}' cannot be loaded on this server.`);
  }
  if (adapters.size >= MAX_ADAPTERS) return invalidInput(`At most ${MAX_ADAPTERS} adapters can be loaded.`);
  adapters.set(name, { name, path, base });
  return textAnswer(200, `Success: LoRA adapter '${name}' added successfully.`, "text/plain; charset=utf-8");
}

export function unloadAdapter(call: Call): Answer {
  const name = isObject(call.body) ? textAt(call.body, "lora_name") : null;
  if (!name) return invalidInput("'lora_name' needs to be provided to unload a LoRA adapter.");
  if (!call.shelf.adapters.delete(name)) {
    const message = `The lora adapter '${name}' cannot be found.`;
    return refusal("vllm", { status: 404, type: "NotFoundError", message });
  }
  return textAnswer(
    200,
    `Success: LoRA adapter '${name}' removed successfully.`,
    "text/plain; charset=utf-8",
  );
}

function invalidInput(message: string): Answer {
  return refusal("vllm", { status: 400, type: "InvalidUserInput", message });
}

export function health(): Answer {
  return textAnswer(200, "", "text/plain; charset=utf-8");
}

/** Prometheus text, of the gauges that routers read. */
export function metrics(call: Call): Answer {
  const all = [...call.engines.values()];
  const gauges = [
    gauge(
      "vllm:num_requests_running",
      "Number of requests in model execution batches.",
      (one) => one.running,
    ),
    gauge(
      "vllm:num_requests_waiting",
      "Number of requests waiting to be processed.",
      (one) => one.waiting.length,
    ),
    gauge("vllm:gpu_cache_usage_perc", "GPU KV-cache usage. 1 means 100 percent usage.", (one) =>
      Math.min(1, one.running / one.timing().slots),
    ),
  ];
  const text = gauges.map((write) => write(all)).join("");
  return textAnswer(200, text, "text/plain; version=0.0.4; charset=utf-8");
}

function gauge(name: string, help: string, read: (engine: Engine) => number) {
  return (engines: readonly Engine[]): string => {
    const rows = engines.map((one) => `${name}{engine="0",model_name="${one.servedAs}"} ${read(one)}\n`);
    return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${rows.join("")}`;
  };
}
