// Arrays as the server sends them: the layout of a safetensors file. docs/scope.md.

/** bytes: ArrayBuffer. Returns {NAME: {shape, data}} with data a Float64Array or Float32Array. */
export function decode_arrays(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const out = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    const Type = { F64: Float64Array, F32: Float32Array }[dtype];
    const [begin, end] = data_offsets;
    const n = (end - begin) / Type.BYTES_PER_ELEMENT;
    out[name] = { shape, data: new Type(bytes, 8 + length + begin, n) };
  }
  return out;
}

/** Index of the last of rising `steps` that is at most `step`; 0 where there is none. */
export function index_at(steps, step) {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** The one of rising `steps` that is nearest to `step`. */
export function nearest(steps, step) {
  const i = index_at(steps, step);
  const next = steps[i + 1];
  return next !== undefined && next - step < step - steps[i] ? next : steps[i];
}
