// One name for one model, however it is written: packs prefix names, hubs put an owner before them, and
// some evaluations shortened them. Knows no catalog; an unknown name is its own.

/** Compared without case, a leading rb/, lr/ or ae/, owner, tariff and quantisation. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  const short = lower.slice(lower.lastIndexOf("/") + 1).replace(OFFER, "");
  return SAME_MODEL.get(short) ?? short;
}

/** How one and the same model is sold or packed; a tag such as ":70b" says which model it is, and stays. */
const OFFER = /(?:(?::(?:free|nitro|floor|extended|latest))|(?:-(?:awq|gptq|gguf|fp8|bf16|int4|int8)))+$/;

/** What releases of one model have in common: a canonical name less its dates, versions and tuning. */
export function familyName(canonical: string): string {
  const family = canonical.replace(RELEASE, "");
  return family === "" ? canonical : family;
}

const RELEASE = /(?:-v\d+(?:\.\d+)*|-\d{4,8}|-preview|-instruct|-chat|-it)+$/;

/** RouterBench's names, short ones, and the makers' older spellings. */
const SAME_MODEL: ReadonlyMap<string, string> = new Map([
  ["mixtral-8x7b-chat", "mixtral-8x7b-instruct-v0.1"],
  ["mistral-7b-chat", "mistral-7b-instruct-v0.1"],
  ["llama-3-8b-instruct", "meta-llama-3-8b-instruct"],
  ["mixtral-8x7b", "mixtral-8x7b-instruct-v0.1"],
  ["mixtral-8x7b-instruct", "mixtral-8x7b-instruct-v0.1"],
  ["gpt-4-1106", "gpt-4-1106-preview"],
  ["gpt-4-turbo-preview", "gpt-4-1106-preview"],
]);
