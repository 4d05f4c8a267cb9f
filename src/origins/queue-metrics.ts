// Queue depth from an inference server's Prometheus text: vLLM, SGLang and TGI name their gauges differently and
// mean the same. Pure; a text without any of them tells nothing.
import type { Queue } from "../domain/health.ts";

const GAUGES: Readonly<Record<string, keyof Queue>> = {
  "vllm:num_requests_running": "running",
  "vllm:num_requests_waiting": "waiting",
  "sglang:num_running_reqs": "running",
  "sglang:num_queue_reqs": "waiting",
  tgi_batch_current_size: "running",
  tgi_queue_size: "waiting",
};

/** Lines beyond it are not read: a server with histograms of many models writes some thousands. */
const MAX_LINES = 50_000;

/** By the model's served name; "" for gauges without one. Several engines of a model are added up. */
export function readQueues(text: string): ReadonlyMap<string, Queue> {
  const queues = new Map<string, Queue>();
  for (const line of text.split("\n", MAX_LINES)) {
    const sample = sampleOf(line);
    if (sample === null) continue;
    const before = queues.get(sample.model) ?? { running: 0, waiting: 0 };
    queues.set(sample.model, { ...before, [sample.gauge]: before[sample.gauge] + sample.value });
  }
  return queues;
}

interface Sample {
  readonly gauge: keyof Queue;
  readonly model: string;
  readonly value: number;
}

/** `name{label="x",…} value`, the labels and a time behind the value optional. */
function sampleOf(line: string): Sample | null {
  const nameEnd = line.search(/[{ ]/);
  const name = line.slice(0, Math.max(0, nameEnd));
  const gauge = Object.hasOwn(GAUGES, name) ? GAUGES[name] : undefined;
  if (gauge === undefined) return null;
  const labelsEnd = line[nameEnd] === "{" ? line.lastIndexOf("}") + 1 : nameEnd;
  const labels = line.slice(nameEnd, labelsEnd);
  const value = Number(line.slice(labelsEnd).trim().split(" ", 1)[0] || Number.NaN);
  if (!Number.isFinite(value) || value < 0) return null;
  return { gauge, model: /[{,]model_name="([^"]*)"/.exec(labels)?.[1] ?? "", value };
}
