// Axes: from values to places and back, and where ticks stand. A log axis of steps is one of
// 1 + step, so that step 0 has a place.
import { number, short } from "./format.js";

const decades = (low, high) => {
  const out = [];
  for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; ++e) out.push(e);
  return out;
};

/** At most `most` of the values, evenly. */
const thin = (values, most) => {
  const every = Math.ceil(values.length / most);
  return values.filter((_, i) => i % every === 0);
};

function round_steps(low, high, most) {
  const width = high - low || 1;
  const rough = width / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((f) => f * power).find((u) => u >= rough);
  const out = [];
  for (let v = Math.ceil(low / unit - 1e-9) * unit; v <= high + unit * 1e-9; v += unit) {
    out.push(Math.abs(v) < unit * 1e-9 ? 0 : v);
  }
  return out;
}

/** Steps: {to, from, ticks(low, high), label}; low and high are places. */
export const step_axis = {
  log: {
    to: (step) => Math.log10(1 + step),
    from: (place) => 10 ** place - 1,
    ticks(low, high, most = 8) {
      if (high - low < 1.2) {
        return round_steps(this.from(low), this.from(high), most).map((s) => this.to(s));
      }
      const steps = [0, ...decades(0, high).map((e) => 10 ** e)];
      return thin(steps.map((s) => this.to(s)).filter((p) => p >= low && p <= high), most);
    },
    label: (place) => short(Math.round(10 ** place - 1)),
  },
  linear: {
    to: (step) => step,
    from: (place) => place,
    ticks: (low, high, most = 8) => round_steps(low, high, most),
    label: (place) => short(place),
  },
};

const superscript = (n) => String(n).replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

export const value_axis = {
  log: {
    to: (v) => (v > 0 ? Math.log10(v) : null),
    from: (place) => 10 ** place,
    ticks(low, high, most = 6) {
      const powers = decades(low, high);
      if (powers.length >= 2) return thin(powers, most);
      return round_steps(10 ** low, 10 ** high, most).filter((v) => v > 0).map(Math.log10);
    },
    label: (place) => {
      if (Math.abs(place - Math.round(place)) > 1e-9) return number(10 ** place);
      const e = Math.round(place);
      return e >= -2 && e <= 3 ? String(Number((10 ** e).toPrecision(1))) : `10${superscript(e)}`;
    },
  },
  linear: {
    to: (v) => v,
    from: (place) => place,
    ticks: (low, high, most = 6) => round_steps(low, high, most),
    label: (place) => number(Number(place.toPrecision(6))),
  },
};
