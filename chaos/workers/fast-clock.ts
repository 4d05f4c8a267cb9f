// The router on a clock that runs twenty times as fast, so that a minute's window passes in three seconds. Timers
// keep the real pace. Never part of a deployment.
import worker from "../../src/index.ts";

export { Account, Answers, OriginHealth, UsageLog } from "../../src/index.ts";

const SPEED = 20;
const realNow = Date.now.bind(Date);
/** Set at the first request: while modules load, the platform's clock stands at zero. */
let startMs = 0;

Date.now = () => {
  const nowMs = realNow();
  if (startMs === 0) startMs = nowMs;
  return startMs + (nowMs - startMs) * SPEED;
};

export default worker;
