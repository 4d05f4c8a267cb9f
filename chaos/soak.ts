// Slow readers and paced streams for ten minutes, with a fault at some origin every ten seconds: memory stays, and
// no stream ends without saying how. Short form: half a minute, where memory is printed and not judged.
import { setTimeout as sleep } from "node:timers/promises";
import { FAULT_KINDS, type FaultKind } from "../sim/faults.ts";
import { startServer, type TestServer } from "../test/support/server.ts";
import { type Simulators, simulators } from "../test/support/simulators.ts";
import { brokenPromise, type PartPorts, type Settings, seconds, type Table } from "./part.ts";
import { residentMb, runtimePidOf, type Sample, slopeOf } from "./soak/memory.ts";
import { openReader, type Reader, type StreamEnd } from "./soak/reader.ts";

const LASTS_MS = { full: 600_000, short: 25_000 } as const;
const SLOW_READERS = 64;
const PACED_STREAMS = 64;
const SLOW_BYTES_PER_S = 1_000;
/** Ten tokens a second: 64 streams are 640 events a second, which leaves the machine to the router. */
const PACE = { scale: 1, decodeBaseMs: 100, decodeMsPerB: 0 };
const FAULT_EVERY_MS = 10_000;
const SAMPLE_EVERY_MS = 2_000;
/** Caches and compiled code grow first: memory is judged after this share of the time. */
const WARM_SHARE = 0.3;
const MAX_MB_PER_MINUTE = 1;

const MODEL = "Qwen/Qwen3-4B";
/** More than a slow reader can take within the time. */
const LONG_TOKENS = 8_000;
/** A dozen seconds at ten a second. */
const PACED_TOKENS = 120;

export async function soak(ports: PartPorts, { form, seed }: Settings): Promise<Table> {
  const server = await startServer({ env: { LOG: "json" } });
  const sims = simulators(server.demo);
  try {
    await sims.timing(PACE);
    return await run({ ports, server, sims, lastsMs: LASTS_MS[form], seed, isJudged: form === "full" });
  } finally {
    await server.stop("SIGKILL");
  }
}

interface Stage {
  readonly ports: PartPorts;
  readonly server: TestServer;
  readonly sims: Simulators;
  readonly lastsMs: number;
  readonly seed: number;
  readonly isJudged: boolean;
}

async function run(stage: Stage): Promise<Table> {
  const { ports, lastsMs } = stage;
  const untilMs = Date.now() + lastsMs;
  const ends = new Map<StreamEnd, number>();
  const count = (end: StreamEnd) => ends.set(end, (ends.get(end) ?? 0) + 1);
  const keepers = [
    ...Array.from({ length: SLOW_READERS }, () => keepReading(stage, { untilMs, count, isSlow: true })),
    ...Array.from({ length: PACED_STREAMS }, () => keepReading(stage, { untilMs, count, isSlow: false })),
  ];
  const [samples, faults] = await Promise.all([watchMemory(stage, untilMs), giveFaults(stage, untilMs)]);
  await Promise.all(keepers);
  ports.signal.throwIfAborted();
  const mbPerMinute = slopeOf(samples.slice(Math.floor(samples.length * WARM_SHARE)));
  const facts = { ends: Object.fromEntries(ends), mbPerMinute, faults };
  if ((ends.get("no-terminal") ?? 0) > 0) throw brokenPromise("every stream ends with a terminal", facts);
  if (stage.isJudged && mbPerMinute > MAX_MB_PER_MINUTE)
    throw brokenPromise(`memory grows by less than ${MAX_MB_PER_MINUTE} MB a minute`, facts);
  return [
    {
      time: seconds(lastsMs),
      faults,
      "MB at start": Math.round(samples[0]?.mb ?? 0),
      "MB at end": Math.round(samples.at(-1)?.mb ?? 0),
      "MB/min after warm-up": mbPerMinute.toFixed(2),
      done: ends.get("done") ?? 0,
      "error events": ends.get("error-event") ?? 0,
      refused: ends.get("refused") ?? 0,
      "without terminal": ends.get("no-terminal") ?? 0,
    },
  ];
}

interface Keeping {
  readonly untilMs: number;
  readonly count: (end: StreamEnd) => void;
  readonly isSlow: boolean;
}

/** One stream after the other; the last is left when the time is over. */
async function keepReading(stage: Stage, { untilMs, count, isSlow }: Keeping): Promise<void> {
  const { demo } = stage.server;
  const body = bodyOf(isSlow ? LONG_TOKENS : PACED_TOKENS);
  while (Date.now() < untilMs && !stage.ports.signal.aborted) {
    const reader = openReader({
      baseUrl: demo.base_url,
      key: demo.api_key,
      body,
      bytesPerS: isSlow ? SLOW_BYTES_PER_S : null,
    });
    const end = await endOrLeave(reader, untilMs);
    count(end);
    // Whoever is refused waits a little before he asks again.
    if (end === "refused") await sleep(1_000);
  }
}

async function endOrLeave(reader: Reader, untilMs: number): Promise<StreamEnd> {
  const timer = setTimeout(reader.leave, Math.max(0, untilMs - Date.now()));
  try {
    return await reader.end;
  } finally {
    clearTimeout(timer);
  }
}

function bodyOf(tokens: number) {
  const messages = [{ role: "user", content: "Tell me a long story." }];
  return { model: MODEL, stream: true, ignore_eos: true, max_tokens: tokens, messages };
}

async function watchMemory({ server, ports }: Stage, untilMs: number): Promise<readonly Sample[]> {
  const pid = runtimePidOf(server.demo.pid);
  const startMs = Date.now();
  const samples: Sample[] = [];
  while (Date.now() < untilMs && !ports.signal.aborted) {
    samples.push({ minute: (Date.now() - startMs) / 60_000, mb: residentMb(pid) });
    await sleep(SAMPLE_EVERY_MS);
  }
  return samples;
}

/** A whole region at a time would be another experiment: these meet the next three requests each. */
const REQUESTS_PER_FAULT = 3;

/** Every kind in turn, at some region; returns how many were given. */
async function giveFaults(stage: Stage, untilMs: number): Promise<number> {
  const { demo } = stage.server;
  const regions = demo.simulators.map(({ region }) => region);
  let given = 0;
  while (Date.now() < untilMs && !stage.ports.signal.aborted) {
    const kind: FaultKind = FAULT_KINDS[(stage.seed + given) % FAULT_KINDS.length] ?? "die";
    const region = regions[(stage.seed + given) % regions.length] ?? "";
    await simulators(demo, [region]).fault({ kind, count: REQUESTS_PER_FAULT });
    given++;
    await sleep(Math.min(FAULT_EVERY_MS, Math.max(0, untilMs - Date.now())));
  }
  return given;
}
