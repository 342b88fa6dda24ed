// Runs that differ in their seeds alone, as one line and a band: what a setting does, not one run.
import { index_at } from "./arrays.js";

const is_seed = (key) => key === "seed" || key.endsWith("_seed");
const most_places = 1200;

/** {"optim.lr": "0.001", ...}: what a run was told, but for seeds, and for what is recorded of it. */
export function setting_of(spec) {
  const out = {};
  const add = (path, value) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) for (const [key, inner] of Object.entries(value)) add(`${path}.${key}`, inner);
    else if (!is_seed(path.split(".").at(-1))) out[path] = JSON.stringify(value);
  };
  for (const [section, values] of Object.entries(spec)) if (section !== "record") add(section, values);
  return out;
}

const most_said = 3;
const without_section = (key) => key.split(".").slice(1).join(".");
const short_name = (key, all) => (all.filter((other) => without_section(other) === without_section(key)).length > 1 ? key : without_section(key));

/** Groups of runs with the same setting, named by what tells them apart: [{label, members}], in the
 *  order of their first members. `spec_of(run)` is a run's spec. */
export function groups_of(runs, spec_of) {
  const groups = new Map();
  for (const run of runs) {
    const setting = setting_of(spec_of(run));
    const key = JSON.stringify(Object.entries(setting).sort());
    if (!groups.has(key)) groups.set(key, { setting, members: [] });
    groups.get(key).members.push(run);
  }
  const all = [...groups.values()];
  const keys = [...new Set(all.flatMap(({ setting }) => Object.keys(setting)))];
  const telling = keys.filter((key) => new Set(all.map(({ setting }) => setting[key])).size > 1);
  return all.map(({ setting, members }) => {
    const known = telling.filter((key) => setting[key] !== undefined);
    const short = known.slice(0, most_said).map((key) => `${short_name(key, telling)} ${setting[key].replaceAll('"', "")}`).join(", ");
    const said = known.length > most_said ? `${short}, …` : short;
    const n = `${members.length} ${members.length === 1 ? "run" : "seeds"}`;
    return { label: said ? `${said} (${n})` : n, members };
  });
}

/** Of sorted numbers, between two where it falls between. */
export function quantile(sorted, share) {
  if (!sorted.length) return NaN;
  const place = share * (sorted.length - 1);
  const i = Math.min(sorted.length - 2, Math.floor(place));
  return sorted.length === 1 ? sorted[0] : sorted[i] + (place - i) * (sorted[i + 1] - sorted[i]);
}

/** The middle of several curves and the half about it: {steps, values, low, high}, medians and
 *  quartiles. A run that is over keeps its last value; where one that still trains ends, or has no
 *  number, so does the band.  curves  [{steps, values, is_over}] */
export function band_of(curves) {
  const filled = curves.filter(({ steps }) => steps.length);
  const begin = Math.max(...filled.map(({ steps }) => steps[0]));
  const lost_at = ({ steps, values }) => steps[Array.from(values).findIndex((v) => !Number.isFinite(v))] ?? Infinity;
  const before = Math.min(Infinity, ...filled.map(lost_at)); // where one diverged
  const end = Math.min(Infinity, ...filled.filter(({ is_over }) => !is_over).map(({ steps }) => steps.at(-1)));
  const all = [...new Set(filled.flatMap(({ steps }) => Array.from(steps)))].filter((s) => s >= begin && s <= end && s < before).sort((a, b) => a - b);
  const every = Math.ceil(all.length / most_places);
  const steps = all.filter((_, i) => i % every === 0 || i === all.length - 1);
  const at = steps.map((step) => filled.map(({ steps: of, values }) => values[index_at(of, step)]).sort((a, b) => a - b));
  const pick = (share) => Float64Array.from(at, (sorted) => quantile(sorted, share));
  return { steps: Float64Array.from(steps), values: pick(0.5), low: pick(0.25), high: pick(0.75) };
}
