// A whole text of Workers AI, on OpenAI's wire: passed on where the model speaks it, written where it speaks its
// own: {response, tool_calls?, usage}. What streams share with it stands here too.
import type { Failure } from "../../domain/frame.ts";
import type { UsageReport } from "../../domain/usage.ts";
import { type Json, listOf, parseJson, recordOf } from "../../lib/record.ts";
import { disconnected } from "./failures.ts";
import type { Call, GoodAnswer, Whole } from "./kind.ts";
import { isErrorAnswer } from "./openai-frame.ts";
import { usageOf } from "./openai-usage.ts";
import { readOpenaiWhole } from "./openai-whole.ts";
import { textOf } from "./text-of.ts";

export function workersAiText(answer: GoodAnswer, call: Call): Whole | Failure {
  const text = textOf(answer);
  const value = parseJson(text);
  const native = recordOf(value);
  if (Array.isArray(native.choices) || isErrorAnswer(value)) {
    return readOpenaiWhole(text, call.inference.wire);
  }
  const said = saidBy(native.response);
  const tools = toolCallsIn(native.tool_calls, call);
  if (said === null && tools.length === 0) return disconnected("The origin answered without a result.");
  const usage = usageOf(native.usage);
  const finish_reason = finishReason({ toolCalls: tools.length, usage, call });
  const choice =
    call.inference.wire === "openai-completions"
      ? { index: 0, text: said ?? "", logprobs: null, finish_reason }
      : {
          index: 0,
          message: {
            role: "assistant",
            content: said,
            ...(tools.length === 0 ? {} : { tool_calls: tools }),
          },
          logprobs: null,
          finish_reason,
        };
  const written = {
    id: "",
    object: call.inference.wire === "openai-completions" ? "text_completion" : "chat.completion",
    created: answer.nowS,
    model: call.target.servedAs,
    choices: [choice],
    ...(usage === null ? {} : { usage: native.usage }),
  };
  return readOpenaiWhole(JSON.stringify(written), call.inference.wire);
}

/** Models that see a number or, asked for JSON, an object, answer with that instead of its text. */
export function saidBy(response: unknown): string | null {
  if (response === undefined || response === null) return null;
  return typeof response === "string" ? response : JSON.stringify(response);
}

/** Both forms in use: OpenAI's, and {name, arguments} without an id. `before` such calls stand in the same answer. */
export function toolCallsIn(value: unknown, { requestId }: Call, before = 0): readonly Json[] {
  return listOf(value).map((given, at) => {
    const call = recordOf(given);
    const told = recordOf(call.function ?? call);
    const args = told.arguments ?? {};
    return {
      id: typeof call.id === "string" && call.id !== "" ? call.id : `call_${requestId}_${before + at}`,
      type: "function",
      function: { name: told.name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
    };
  });
}

export interface Ended {
  readonly toolCalls: number;
  readonly usage: UsageReport | null;
  readonly call: Call;
}

/** Not told: whoever used up the limit was cut by it. */
export function finishReason({ toolCalls, usage, call }: Ended): "tool_calls" | "length" | "stop" {
  if (toolCalls > 0) return "tool_calls";
  const limit = call.maxOutputTokens;
  return limit !== null && (usage?.outputTokens ?? 0) >= limit ? "length" : "stop";
}
