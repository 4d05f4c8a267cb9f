// Numbers to signed bytes and back by one scale. Knows nothing of what they mean.

/** To a 127th of the largest. */
export function quantise(values: Float32Array): { readonly data: Int8Array; readonly scale: number } {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  const scale = most === 0 ? 1 : most / 127;
  return { data: Int8Array.from(values, (value) => Math.round(value / scale)), scale };
}
