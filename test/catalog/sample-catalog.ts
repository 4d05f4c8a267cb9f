// The smallest catalog that says something, for tests to spoil in one place each.
// Deliberately plain JSON: what an operator would have typed.

export interface Draft {
  regions: Record<string, unknown>[];
  models: Record<string, unknown>[];
  origins: Record<string, unknown>[];
  [key: string]: unknown;
}

export function sampleCatalog(): Draft {
  return {
    regions: [{ id: "us-east" }],
    models: [
      {
        id: "Qwen/Qwen3-14B",
        task: "text-generation",
        price: { input_per_mtok: 0.06, output_per_mtok: 0.24 },
        aliases: ["qwen3-14b"],
      },
      { id: "BAAI/bge-m3", task: "embeddings", price: { input_per_mtok: 0.01, output_per_mtok: 0 } },
      { id: "dslim/bert-base-NER", task: "token-classification", price: { gpu_per_minute: 0.008 } },
    ],
    origins: [
      {
        id: "us-east-1",
        region: "us-east",
        kind: "openai-compatible",
        base_url: "http://127.0.0.1:9101/v1",
        serves: [{ model: "Qwen/Qwen3-14B", as: "qwen3-14b" }, { model: "BAAI/bge-m3" }],
      },
    ],
  };
}

type List = "regions" | "models" | "origins";

/** The sample with the fields of one row set; undefined takes a field away, as JSON would. */
export function sampleWith(list: List, index: number, fields: Record<string, unknown>): unknown {
  const catalog = sampleCatalog();
  catalog[list][index] = { ...catalog[list][index], ...fields };
  return JSON.parse(JSON.stringify(catalog));
}

/** The sample with one row more at the end of a list. */
export function sampleAnd(list: List, row: unknown): unknown {
  const catalog: Record<string, unknown[]> = { ...sampleCatalog() } as Record<List, unknown[]>; // rows of any form
  catalog[list] = [...(catalog[list] ?? []), row];
  return catalog;
}
