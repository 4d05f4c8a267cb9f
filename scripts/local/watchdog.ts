// Ends the runtime when this process dies without a chance to clean up (SIGKILL, a crash). A detached
// shell reads our pipe: each line replaces the list of pids, end of file means that we are gone.
// It does not restart anything and does not know what the pids are.
import { type ChildProcess, spawn } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { isRecord } from "./secrets.ts";
import { codeOf } from "./state-dir.ts";

// Only pids of the latest line are killed, so a number the system gave to somebody else since is safe.
const SCRIPT =
  'pids=""; while read -r line; do pids="$line"; done; [ -z "$pids" ] || kill -9 $pids 2>/dev/null';

/** From now on every child whose program has this name dies with us. */
export function guardChildren(programName: string): void {
  const shell = spawn("/bin/sh", ["-c", SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const alive = new Set<number>();
  shell.unref();
  // The watchdog may be killed by somebody else; that must not take the router down.
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  const report = () => shell.stdin.write(`${[...alive].join(" ")}\n`);
  onChildSpawned((child) => {
    const { pid } = child;
    if (pid === undefined || !child.spawnfile.endsWith(programName)) return;
    alive.add(pid);
    report();
    child.once("exit", () => {
      alive.delete(pid);
      report();
    });
  });
}

/** Whether a process of this id runs; one of another user counts too. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Node announces children on a channel before they run; Miniflare does not tell its runtime's pid. */
function onChildSpawned(listener: (child: ChildProcess) => void): void {
  subscribe("child_process", (message) => {
    if (!isRecord(message)) return;
    // The channel's contract: `process` is the ChildProcess being made.
    const child = message.process as ChildProcess;
    child.once("spawn", () => listener(child));
  });
}
