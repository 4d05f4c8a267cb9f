// `npm run bench:admission`: what keys, limits and credits cost on one hot account. The same requests through a bare
// passthrough, without and with the Account object in turn, order reversed each round; medians of the rounds.
// `--quick`: two short rounds. Then the rate of refusals on an account over its limit.
import { assertWrk, type Load, type LoadResult, runLoad } from "./load.ts";
import { BENCH_MODEL, openOrigin, openStage, type Stage } from "./stage.ts";

const isQuick = process.argv.includes("--quick");
const ROUNDS = isQuick ? 2 : 5;
const SECONDS = isQuick ? 4 : 8;
const CONNECTIONS = 32;
/** Until the compiler has done with the code of a request. */
const WARM_UP_SECONDS = 8;

const PROMPT = "Write a function that sorts a list, with a docstring and a test. ".repeat(15);
const CHAT = {
  path: "/v1/chat/completions",
  body: { model: BENCH_MODEL, max_tokens: 64, messages: [{ role: "user", content: PROMPT }] },
};

const NAMES = ["passthrough", "without", "with"] as const;
type Name = (typeof NAMES)[number];
type Results = Readonly<Record<Name, LoadResult[]>>;

assertWrk();
const origin = await openOrigin();
const stages = {
  passthrough: await openStage({
    entry: "bench/workers/passthrough.ts",
    plan: "enterprise",
    originPort: origin.port,
  }),
  without: await openStage({
    entry: "bench/workers/without-account.ts",
    plan: "enterprise",
    originPort: origin.port,
  }),
  with: await openStage({ entry: "src/index.ts", plan: "enterprise", originPort: origin.port }),
  limited: await openStage({ entry: "src/index.ts", plan: "free", originPort: origin.port }),
};
try {
  await measure();
} finally {
  origin.close();
  await Promise.all(Object.values(stages).map((stage) => stage.close()));
}

async function measure(): Promise<void> {
  const results: Results = { passthrough: [], without: [], with: [] };
  const alone: Results = { passthrough: [], without: [], with: [] };
  for (const name of NAMES) await runLoad({ ...loadOn(stages[name]), seconds: WARM_UP_SECONDS });
  await runLoad({ ...loadOn(stages.limited), expect: 429, seconds: WARM_UP_SECONDS });
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? NAMES : [...NAMES].reverse();
    for (const name of order) {
      results[name].push(await runLoad(loadOn(stages[name])));
      alone[name].push(await runLoad({ ...loadOn(stages[name]), connections: 1, seconds: 1 }));
    }
  }
  report(results, alone, await runLoad({ ...loadOn(stages.limited), expect: 429 }));
}

function loadOn(stage: Stage): Load {
  return { stage, connections: CONNECTIONS, seconds: SECONDS, expect: 200, ...CHAT };
}

function report(results: Results, alone: Results, refused: LoadResult): void {
  const of = (list: readonly LoadResult[], read: (result: LoadResult) => number) => median(list.map(read));
  const cpu = (name: Name) => of(results[name], ({ cpuMsPerRequest }) => cpuMsPerRequest);
  const unit = cpu("passthrough");
  const rows = NAMES.map((name) => ({
    worker: name,
    "req/s @32": Math.round(of(results[name], ({ rps }) => rps)),
    "p50 ms @32": of(results[name], ({ p50Ms }) => p50Ms).toFixed(2),
    "p50 ms @1": of(alone[name], ({ p50Ms }) => p50Ms).toFixed(2),
    "CPU ms/req": cpu(name).toFixed(4),
    "× passthrough": (cpu(name) / unit).toFixed(2),
    others: results[name].reduce((sum, { others }) => sum + others, 0),
  }));
  console.table(rows);
  // Round by round: the neighbours of one round were the same for all.
  const added = median(
    results.with.map(
      (result, round) => result.cpuMsPerRequest - (results.without[round]?.cpuMsPerRequest ?? 0),
    ),
  );
  console.log(
    `admit + settle add ${added.toFixed(4)} ms CPU per request = ${(added / unit).toFixed(2)} × passthrough`,
  );
  const { rps, cpuMsPerRequest } = refused;
  console.log(
    `429s: ${Math.round(rps)} per second, ${cpuMsPerRequest.toFixed(4)} ms = ${(cpuMsPerRequest / unit).toFixed(2)} × passthrough`,
  );
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
