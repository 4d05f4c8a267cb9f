// `npm run build`: the Worker as one bundle under dist/worker, with its sizes printed.
// What is inside the bundle is scripts/local/bundle.ts's business.
import { join } from "node:path";
import { bundle } from "./local/bundle.ts";
import { describeFailure } from "./local/fault.ts";

const ROOT = join(import.meta.dirname, "..");

try {
  const { modules } = await bundle(ROOT, join(ROOT, "dist/worker"));
  for (const { name, bytes } of modules) console.log(`${name}  ${(bytes / 1000).toFixed(1)} kB`);
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
