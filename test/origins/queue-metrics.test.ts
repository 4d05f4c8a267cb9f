import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metrics } from "../../sim/vllm-models.ts";
import { readQueues } from "../../src/origins/queue-metrics.ts";

describe("queue depth from metrics", () => {
  it("reads vLLM's gauges by served name, several engines together", () => {
    const text = [
      "# TYPE vllm:num_requests_running gauge",
      'vllm:num_requests_running{engine="0",model_name="qwen3-14b"} 3.0',
      'vllm:num_requests_running{engine="1",model_name="qwen3-14b"} 2.0',
      'vllm:num_requests_waiting{engine="0",model_name="qwen3-14b"} 7.0 1712345678',
      'vllm:num_requests_waiting_by_reason{model_name="qwen3-14b",reason="capacity"} 99',
      'vllm:num_requests_running{model_name="other"} 1',
    ].join("\n");
    expect([...readQueues(text)]).toEqual([
      ["qwen3-14b", { running: 5, waiting: 7 }],
      ["other", { running: 1, waiting: 0 }],
    ]);
  });

  it("reads SGLang's and TGI's", () => {
    const sglang = 'sglang:num_running_reqs{model_name="m"} 4\nsglang:num_queue_reqs{model_name="m"} 1\n';
    expect(readQueues(sglang).get("m")).toEqual({ running: 4, waiting: 1 });
    expect(readQueues("tgi_batch_current_size 8\ntgi_queue_size 2\n").get("")).toEqual({
      running: 8,
      waiting: 2,
    });
  });

  it("reads what the simulator writes", () => {
    const engine = { servedAs: "m", running: 2, waiting: [1, 2, 3], timing: () => ({ slots: 4 }) };
    const answer = metrics({ engines: new Map([["m", engine]]) } as never); // of a call it reads the engines alone
    if (answer.kind !== "whole") throw new Error("metrics are no stream");
    expect(readQueues(String(answer.body)).get("m")).toEqual({ running: 2, waiting: 3 });
  });

  it("takes no nonsense for a count", () => {
    const odd = ["NaN", "-1", "+Inf", "", "x"].map((value) => `tgi_queue_size ${value}`).join("\n");
    expect(readQueues(odd).size).toBe(0);
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { running, waiting } of readQueues(text).values()) {
          expect(Number.isFinite(running + waiting)).toBe(true);
        }
      }),
    );
  });
});
