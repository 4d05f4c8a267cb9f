// Makes the tree ready to run: installs when node_modules is missing or older than the lock file,
// and checks that a fitting Node will run what follows. Plain JavaScript for Node 20, because it runs
// before anything is installed. It knows nothing of the router.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const MODULES = join(ROOT, "node_modules");
const BIN = join(MODULES, ".bin");
const STAMP = join(MODULES, ".installed-lock");
const LOCK_DIR = join(ROOT, ".local", "install.lock");

// The first Node that runs TypeScript without a flag.
const LEAST_NODE = { major: 22, minor: 18 };
// npm prints nothing until it is done when its output is no terminal; silence looks like a hang.
const PROGRESS_EVERY_MS = 5_000;
// Another install of the same tree takes a minute or two; after this long something is wrong.
const LOCK_PATIENCE_MS = 10 * 60_000;
const LOCK_POLL_MS = 250;

async function setup() {
  // Whoever installed by hand has what we would install: removing it under running servers would be worse.
  if (readStamp() === null && isInstalledByNpm()) writeFileSync(STAMP, fingerprint());
  if (readStamp() !== fingerprint()) await installAlone();
  checkNode();
}

/** npm keeps its own copy of the lock file beside what it installed, with the root's entry left out. */
function isInstalledByNpm() {
  try {
    const { packages: wanted } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
    const { packages: found } = JSON.parse(readFileSync(join(MODULES, ".package-lock.json"), "utf8"));
    // What is optional may be missing: it is for another platform.
    return Object.entries(wanted).every(([path, { version, optional }]) => {
      if (path === "" || (optional && found[path] === undefined)) return true;
      return found[path]?.version === version && existsSync(join(ROOT, path, "package.json"));
    });
  } catch {
    return false; // either file is missing or no JSON: nothing is known of the tree
  }
}

/** What an installed tree depends on: the lock file and the platform whose binaries it holds. */
function fingerprint() {
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  return createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex");
}

function readStamp() {
  return existsSync(STAMP) ? readFileSync(STAMP, "utf8") : null;
}

/** Two installs of one tree at a time would delete each other's files. */
async function installAlone() {
  await takeLock();
  try {
    if (readStamp() !== fingerprint()) await install();
  } finally {
    rmSync(LOCK_DIR, { recursive: true, force: true });
  }
}

async function takeLock() {
  mkdirSync(dirname(LOCK_DIR), { recursive: true });
  const givesUpAtMs = Date.now() + LOCK_PATIENCE_MS;
  while (!tryLock()) {
    if (Date.now() > givesUpAtMs) stop(`Another install seems stuck: remove ${LOCK_DIR} and start again.`);
    await sleep(LOCK_POLL_MS);
  }
}

function tryLock() {
  try {
    mkdirSync(LOCK_DIR);
    writeFileSync(join(LOCK_DIR, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") stop(`Cannot write ${LOCK_DIR}: ${error.code}.`);
    if (isHolderGone()) rmSync(LOCK_DIR, { recursive: true, force: true });
    return false;
  }
}

function isHolderGone() {
  try {
    process.kill(Number(readFileSync(join(LOCK_DIR, "pid"), "utf8")), 0);
    return false;
  } catch (error) {
    // No pid file yet means a holder between its two steps, not a dead one.
    return error.code === "ESRCH";
  }
}

async function install() {
  const startedAtMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedAtMs) / 1000);
  console.log("Installing dependencies (once; about a minute) …");
  const progress = setInterval(() => console.log(`  … still installing (${seconds()} s)`), PROGRESS_EVERY_MS);
  const code = await runNpmCi();
  clearInterval(progress);
  if (code !== 0) {
    stop(
      "npm ci failed (its output stands above): check the network or registry, then run the command again.",
    );
  }
  writeFileSync(STAMP, fingerprint());
  console.log(`Installed in ${seconds()} s.`);
}

function runNpmCi() {
  // Dev and optional packages are what this project runs on, whatever NODE_ENV or npm's `omit` say.
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const [command, ...before] = npmCommand();
  return new Promise((resolve) => {
    const child = spawn(command, [...before, ...args], { cwd: ROOT, stdio: "inherit", env: cleanEnv() });
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** The npm that called us when there is one; never through the Node that `npm ci` is about to delete. */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const isUsable = npm?.endsWith("npm-cli.js") && node && !isInsideModules(node) && existsSync(npm);
  return isUsable ? [node, npm] : ["npm"];
}

/** Without the marks of the surrounding `npm start`; its configuration (registry, proxies) stays. */
function cleanEnv() {
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^npm_(lifecycle|package|command|execpath|node_execpath)/.test(name)) env[name] = value;
  }
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => !isInsideModules(folder));
  return { ...env, PATH: folders.join(delimiter) };
}

function isInsideModules(path) {
  return path === MODULES || path.startsWith(MODULES + sep);
}

/** npm puts node_modules/.bin first on the PATH of each script, so a Node in there runs what follows. */
function checkNode() {
  if (existsSync(join(BIN, "node"))) return;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > LEAST_NODE.major || (major === LEAST_NODE.major && minor >= LEAST_NODE.minor);
  if (!isNewEnough) {
    stop(
      `Node ${LEAST_NODE.major} (${LEAST_NODE.major}.${LEAST_NODE.minor} or newer) is needed on ` +
        `${process.platform}-${process.arch}; this is Node ${process.versions.node}. Install it and run the command again.`,
    );
  }
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

await setup();
