// What of the page needs no browser: its reading of arrays, its axes, its numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode_arrays, index_at, nearest } from "../../web/src/arrays.js";
import { band_of, groups_of, quantile } from "../../web/src/bands.js";
import { color_of, line_colors, maps } from "../../web/src/colors.js";
import { ago, duration, number, percent, short, size_of } from "../../web/src/format.js";
import { step_axis, value_axis } from "../../web/src/scale.js";

/** As grok/serve/arrays.cpp writes them. */
function encoded(arrays) {
  const header = {};
  const parts = [];
  let at = 0;
  for (const [name, data] of Object.entries(arrays)) {
    header[name] = { dtype: data instanceof Float64Array ? "F64" : "F32", shape: [data.length], data_offsets: [at, at + data.byteLength] };
    parts.push(new Uint8Array(data.buffer));
    at += data.byteLength;
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const out = new Uint8Array(8 + text.length + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(new TextEncoder().encode(text), 8);
  let place = 8 + text.length;
  for (const part of parts) {
    out.set(part, place);
    place += part.length;
  }
  return out.buffer;
}

test("arrays are read bit for bit", () => {
  const steps = Float64Array.of(0, 0.1, 2 ** 53 - 1, NaN);
  const picture = Float32Array.of(1, -2, 3.5);
  const found = decode_arrays(encoded({ steps, picture }));
  assert.deepEqual(found.steps.data, steps);
  assert.deepEqual(found.picture.data, picture);
  assert.deepEqual(found.picture.shape, [3]);
  assert.deepEqual(decode_arrays(encoded({})), {});
});

test("the record at a step is the last one that is not after it", () => {
  const steps = [0, 100, 200];
  assert.deepEqual([-5, 0, 99, 100, 150, 200, 999].map((s) => index_at(steps, s)), [0, 0, 0, 1, 1, 2, 2]);
  assert.deepEqual([-5, 49, 51, 149, 151, 999].map((s) => nearest(steps, s)), [0, 0, 100, 100, 200, 200]);
});

test("axes go there and back, and have their ticks inside", () => {
  for (const axis of [step_axis.log, step_axis.linear]) {
    for (const step of [0, 1, 154, 9900, 123456]) assert.ok(Math.abs(axis.from(axis.to(step)) - step) < 1e-6 * (1 + step));
  }
  assert.deepEqual(step_axis.log.ticks(0, step_axis.log.to(10800)).map((p) => step_axis.log.label(p)), ["0", "1", "10", "100", "1k", "10k"]);
  assert.deepEqual(step_axis.linear.ticks(0, 10800).map((p) => step_axis.linear.label(p)), ["0", "2k", "4k", "6k", "8k", "10k"]);
  // A fork from step 600 has less than a decade: round steps instead of powers of ten.
  const [low, high] = [step_axis.log.to(600), step_axis.log.to(1800)];
  const forked = step_axis.log.ticks(low, high);
  assert.ok(forked.length >= 3 && forked.every((p) => p >= low - 1e-9 && p <= high + 1e-9));
  assert.equal(value_axis.log.to(0), null);
  assert.equal(value_axis.log.to(-1), null);
  assert.deepEqual(value_axis.log.ticks(-8, 1).map((p) => value_axis.log.label(p)), ["10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01", "1"]);
  assert.deepEqual(value_axis.linear.ticks(0, 1).map((p) => value_axis.linear.label(p)), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
});

test("numbers are said with the digits that matter", () => {
  assert.deepEqual([null, NaN, 0, 1e-7, 0.0001466, 0.5475, 12.3456, 2004, 1e9, -3.5].map(number), ["–", "–", "0", "1.00e-7", "0.0001466", "0.5475", "12.35", "2,004", "1.00e9", "-3.5"]);
  assert.deepEqual([percent(1), percent(0.5475), percent(null)], ["100.0 %", "54.8 %", "–"]);
  assert.deepEqual([short(0), short(1500), short(10000), short(2e6)], ["0", "1.5k", "10k", "2M"]);
  assert.deepEqual([size_of(10), size_of(61624320), size_of(1067495424)], ["1 kB", "61.6 MB", "1.07 GB"]);
  assert.deepEqual([duration(3.14159), duration(600), duration(null), ago(5e3), ago(3.6e6 * 5)], ["3.1 s", "10 min", "–", "just now", "5 h ago"]);
});

test("runs are of one group if their seeds alone differ, and groups are named by what else does", () => {
  const spec = (lr, seed, every = 100) => ({ task: { name: "t", p: 53, split_seed: seed }, optim: { lr }, train: { seed, steps: 10 }, record: { every } });
  const groups = groups_of([spec(0.001, 1), spec(0.01, 1), spec(0.001, 2, 50), spec(0.01, 7), spec(0.001, 3)], (run) => run);
  assert.deepEqual(groups.map(({ label }) => label), ["lr 0.001 (3 seeds)", "lr 0.01 (2 seeds)"]);
  assert.deepEqual(groups.map(({ members }) => members.length), [3, 2]);
  assert.deepEqual(groups_of([spec(1, 1), spec(1, 2)], (run) => run).map(({ label }) => label), ["2 seeds"]);
  // Names that two sections share are said with theirs, and no more than three things.
  const unlike = [{ task: { name: "a", p: 3 }, model: { name: "b" }, optim: { lr: 1 } }, { task: { name: "c", p: 5 }, model: { name: "d" }, optim: { lr: 2 } }];
  assert.equal(groups_of(unlike, (run) => run)[0].label, "task.name a, p 3, model.name b, … (1 run)");
});

test("quantiles lie between numbers where they fall between", () => {
  assert.deepEqual([0, 0.25, 0.5, 1].map((share) => quantile([1, 2, 4], share)), [1, 1.5, 2, 4]);
  assert.equal(quantile([3], 0.25), 3);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("a band holds the middle half, keeps what is over, and ends where a run still trains", () => {
  const run = (values, is_over = true) => ({ steps: values.map((_, i) => 10 * i), values, is_over });
  const band = band_of([run([1, 1]), run([2, 2, 2]), run([4, 3, 0])]);
  assert.deepEqual([...band.steps], [0, 10, 20]);
  assert.deepEqual([...band.values], [2, 2, 1]);
  assert.deepEqual([...band.low], [1.5, 1.5, 0.5]);
  assert.deepEqual([...band.high], [3, 2.5, 1.5]);
  assert.deepEqual([...band_of([run([1, 1, 1]), run([2, NaN, NaN])]).steps], [0]);
  assert.deepEqual([...band_of([run([1, 1, 1]), run([2, 2], false)]).steps], [0, 10]);
  // Runs that record at other steps: the last record counts.
  assert.deepEqual([...band_of([{ steps: [0, 7], values: [0, 8], is_over: true }, run([2, 2])]).values], [1, 5, 5]);
});

// Lightness as the eye has it, 0 .. 1 (WCAG's relative luminance).
function lightness(abgr) {
  const part = (x) => (x / 255 <= 0.03928 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(abgr & 255) + 0.7152 * part((abgr >> 8) & 255) + 0.0722 * part((abgr >> 16) & 255);
}

test("a sequential map rises in lightness, so that it is read without colours", () => {
  const all = Array.from(maps.sequential, lightness);
  for (let i = 1; i < 256; ++i) assert.ok(all[i] > all[i - 1] - 1e-3, `at ${i}`);
  assert.ok(all[255] - all[0] > 0.7);
  const diverging = Array.from(maps.diverging, lightness);
  assert.ok(diverging[128] > 0.85 && diverging[0] < 0.1 && diverging[255] < 0.15);
});

test("a value has its colour, one outside the nearest, and none is see-through", () => {
  const map = maps.sequential;
  assert.equal(color_of(map, 0, 0, 1), map[0]);
  assert.equal(color_of(map, 1, 0, 1), map[255]);
  assert.equal(color_of(map, 9, 0, 1), map[255]);
  assert.equal(color_of(map, 5, 5, 5), map[0]);
  assert.equal(color_of(map, NaN, 0, 1), 0);
});

// Simulated after Machado, Oliveira and Fernandes 2009, severity 1, on linear light.
const sights = {
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
};

test("the first four lines are told apart by the colour-blind", () => {
  const linear = (hex) => [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
  for (const [name, matrix] of Object.entries(sights)) {
    const seen = line_colors.slice(0, 4).map(linear).map((c) => matrix.map((row) => row.reduce((sum, x, i) => sum + x * c[i], 0)));
    for (let i = 0; i < 4; ++i) {
      for (let j = 0; j < i; ++j) assert.ok(Math.hypot(...seen[i].map((x, c) => x - seen[j][c])) > 0.1, `${name}: lines ${j} and ${i}`);
    }
  }
});
