// Builds the Worker into one file, as the platform will run it. It only knows where the entry is and
// which files are modules of their own; serving and deploying are others' business.
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { build, type Metafile } from "esbuild";
import { fault } from "./fault.ts";

export interface Bundle {
  readonly dir: string;
  /** Of the built files, beside each other in `dir`; the Worker itself stands first. */
  readonly modules: readonly BundledModule[];
}

export interface BundledModule {
  readonly name: string;
  readonly kind: "ESModule" | "Data";
  readonly bytes: number;
}

const WORKER = "worker.js";

/**
 * `dir` is emptied first: two builds at a time need two folders.
 * @throws a fault with the first error and its place when the source does not build.
 */
export async function bundle(root: string, dir: string, entry = "src/index.ts"): Promise<Bundle> {
  // A weight file of an earlier build must not be served with this one.
  rmSync(dir, { recursive: true, force: true });
  const built = await build({
    absWorkingDir: root,
    entryPoints: { worker: entry },
    outdir: dir,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    sourcemap: "external",
    metafile: true,
    logLevel: "silent",
    external: ["cloudflare:*", "node:*"],
    // Data stays a module beside the bundle, an ArrayBuffer as on the platform: base64 inside the code
    // would be decoded at every isolate's start.
    loader: { ".html": "text", ".bin": "copy" },
  }).catch((error: unknown) => {
    throw fault(`The Worker does not build: ${firstError(error)}`);
  });
  return { dir, modules: modulesOf(built.metafile) };
}

function modulesOf(metafile: Metafile): readonly BundledModule[] {
  const modules = Object.entries(metafile.outputs)
    .filter(([path]) => !path.endsWith(".map"))
    .map(([path, { bytes }]): BundledModule => {
      const name = basename(path);
      return { name, bytes, kind: name === WORKER ? "ESModule" : "Data" };
    });
  return modules.sort((a, b) => Number(b.name === WORKER) - Number(a.name === WORKER));
}

function firstError(error: unknown): string {
  // esbuild's BuildFailure carries `errors`; anything else is shown as it is.
  const first = (error as { errors?: readonly { text: string; location: Place | null }[] }).errors?.[0];
  if (first === undefined) return String(error);
  return first.location === null
    ? first.text
    : `${first.location.file}:${first.location.line}: ${first.text}`;
}

interface Place {
  readonly file: string;
  readonly line: number;
}
