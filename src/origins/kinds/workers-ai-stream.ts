// A stream of Workers AI, frame by frame, on OpenAI's wire: passed on where the model speaks it, written where it
// speaks its own: {response, tool_calls?, usage?} and at last [DONE], without a word on why it ended.
import type { Frame } from "../../domain/frame.ts";
import type { UsageReport } from "../../domain/usage.ts";
import { type Json, listOf, parseJson, recordOf } from "../../lib/record.ts";
import type { Call } from "./kind.ts";
import { DONE, failedFrame, isErrorAnswer, readOpenaiFrame } from "./openai-frame.ts";
import { usageOf } from "./openai-usage.ts";
import { finishReason, saidBy, toolCallsIn } from "./workers-ai-text.ts";

/** What a stream in the models' own wire has told so far. */
interface Told {
  isNative: boolean;
  isFinished: boolean;
  hasRole: boolean;
  toolCalls: number;
  usage: UsageReport | null;
}

export function workersAiFrameReader(call: Call, nowS: number): (data: string) => Frame {
  const told: Told = { isNative: false, isFinished: false, hasRole: false, toolCalls: 0, usage: null };
  const writer = { call, nowS, told };
  return (data) => {
    if (data.trim() === "[DONE]") return endOf(writer);
    const value = parseJson(data);
    if (value === undefined || isErrorAnswer(value)) return readOpenaiFrame(data);
    const event = recordOf(value);
    if (listOf(event.errors).length > 0)
      return failedFrame("The origin reported an error within the stream.");
    if (listOf(event.choices).length > 0) return readOpenaiFrame(data);
    return nativeFrame(writer, event);
  };
}

interface Writer {
  readonly call: Call;
  readonly nowS: number;
  readonly told: Told;
}

function nativeFrame(writer: Writer, event: Json): Frame {
  const { told, call, nowS } = writer;
  told.isNative ||= "response" in event || "tool_calls" in event;
  const usage = usageOf(event.usage);
  told.usage = usage ?? told.usage;
  const said = saidBy(event.response) ?? "";
  const tools = toolCallsIn(event.tool_calls, call, told.toolCalls);
  const counts = { usage, createdS: nowS };
  if (said === "" && tools.length === 0) {
    const text = chunk(writer, { choices: [], ...(usage === null ? {} : { usage: event.usage }) });
    return { ...DONE, kind: "usage", text, ...counts };
  }
  const indexed = tools.map((tool, at) => ({ index: told.toolCalls + at, ...tool }));
  told.toolCalls += tools.length;
  const text = chunk(writer, { choices: [choiceOf(writer, said, indexed)] });
  told.hasRole = true;
  const words = tools.length === 0 ? { text: said, reasoning: "" } : null;
  return { ...DONE, kind: "content", text, ...counts, hasContent: true, said: words };
}

function choiceOf({ call, told }: Writer, said: string, tools: readonly Json[]): Json {
  if (call.inference.wire === "openai-completions") {
    return { index: 0, text: said, logprobs: null, finish_reason: null };
  }
  const delta = {
    ...(told.hasRole ? {} : { role: "assistant" }),
    ...(said === "" ? {} : { content: said }),
    ...(tools.length === 0 ? {} : { tool_calls: tools }),
  };
  return { index: 0, delta, logprobs: null, finish_reason: null };
}

/** In its own wire [DONE] is all the end there is: it becomes the finish reason that OpenAI's has before it. */
function endOf(writer: Writer): Frame {
  const { told, call, nowS } = writer;
  if (!told.isNative || told.isFinished) return DONE;
  told.isFinished = true;
  const finish_reason = finishReason({ ...told, call });
  const isCompletion = call.inference.wire === "openai-completions";
  const choice = {
    index: 0,
    ...(isCompletion ? { text: "" } : { delta: {} }),
    logprobs: null,
    finish_reason,
  };
  const text = chunk(writer, { choices: [choice] });
  return { ...DONE, kind: "content", text, createdS: nowS, finishedChoices: 1 };
}

function chunk({ call, nowS }: Writer, members: Json): string {
  const isCompletion = call.inference.wire === "openai-completions";
  return JSON.stringify({
    id: "",
    object: isCompletion ? "text_completion" : "chat.completion.chunk",
    created: nowS,
    model: call.target.servedAs,
    ...members,
  });
}
