// A fault the person at the terminal can mend: one sentence that says what to do. Scripts print it
// without a stack and exit with 1. It knows no script.

const FAULT = "Fault";

export function fault(message: string): Error {
  const error = new Error(message);
  error.name = FAULT;
  return error;
}

/** What to print for anything thrown: faults are one line, everything else is a defect with its stack. */
export function describeFailure(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.name === FAULT) return thrown.message;
  return thrown.stack ?? thrown.message;
}
