// How much memory the router's runtime has, and whether it grows. Linux only: /proc tells it.
import { readdirSync, readFileSync } from "node:fs";

/** The runtime among the children of `npm start`. @throws Error where there is none, or no /proc. */
export function runtimePidOf(parent: number): number {
  const found = readdirSync("/proc").find((name) => {
    if (!/^\d+$/.test(name)) return false;
    const stat = textOf(`/proc/${name}/stat`);
    const [, command = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    return command === "workerd" && Number(rest.split(" ")[1]) === parent;
  });
  if (found === undefined)
    throw new Error("the runtime's process was not found under /proc: this part needs Linux");
  return Number(found);
}

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / 1024;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it ended between two looks
  }
}

export interface Sample {
  readonly minute: number;
  readonly mb: number;
}

/** MB per minute by least squares; 0 of fewer than two samples. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (read: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + read(sample), 0) / Math.max(1, samples.length);
  const minute = mean((sample) => sample.minute);
  const mb = mean((sample) => sample.mb);
  const covariance = mean((sample) => (sample.minute - minute) * (sample.mb - mb));
  const variance = mean((sample) => (sample.minute - minute) ** 2);
  return variance === 0 ? 0 : covariance / variance;
}
