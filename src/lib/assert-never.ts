/** The compiler's proof that a closed set was handled whole; reached only when a cast lied. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
