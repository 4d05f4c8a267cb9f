import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { WORKER_BINDINGS } from "./test/support/worker-bindings.ts";

// Three projects: pure code in Node, code that needs the runtime in workerd, and the whole router
// as callers meet it, started by `npm start`'s own script.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // One project after the other: two cores, and the servers of the last one want both.
          sequence: { groupOrder: 0 },
          // One process for all files: pure code shares nothing, and starting three hundred takes longer than running them.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["test/worker/**", "test/e2e/**", "test/durable-objects/**"],
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...WORKER_BINDINGS,
                TEST_MIGRATIONS: await readD1Migrations("./migrations"),
              },
            },
          }),
        ],
        test: {
          name: "worker",
          sequence: { groupOrder: 1 },
          include: ["test/worker/**/*.test.ts", "test/durable-objects/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "e2e",
          sequence: { groupOrder: 2 },
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/global-server.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Two cores: more servers at once would measure each other.
          maxWorkers: 2,
        },
      },
    ],
  },
});
