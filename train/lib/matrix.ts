// The little dense linear algebra that training needs: symmetric systems. Row-major Float64Array; a
// thousand or two of rows at most, so clarity before blocking.

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** Solves A·X = B for symmetric positive definite A; A is n × n, B is n × m. Cholesky. */
export function solveSymmetric(a: Matrix, b: Matrix): Matrix {
  const n = a.rows;
  const m = b.columns;
  const lower = cholesky(a);
  const x = Float64Array.from(b.data);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) addScaledRow(x, m, { to: i, from: k, factor: -(lower[i * n + k] ?? 0) });
    scaleRow(x, m, { row: i, factor: 1 / (lower[i * n + i] ?? 1) });
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) addScaledRow(x, m, { to: i, from: k, factor: -(lower[k * n + i] ?? 0) });
    scaleRow(x, m, { row: i, factor: 1 / (lower[i * n + i] ?? 1) });
  }
  return { rows: n, columns: m, data: x };
}

/** X'·X + ridge on the diagonal; `weights` per row where given. */
export function gram(x: Matrix, ridge: number, weights?: ArrayLike<number>): Matrix {
  const n = x.columns;
  const out = new Float64Array(n * n);
  for (let r = 0; r < x.rows; r++) {
    const weight = weights?.[r] ?? 1;
    if (weight === 0) continue;
    const at = r * n;
    for (let i = 0; i < n; i++) {
      const left = weight * (x.data[at + i] ?? 0);
      if (left === 0) continue;
      for (let j = 0; j <= i; j++) out[i * n + j] = (out[i * n + j] ?? 0) + left * (x.data[at + j] ?? 0);
    }
  }
  for (let i = 0; i < n; i++) {
    out[i * n + i] = (out[i * n + i] ?? 0) + ridge;
    for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j] ?? 0;
  }
  return { rows: n, columns: n, data: out };
}

function cholesky(a: Matrix): Float64Array {
  const n = a.rows;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a.data[i * n + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] ?? 0) * (lower[j * n + k] ?? 0);
      if (i === j) lower[i * n + i] = Math.sqrt(Math.max(sum, 1e-12));
      else lower[i * n + j] = sum / (lower[j * n + j] ?? 1);
    }
  }
  return lower;
}

function addScaledRow(
  x: Float64Array,
  m: number,
  { to, from, factor }: { readonly to: number; readonly from: number; readonly factor: number },
): void {
  if (factor === 0) return;
  for (let j = 0; j < m; j++) x[to * m + j] = (x[to * m + j] ?? 0) + factor * (x[from * m + j] ?? 0);
}

function scaleRow(
  x: Float64Array,
  m: number,
  { row, factor }: { readonly row: number; readonly factor: number },
): void {
  for (let j = 0; j < m; j++) x[row * m + j] = (x[row * m + j] ?? 0) * factor;
}
