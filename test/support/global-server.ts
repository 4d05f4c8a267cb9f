// One router for all files of the e2e project that change nothing others could notice; those that do
// start their own. Tests find it with `inject("demo")`.
import type { TestProject } from "vitest/node";
import type { DemoFile } from "../../scripts/local/demo-file.ts";
import { startServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    demo: DemoFile;
  }
}

/** Vitest calls what this returns when all tests are done. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  project.provide("demo", server.demo);
  return async () => {
    await server.stop();
  };
}
