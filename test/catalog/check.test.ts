import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCatalog } from "../../src/catalog/check.ts";
import defaultCatalog from "../../src/catalog/default.json" with { type: "json" };
import { sampleAnd, sampleCatalog, sampleWith } from "./sample-catalog.ts";

function pathsOf(input: unknown): readonly string[] {
  const checked = checkCatalog(input);
  return checked.ok ? [] : checked.faults.map((fault) => fault.path);
}

type Spoilt = readonly [path: string, fields: Record<string, unknown>];

describe("faults of the file", () => {
  it.each([[null], [3], ["x"], [[]], [true]])("%j is no catalog", (input) => {
    expect(pathsOf(input)).toEqual([""]);
  });

  it("misses each list by name", () => {
    expect(pathsOf({})).toEqual(["regions", "models", "origins"]);
  });

  it("refuses an unknown list", () => {
    expect(pathsOf({ ...sampleCatalog(), plans: [] })).toEqual(["plans"]);
  });

  it.each([
    ["regions", 101],
    ["models", 2001],
    ["origins", 2001],
  ])("bounds the list %s", (list, count) => {
    const faults = checkCatalog({ ...sampleCatalog(), [list]: new Array(count).fill({}) });
    expect(faults).toMatchObject({
      faults: [{ path: list, message: `Use at most ${count - 1} entries.` }],
    });
  });

  it("quotes keys that are no names, and cuts long ones", () => {
    const catalog = { ...sampleCatalog(), "two words": 1, ["k".repeat(500)]: 1 };
    const [first, second] = pathsOf(catalog);
    expect(first).toBe('["two words"]');
    expect(second?.length).toBeLessThan(120);
  });
});

describe("faults of a region", () => {
  const cases: readonly Spoilt[] = [
    ["regions[0].id", { id: undefined }],
    ["regions[0].id", { id: "us east" }],
    ["regions[0].id", { id: "x".repeat(65) }],
    ["regions[0].name", { name: "" }],
    ["regions[0].name", { name: "x".repeat(201) }],
    ["regions[0].lat", { lat: 91 }],
    ["regions[0].lat", { lat: "38.9" }],
    ["regions[0].lon", { lon: -181 }],
    ["regions[0].jurisdiction", { jurisdiction: "mars" }],
    ["regions[0].zone", { zone: 1 }],
  ];
  it.each(cases)("%s of %j", (path, fields) => {
    // Without origins a spoilt id has no second effect.
    const catalog = { ...sampleCatalog(), origins: [], regions: [{ id: "us-east", ...fields }] };
    expect(pathsOf(JSON.parse(JSON.stringify(catalog)))).toEqual([path]);
  });
});

it.each(["regions", "models", "origins"] as const)("a row of %s is an object", (list) => {
  expect(pathsOf(sampleAnd(list, null))).toEqual([`${list}[${sampleCatalog()[list].length}]`]);
});

describe("faults of a model", () => {
  const tokenPrice = { input_per_mtok: 1, output_per_mtok: 1 };
  const cases: readonly Spoilt[] = [
    ["models[0].id", { id: "auto" }],
    ["models[0].id", { id: 7 }],
    ["models[0].owned_by", { owned_by: "" }],
    ["models[0].task", { task: "chat" }],
    ["models[0].task", { task: undefined }],
    ["models[0].parameters_b", { parameters_b: 0 }],
    ["models[0].context_length", { context_length: 0 }],
    ["models[0].context_length", { context_length: 1.5 }],
    ["models[0].max_output_tokens", { max_output_tokens: 0 }],
    ["models[0].max_output_tokens", { max_output_tokens: 8193 }],
    ["models[0].max_output_tokens", { context_length: 100, max_output_tokens: 101 }],
    ["models[0].capabilities[1]", { capabilities: ["chat", "singing"] }],
    ["models[0].capabilities", { capabilities: new Array(7).fill("chat") }],
    ["models[0].price", { price: undefined }],
    ["models[0].price", { price: {} }],
    ["models[0].price.output_per_mtok", { price: { ...tokenPrice, output_per_mtok: -1 } }],
    ["models[0].price.output_per_mtok", { price: { input_per_mtok: 1 } }],
    ["models[0].price.input_per_mtok", { price: { output_per_mtok: 1 } }],
    ["models[0].price.input_per_mtok", { price: { ...tokenPrice, input_per_mtok: "1" } }],
    ["models[0].price.input_per_mtok", { price: { ...tokenPrice, input_per_mtok: 1e9 } }],
    ["models[0].price.cached_input_per_mtok", { price: { ...tokenPrice, cached_input_per_mtok: -1 } }],
    ["models[0].price.gpu_per_minute", { price: { gpu_per_minute: -0.1 } }],
    ["models[0].price.gpu_per_minute", { price: { ...tokenPrice, gpu_per_minute: 1 } }],
    ["models[0].price.per_call", { price: { ...tokenPrice, per_call: 1 } }],
    ["models[0].visibility", { visibility: "secret" }],
    ["models[0].account", { visibility: "private" }],
    ["models[0].account", { visibility: "private", account: "a b" }],
    ["models[0].account", { account: "acct_1" }],
    ["models[0].aliases[0]", { aliases: ["auto"] }],
    ["models[0].aliases[1]", { aliases: ["a", "models/x"] }],
    ["models[0].aliases", { aliases: Array.from({ length: 51 }, (_, index) => `a${index}`) }],
    ["models[0].fast", { fast: "yes" }],
    ["models[0].ability.cooking", { ability: { cooking: 0.5 } }],
    ["models[0].ability.math", { ability: { math: 1.1 } }],
    ["models[0].ability.math", { ability: { math: -0.1 } }],
    ["models[0].prefill_tokens_per_s", { prefill_tokens_per_s: 0 }],
    ["models[0].timeouts.ttft_ms", { timeouts: { ttft_ms: 0 } }],
    ["models[0].timeouts.connect_ms", { timeouts: { connect_ms: 1 } }],
    ["models[0].colour", { colour: "red" }],
  ];
  it.each(cases)("%s of %j", (path, fields) => {
    const catalog = { ...sampleCatalog(), origins: [] };
    catalog.models[0] = { ...catalog.models[0], ...fields };
    expect(pathsOf(JSON.parse(JSON.stringify(catalog)))).toEqual([path]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("a price of %d", (price) => {
    const models = [{ id: "m", task: "text-generation", price: { gpu_per_minute: price } }];
    expect(pathsOf({ regions: [], models, origins: [] })).toEqual(["models[0].price.gpu_per_minute"]);
  });
});

describe("faults of an origin", () => {
  const cases: readonly Spoilt[] = [
    ["origins[0].id", { id: "a/b" }],
    ["origins[0].region", { region: undefined }],
    ["origins[0].kind", { kind: "carrier-pigeon" }],
    ["origins[0].base_url", { base_url: undefined }],
    ["origins[0].base_url", { base_url: "ftp://host/v1" }],
    ["origins[0].base_url", { base_url: "host/v1" }],
    ["origins[0].base_url", { base_url: "http://" }],
    ["origins[0].base_url", { base_url: "http://host/v1?key=1" }],
    ["origins[0].base_url", { base_url: "http://host/v1#top" }],
    ["origins[0].base_url", { base_url: "http://user:pass@host/v1" }],
    ["origins[0].base_url", { base_url: "http://user@host/v1" }],
    ["origins[0].base_url", { base_url: `http://host/${"x".repeat(2000)}` }],
    ["origins[0].control_url", { control_url: "host" }],
    ["origins[0].secret", { secret: "sk-abc" }],
    ["origins[0].secret", { secret: "ADMIN_TOKEN" }],
    ["origins[0].secret", { secret: "ORIGIN_" }],
    ["origins[0].secret", { secret: "ORIGIN_key" }],
    ["origins[0].max_concurrency", { max_concurrency: 0 }],
    ["origins[0].features[0]", { features: ["teleport"] }],
    ["origins[0].weight", { weight: 0 }],
    ["origins[0].accounts", { accounts: [] }],
    ["origins[0].accounts[1]", { accounts: ["acct_1", ""] }],
    ["origins[0].timeouts.total_ms", { timeouts: { total_ms: 1e12 } }],
    ["origins[0].serves", { serves: undefined }],
    ["origins[0].serves[0].model", { serves: [{ as: "x" }] }],
    ["origins[0].serves[0].as", { serves: [{ model: "BAAI/bge-m3", as: "" }] }],
    ["origins[0].serves[0].price", { serves: [{ model: "BAAI/bge-m3", price: 1 }] }],
    ["origins[0].serves[1]", { serves: [{ model: "BAAI/bge-m3" }, "Qwen/Qwen3-14B"] }],
    ["origins[0].api_key", { api_key: "sk-abc" }],
  ];
  it.each(cases)("%s of %j", (path, fields) => {
    expect(pathsOf(sampleWith("origins", 0, fields))).toEqual([path]);
  });
});

describe("checkCatalog", () => {
  it("reports every fault at once, of form and between rows, several in one row", () => {
    const input = {
      regions: [{ id: "us-east", zone: 1 }, 7],
      models: [
        {
          id: "chat/x",
          task: "text-generation",
          price: { input_per_mtok: 1 },
          colour: 1,
          max_output_tokens: 9000,
        },
        {
          id: "m",
          task: "embeddings",
          price: { gpu_per_minute: 1 },
          capabilities: ["chat"],
          aliases: ["chat/x"],
        },
        { id: "m", task: "paint", price: { gpu_per_minute: 1 } },
      ],
      origins: [
        {
          id: "o",
          region: "mars",
          kind: "x",
          base_url: "http://host",
          serves: [{ model: "chat/x" }, { model: "no" }],
        },
      ],
      extra: 1,
    };
    expect([...pathsOf(input)].sort()).toEqual([
      "extra",
      "models[0].colour",
      "models[0].id",
      "models[0].max_output_tokens",
      "models[0].price.output_per_mtok",
      "models[1].aliases[0]",
      "models[1].aliases[0]",
      "models[1].capabilities[0]",
      "models[2].id",
      "models[2].task",
      "origins[0].kind",
      "origins[0].region",
      "origins[0].serves[1].model",
      "regions[0].zone",
      "regions[1]",
    ]);
  });

  it("does not call a model unknown because its row, or the whole list, is faulty", () => {
    expect(pathsOf(sampleWith("models", 0, { task: "paint" }))).toEqual(["models[0].task"]);
    expect(pathsOf({ ...sampleCatalog(), models: "none" })).toEqual(["models"]);
    expect(pathsOf({ ...sampleCatalog(), regions: "none" })).toEqual(["regions"]);
  });

  it("says in one sentence what to do", () => {
    expect(
      checkCatalog(sampleWith("models", 0, { context_length: 1.5, fast: 1, task: undefined })),
    ).toMatchObject({
      faults: [
        { path: "models[0].task", message: expect.stringMatching(/^Use one of: text-generation, .*\.$/) },
        { path: "models[0].context_length", message: "Make this a whole number." },
        { path: "models[0].fast", message: "Make this true or false." },
      ],
    });
    expect(checkCatalog(sampleWith("models", 0, { prefill_tokens_per_s: 0, owned_by: "" }))).toMatchObject({
      faults: [{ message: "Use at least 1 character." }, { message: "Use more than 0." }],
    });
    expect(checkCatalog(sampleWith("models", 0, { id: undefined }))).toMatchObject({
      faults: [
        { path: "models[0].id", message: "Add this field: it must be a string." },
        { path: "origins[0].serves[0].model" },
      ],
    });
  });

  it("stops listing after a thousand faults, and says so", () => {
    const hostile = {
      regions: [],
      models: [],
      origins: new Array(2000).fill({ serves: new Array(2000).fill(0) }),
    };
    const checked = checkCatalog(hostile);
    const faults = checked.ok ? [] : checked.faults;
    expect(faults).toHaveLength(1001);
    expect(faults.at(-1)).toEqual({ path: "", message: expect.stringContaining("there are more") });
  });

  it("never throws, and says ok or at least one fault", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const checked = checkCatalog(input);
        expect(checked.ok || checked.faults.length > 0).toBe(true);
      }),
    );
  });

  it("never throws where rows are arbitrary either", () => {
    const row = fc.dictionary(
      fc.constantFrom("id", "task", "price", "aliases", "serves", "__proto__"),
      fc.jsonValue(),
    );
    const list = fc.oneof(fc.jsonValue(), fc.array(fc.oneof(row, fc.jsonValue())));
    fc.assert(
      fc.property(fc.record({ regions: list, models: list, origins: list }), (input) => {
        const checked = checkCatalog(input);
        expect(checked.ok || checked.faults.length > 0).toBe(true);
      }),
    );
  });

  it("accepts its own output again, unchanged", () => {
    const subset = <Row>(rows: readonly Row[]) => fc.subarray([...rows]);
    const regions = fc.constant(defaultCatalog.regions);
    const origins = subset(defaultCatalog.origins);
    const slashes = fc.constantFrom("", "/", "//");
    const input = fc.record({ regions, models: fc.constant(defaultCatalog.models), origins, slashes });
    fc.assert(
      fc.property(input, ({ slashes: end, ...rows }) => {
        const moved = rows.origins.map((origin) => ({ ...origin, base_url: origin.base_url + end }));
        const once = checkCatalog({ ...rows, origins: moved });
        expect(once.ok).toBe(true);
        if (once.ok) expect(checkCatalog(JSON.parse(JSON.stringify(once.rows)))).toEqual(once);
      }),
      { numRuns: 30 },
    );
    const small = checkCatalog(sampleCatalog());
    expect(small.ok && checkCatalog(small.rows)).toEqual(small);
  });
});
