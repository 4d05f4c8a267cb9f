import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import { WORKERS_AI_URL } from "../../src/domain/catalog.ts";
import { sampleCatalog } from "./sample-catalog.ts";

const NER = { model: "dslim/bert-base-NER", as: "ner" };
const EMBEDDER = { model: "BAAI/bge-m3", as: "@cf/baai/bge-m3" };

/** The sample with one origin more, in a region more. */
function withOrigin(origin: Record<string, unknown>, region: Record<string, unknown> = {}) {
  const catalog = sampleCatalog();
  catalog.regions.push({ id: "anywhere", ...region });
  catalog.origins.push({ id: "o", region: "anywhere", serves: [NER], ...origin });
  return checkCatalog(catalog);
}

function pathsOf(checked: ReturnType<typeof checkCatalog>): readonly string[] {
  return checked.ok ? [] : checked.faults.map((fault) => fault.path);
}

describe("an origin of kind workers-ai", () => {
  const row = { kind: "workers-ai", serves: [EMBEDDER] };

  it("needs no address: its row gets the binding's, and what was read may be put again", () => {
    const checked = withOrigin(row);
    if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
    expect(checked.rows.origins[1]).toMatchObject({ base_url: WORKERS_AI_URL, secret: null });
    expect(checkCatalog(checked.rows).ok).toBe(true);
  });

  it("takes no address and no secret of the operator's", () => {
    const wrong = { ...row, base_url: "https://api.cloudflare.com", secret: "ORIGIN_X" };
    expect(pathsOf(withOrigin(wrong))).toEqual(["origins[1].base_url", "origins[1].secret"]);
  });

  it.each([{ lat: 0 }, { lon: 5 }, { jurisdiction: "eu" }])(
    "stands in no region that promises a place: %j",
    (promise) => {
      expect(pathsOf(withOrigin(row, promise))).toEqual(["origins[1].region"]);
    },
  );

  it("has none of the features that say how a server of Hugging Face is addressed", () => {
    expect(pathsOf(withOrigin({ ...row, features: ["tei", "single_model"] }))).toEqual([
      "origins[1].features[0]",
      "origins[1].features[1]",
    ]);
  });
});

describe("an origin of any other kind", () => {
  it.each(["openai-compatible", "hf-tasks"])("needs an address: %s", (kind) => {
    const checked = withOrigin({ kind });
    expect(checked.ok ? [] : checked.faults).toEqual([
      { path: "origins[1].base_url", message: "Add this field: it must be a string." },
    ]);
  });

  it("is told of a wrong address once", () => {
    expect(pathsOf(withOrigin({ kind: "hf-tasks", base_url: 5 }))).toEqual(["origins[1].base_url"]);
  });
});

describe("an origin of kind hf-tasks", () => {
  const row = { kind: "hf-tasks", base_url: "http://127.0.0.1:9101/hf" };

  it.each(["single_model", "tei"])("with the feature %s serves one model", (feature) => {
    const one = { ...row, features: [feature] };
    expect(pathsOf(withOrigin(one))).toEqual([]);
    expect(pathsOf(withOrigin({ ...one, serves: [NER, EMBEDDER] }))).toEqual(["origins[1].features[0]"]);
  });

  it.each(["..", "a/../b", "./a"])("serves under no name that leads elsewhere: %s", (as) => {
    expect(pathsOf(withOrigin({ ...row, serves: [{ ...NER, as }] }))).toEqual(["origins[1].serves[0].as"]);
  });
});
