// Which source files a folder holds, for the checks of the gate. It reads names, never contents.
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** Paths relative to the root, with forward slashes; folders that do not exist hold none. */
export function sourceFiles(root: string, folders: readonly string[], ending: RegExp): readonly string[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/"));
}
