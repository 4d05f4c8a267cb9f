// The import rules of docs/architecture.md, checked by `npm run imports`. Layers, lowest first:
// lib → domain → catalog, env and the steps → pipeline, answer, live, management → durable-objects → app, index.
// That rows of one table folder never meet is checked beside these, by scripts/check-imports.ts.
const STEPS = "auth|dialects|routing|admission|origins|usage|jobs";
const OURS = "^(src|durable-objects)/";
const LINE = "pipeline|answer|live";

const forbid = (name, from, to) => ({ name, severity: "error", from, to });

module.exports = {
  forbidden: [
    forbid("no-cycles", {}, { circular: true }),
    forbid("everything-resolves", {}, { couldNotResolve: true, pathNot: "^(cloudflare|node):" }),

    forbid("lib-knows-no-house-words", { path: "^src/lib/" }, { path: OURS, pathNot: "^src/lib/" }),
    forbid("domain-is-the-ground", { path: "^src/domain/" }, { path: OURS, pathNot: "^src/(domain|lib)/" }),
    forbid(
      "catalog-is-data",
      { path: "^src/catalog/" },
      { path: OURS, pathNot: "^src/(catalog|domain|lib)/" },
    ),
    forbid("env-is-low", { path: "^src/env\\.ts$" }, { path: OURS, pathNot: "^src/(env\\.ts|domain/|lib/)" }),
    forbid(
      "steps-are-blind-to-each-other",
      { path: `^src/(${STEPS})/` },
      { path: OURS, pathNot: "^src/($1|domain|lib)/" },
    ),
    forbid(
      "the-line-knows-no-door",
      { path: `^src/(?:(?:${LINE})(?:\\.ts$|/)|management/)` },
      { path: "^(durable-objects/|src/(app|index)\\.ts$)" },
    ),
    forbid(
      "objects-are-thin",
      { path: "^durable-objects/" },
      { path: "^src/", pathNot: "^src/((domain|lib|admission|usage|jobs)/|origins/active-check\\.ts$)" },
    ),
    forbid(
      "only-index-imports-durable-objects",
      { path: "^src/", pathNot: "^src/index\\.ts$" },
      { path: "^durable-objects/" },
    ),
    forbid(
      "nobody-imports-the-front-door",
      { path: OURS, pathNot: "^src/(index|app)\\.ts$" },
      { path: "^src/(index|app)\\.ts$" },
    ),
    forbid("nobody-imports-the-entry", { path: OURS }, { path: "^src/index\\.ts$" }),

    forbid(
      "hono-stays-at-the-door",
      { path: OURS, pathNot: "^src/((app|http|answer)\\.ts$|(answer|management)/)" },
      { path: "(^|/)node_modules/hono/|^hono(/|$)" },
    ),
    forbid("the-platform-class-stays-in-objects", { path: "^src/" }, { path: "^cloudflare:workers$" }),
    forbid(
      "the-product-runs-without-its-tools",
      { path: OURS },
      { path: "^(sim|test|scripts|train|bench|dashboard)/" },
    ),
    forbid(
      "only-real-dependencies-are-shipped",
      { path: OURS },
      { dependencyTypes: ["npm-dev", "npm-optional", "npm-no-pkg", "npm-unknown"] },
    ),
  ],
  options: {
    // Type-only imports count: a layer that knows a type knows the layer.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
