import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

const WATCHDOG = join(import.meta.dirname, "../../../scripts/local/watchdog.ts");
// The children inherit our end of the pipe: it ends when the last of them is gone.
const PARENT = `
  import { spawn } from "node:child_process";
  import { guardChildren } from ${JSON.stringify(WATCHDOG)};
  guardChildren("sleep");
  const run = () => spawn("sleep", ["60"], { stdio: "inherit" });
  const first = run();
  first.once("spawn", () => first.kill("SIGKILL"));
  first.once("exit", () => run().once("spawn", () => console.log("ready")));
`;

test("a child, even one that was started again, ends within a second when its parent is killed", async () => {
  const args = ["--input-type=module-typescript", "--eval", PARENT];
  const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  parent.stdout.resume();
  const ended = once(parent.stdout, "end").then(() => "ended");
  expect(await Promise.race([ended, sleep(300, "still running")])).toBe("still running");
  parent.kill("SIGKILL");
  expect(await Promise.race([ended, sleep(1_000, "still running")])).toBe("ended");
});
