// Hands one decided answer over: a place on the GPU, the gate, then bytes in the rhythm the timing
// gives. The only file where answers, engines and wires meet.
import type { Answer, EngineWork, StreamAnswer, WholeAnswer } from "./answer.ts";
import { type Engine, enter, loadingLeftMs } from "./engine.ts";
import type { Fault } from "./faults.ts";
import { type Gate, passGate } from "./hold.ts";
import { type Pace, startPace } from "./pace.ts";
import { type Family, loading, overloaded } from "./refusals.ts";
import { frameBytes, frameText } from "./sse-frame.ts";
import { aborted, createWire, type Exchange, type Wire, type WireFault, wireFaultOf } from "./wire.ts";

interface Floor {
  readonly engines: ReadonlyMap<string, Engine>;
  readonly gate: Gate;
}

interface Delivery {
  readonly answer: Answer;
  readonly fault: Fault | null;
  readonly family: Family;
}

export async function deliver(floor: Floor, exchange: Exchange, delivery: Delivery): Promise<void> {
  const { answer, fault } = delivery;
  const wireFault = wireFaultOf(fault, () => Math.floor(bytesOf(answer) / 2));
  if (answer.kind === "whole" && answer.work === null) {
    await sendWhole(createWire(exchange, wireFault), answer, wireFault);
    return;
  }
  const engine = floor.engines.get(answer.work?.servedAs ?? "");
  if (engine === undefined) throw new Error(`no engine for ${answer.work?.servedAs}`);
  const leftMs = loadingLeftMs(engine, Date.now());
  if (leftMs > 0) {
    await sendWhole(
      createWire(exchange, wireFault),
      loading(delivery.family, engine.servedAs, leftMs),
      wireFault,
    );
    return;
  }
  await compute({ floor, engine, wireFault }, exchange, delivery);
}

interface Station {
  readonly floor: Floor;
  readonly engine: Engine;
  readonly wireFault: WireFault;
}

async function compute(
  { floor, engine, wireFault }: Station,
  exchange: Exchange,
  delivery: Delivery,
): Promise<void> {
  const { answer, fault } = delivery;
  const { signal, entry } = exchange;
  const wire = createWire(exchange, wireFault);
  const place = enter(engine);
  if (place === null) return sendWhole(wire, overloaded(delivery.family), wireFault);
  try {
    await passGate(floor.gate, signal);
    // vLLM sends the headers of a stream before its first token is computed.
    if (answer.kind === "stream" && !signal.aborted) wire.open(200, EVENT_STREAM);
    await Promise.race([place.started, aborted(signal)]);
    if (signal.aborted) return;
    const pace = startPace(engine, fault?.kind === "slow" ? fault.factor : null, signal);
    if (answer.kind === "stream") {
      await sendFrames({ wire, pace, lineEnd: wireFault.lineEnd }, exchange, answer);
    } else {
      if (answer.work !== null) await computeWhole(pace, answer.work, signal);
      if (signal.aborted) return;
      entry.tokens_sent = answer.tokens;
      await sendWhole(wire, answer, wireFault);
    }
  } finally {
    place.leave();
  }
}

const EVENT_STREAM = { "content-type": "text/event-stream; charset=utf-8" };

/** Steps between looks at the batch, of an answer nobody sees grow. */
const STEPS_AT_ONCE = 16;

async function computeWhole(pace: Pace, work: EngineWork, signal: AbortSignal): Promise<void> {
  await pace.prefill(work.promptTokens);
  for (let left = work.steps; left > 0 && !signal.aborted; left -= STEPS_AT_ONCE) {
    await pace.decode(Math.min(left, STEPS_AT_ONCE));
  }
}

interface FrameSink {
  readonly wire: Wire;
  readonly pace: Pace;
  readonly lineEnd: "\n" | "\r\n";
}

async function sendFrames(sink: FrameSink, exchange: Exchange, answer: StreamAnswer): Promise<void> {
  const { wire, pace, lineEnd } = sink;
  await pace.prefill(answer.work.promptTokens);
  for (const frame of answer.frames()) {
    if (frame.steps > 0) await pace.decode(frame.steps);
    if (exchange.signal.aborted) return;
    exchange.entry.tokens_sent += frame.tokens;
    if (!(await wire.send(Buffer.from(frameText(frame, lineEnd))))) return;
  }
  wire.finish();
}

async function sendWhole(wire: Wire, answer: WholeAnswer, fault: WireFault): Promise<void> {
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  // A clean early end cannot be had with a length announced, nor silence behind a length of nothing: whoever asked
  // would call that whole and send the next request after it. Such answers are sent in chunks.
  const isOpenEnded = fault.cut?.how === "end" || fault.isSilent;
  const length = isOpenEnded ? {} : { "content-length": String(body.length) };
  wire.open(answer.status, { ...answer.headers, ...length });
  if (await wire.send(body)) wire.finish();
}

function bytesOf(answer: Answer): number {
  if (answer.kind === "whole") return Buffer.byteLength(answer.body);
  let total = 0;
  for (const frame of answer.frames()) total += frameBytes(frame);
  return total;
}

/** For tools beside the inference paths: no engine, no gate, no fault. */
export async function deliverPlain(exchange: Exchange, answer: WholeAnswer): Promise<void> {
  const wireFault = wireFaultOf(null, () => 0);
  await sendWhole(createWire(exchange, wireFault), answer, wireFault);
}
