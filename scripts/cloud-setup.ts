// `npm run setup`: everything a first deployment needs in a Cloudflare account. What that is, and in which
// order it comes about, stands in scripts/cloud/set-up-cloud.ts.
import { join } from "node:path";
import { setUpCloud } from "./cloud/set-up-cloud.ts";
import { connectWrangler } from "./cloud/wrangler.ts";
import { describeFailure } from "./local/fault.ts";
import { readSettings } from "./local/settings.ts";

const ROOT = join(import.meta.dirname, "..");

try {
  // Refuses a short ADMIN_TOKEN before anything is created.
  readSettings({ ADMIN_TOKEN: process.env.ADMIN_TOKEN }, { root: ROOT, isTerminal: false });
  await setUpCloud({
    wrangler: connectWrangler(ROOT),
    configPath: join(ROOT, "wrangler.toml"),
    stateDir: join(ROOT, ".local/cloud"),
    env: process.env,
    say: console.log,
  });
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
