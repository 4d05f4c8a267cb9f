// What is publicly known of models: accuracy on four well-known benchmarks, as their makers or the
// Open LLM Leaderboard reported it, rounded to a point. Facts, not data: no item of a benchmark is here.
// A new model is one row. Models of the packs stand here too, so that one scale holds for all.

export interface PublicScore {
  /** Without owner, lower case. */
  readonly name: string;
  readonly parametersB: number | null;
  readonly mmlu: number;
  readonly gsm8k: number | null;
  readonly math: number | null;
  readonly humaneval: number | null;
}

/** Sources: [makers] technical reports and model cards; [leaderboard] Open LLM Leaderboard of 2023-24. */
export const PUBLIC_SCORES: readonly PublicScore[] = [
  row("gpt-4-1106-preview", null, [85, 93, 64, 84]),
  row("gpt-4o-0806", null, [88, 95, 76, 90]),
  row("gpt-4o-mini", null, [82, 91, 70, 87]),
  row("gpt-3.5-turbo-1106", null, [70, 75, 43, 73]),
  row("gpt-3.5-turbo-0125", null, [70, 75, 43, 73]),
  row("o1-mini", null, [85, 96, 90, 92]),
  row("claude-instant-v1", null, [73, 81, null, 53]),
  row("claude-v1", null, [77, 84, null, 56]),
  row("claude-v2", null, [79, 88, null, 71]),
  row("claude-3-haiku", null, [75, 89, 39, 76]),
  row("claude-3-opus", null, [87, 95, 60, 85]),
  row("claude-3.5-haiku", null, [78, 92, 69, 88]),
  row("claude-3.5-sonnet-1022", null, [89, 96, 78, 94]),
  row("gemini-1.5-flash-001", null, [79, 86, 55, 74]),
  row("gemini-1.5-flash-002", null, [79, 89, 78, 76]),
  row("gemini-1.5-pro-001", null, [86, 91, 68, 84]),
  row("gemini-1.5-pro-002", null, [86, 93, 86, 87]),
  row("mistral-large-2", 123, [84, 93, 71, 92]),
  row("mixtral-8x7b-instruct-v0.1", 46.7, [71, 61, 28, 40]),
  row("mistral-7b-instruct-v0.1", 7.2, [55, 36, 11, 30]),
  row("mistral-7b-instruct-v0.2", 7.2, [60, 43, 13, 33]),
  row("mistral-7b-instruct-v0.3", 7.2, [61, 45, 14, 35]),
  row("mathstral-7b", 7.2, [63, 77, 57, null]),
  row("mistral-small-3.2-24b-instruct-2506", 24, [81, 91, 69, 90]),
  row("llama-2-70b", 70, [69, 57, 14, 30]),
  row("llama-2-70b-chat", 70, [63, 54, 12, 32]),
  row("code-llama-instruct-34b-chat", 34, [54, 35, 10, 42]),
  row("llama-3-8b-base", 8, [66, 50, 20, 33]),
  row("llama-3-70b-base", 70.6, [79, 77, 40, 45]),
  row("meta-llama-3-8b-instruct", 8, [68, 80, 30, 62]),
  row("llama-3.1-8b-instruct", 8, [69, 85, 52, 73]),
  row("llama-3.1-70b-instruct", 70.6, [84, 95, 68, 81]),
  row("llama-3.1-405b-instruct", 405, [87, 97, 74, 89]),
  row("llama-3.1-405b-instruct-sn", 405, [87, 97, 74, 89]),
  row("llama-3.3-70b-instruct", 70.6, [86, 95, 77, 88]),
  row("llama-3.1-nemotron-51b-instruct", 51, [80, 91, 60, 74]),
  row("llama-3.3-nemotron-super-49b-v1", 49, [82, 94, 77, 84]),
  row("qwen1.5-7b-chat", 7.7, [60, 55, 20, 40]),
  row("qwen1.5-72b-chat", 72, [77, 80, 34, 42]),
  row("qwen1.5-110b", 111, [80, 85, 50, 52]),
  row("qwen2-7b-instruct", 7.6, [70, 82, 50, 80]),
  row("qwen2-72b-instruct", 72.7, [82, 91, 60, 86]),
  row("qwen2.5-3b-instruct", 3.1, [66, 87, 66, 74]),
  row("qwen2.5-7b-instruct", 7.6, [74, 92, 76, 85]),
  row("qwen2.5-vl-7b-instruct", 8.3, [71, 85, 68, 78]),
  row("qwen2.5-32b-instruct", 32.8, [83, 96, 83, 88]),
  row("qwen2.5-72b-instruct", 72.7, [86, 96, 83, 87]),
  row("qwen3-4b", 4, [73, 92, 80, 80]),
  row("qwen3-14b", 14.8, [81, 94, 85, 86]),
  row("qwen3-32b", 32.8, [84, 95, 87, 88]),
  row("deepseek-coder-v2", 236, [79, 95, 76, 90]),
  row("deepseek-v2.5", 236, [80, 95, 75, 89]),
  row("deepseek-v3", 671, [88, 96, 87, 91]),
  row("phi-3-mini-4k-instruct", 3.8, [69, 82, 41, 59]),
  row("phi-3.5-mini-instruct", 3.8, [69, 86, 48, 63]),
  row("yi-6b-chat", 6, [61, 38, 7, 20]),
  row("yi-34b", 34, [76, 67, 14, 23]),
  row("yi-34b-chat", 34, [74, 66, 15, 30]),
  row("command-r", 35, [68, 57, null, null]),
  row("gemma-7b", 8.5, [64, 46, 24, 32]),
  row("gemma-2-2b-it", 2.6, [52, 55, 20, 25]),
  row("gemma-2-9b-it", 9.2, [72, 85, 45, 60]),
  row("gemma-2-27b-it", 27, [76, 90, 55, 68]),
  row("codegemma-7b", 8.5, [50, 41, 20, 56]),
  row("jamba-1.5-large", 398, [80, 87, 50, null]),
  row("wizardlm-13b-v1.2", 13, [53, 50, 9, 37]),
];

type Percent = number | null;

function row(
  name: string,
  parametersB: number | null,
  [mmlu, gsm8k, math, humaneval]: readonly [number, Percent, Percent, Percent],
): PublicScore {
  const share = (percent: Percent) => (percent === null ? null : percent / 100);
  return {
    name,
    parametersB,
    mmlu: mmlu / 100,
    gsm8k: share(gsm8k),
    math: share(math),
    humaneval: share(humaneval),
  };
}
