// Runs wrangler and hands back what it says. Failures become one fault with wrangler's own words;
// what the commands are for is the caller's business.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fault } from "../local/fault.ts";

export interface WranglerRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WranglerCall {
  readonly args: readonly string[];
  /** Given on stdin, so that secrets stand neither in a process list nor in a file. */
  readonly input?: string;
}

export type Wrangler = (call: WranglerCall) => Promise<WranglerRun>;

// Lists of resources, nothing more.
const LARGEST_OUTPUT_BYTES = 8 * 1024 * 1024;

export function connectWrangler(root: string): Wrangler {
  const program = join(root, "node_modules/wrangler/bin/wrangler.js");
  // CI: no questions, the defaults are what we want.
  const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" };
  return ({ args, input }) =>
    new Promise((resolve) => {
      const options = { cwd: root, env, maxBuffer: LARGEST_OUTPUT_BYTES };
      const child = execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) =>
        resolve({ ok: error === null, stdout, stderr }),
      );
      child.stdin?.end(input ?? "");
    });
}

/** @throws a fault with what wrangler said. */
export async function mustRun(wrangler: Wrangler, call: WranglerCall): Promise<string> {
  const run = await wrangler(call);
  if (run.ok) return run.stdout;
  const said =
    `${run.stderr}\n${run.stdout}`.split("\n").find((line) => line.includes("ERROR")) ?? run.stderr;
  throw fault(`wrangler ${call.args.slice(0, 3).join(" ")} failed: ${said.trim().slice(0, 500)}`);
}

/** Wrangler may print a banner before the JSON it was asked for. */
export function parseOutput(stdout: string): unknown {
  const start = stdout.search(/[[{]/);
  if (start < 0) return null;
  try {
    return JSON.parse(stdout.slice(start));
  } catch {
    return null;
  }
}
