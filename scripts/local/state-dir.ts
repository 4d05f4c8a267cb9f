// The folder that survives restarts: opened and proven writable once, its JSON files written by rename
// so that a reader never meets half a file. It does not know what the files mean.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fault } from "./fault.ts";

/** @throws a fault when the folder cannot be made or written. */
export function openStateDir(path: string): void {
  try {
    makeFolders(path);
    // Permissions alone do not tell (read-only mounts, root); only a file proves it.
    writeFileSync(join(path, ".writable"), "");
  } catch (error) {
    throw fault(`STATE_DIR ${path} is not writable (${codeOf(error)}): choose another folder.`);
  }
}

/** Node's own recursive mkdir never returns on file systems that refuse new folders with ENOENT (/proc). */
function makeFolders(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  mkdirSync(path);
}

/** null when there is no such file; a file that is no JSON is a fault that names it. */
export function readState(stateDir: string, name: string): unknown {
  const path = join(stateDir, name);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw fault(`${path} cannot be read (${codeOf(error)}): mend its permissions or remove it.`);
  }
  try {
    return JSON.parse(content);
  } catch {
    throw fault(`${path} is damaged: remove it and start again.`);
  }
}

/** Mode 600: these files hold keys and secrets of local runs. */
export function writeState(stateDir: string, name: string, value: unknown): void {
  const path = join(stateDir, name);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeState(stateDir: string, name: string): void {
  rmSync(join(stateDir, name), { force: true });
}

/** The path of a folder with nothing in it. */
export function emptyStateFolder(stateDir: string, name: string): string {
  const path = join(stateDir, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

/** The system's error code, as ENOENT; the message where there is none. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}
