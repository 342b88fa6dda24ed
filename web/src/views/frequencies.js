// Which frequencies a network uses, and when it chose them: every array that a run records over
// time, frequency by step; and what became of the one that is chosen.
import { useEffect, useMemo, useState } from "preact/hooks";
import { useComputed } from "@preact/signals";
import { index_at, nearest } from "../arrays.js";
import { Chart } from "../chart.js";
import { definition, hint } from "../definitions.js";
import { grouped } from "../format.js";
import { Heatmap } from "../heatmap.js";
import { html } from "../html.js";
import { step_axis } from "../scale.js";
import { Bars } from "../shapes.js";
import { axis, set_values, value_of } from "../state.js";

const asked_of = value_of("of");
const asked_k = value_of("k");
const threshold = 0.85; // of a neuron's variance: it answers to the frequency

/** Neurons of each frequency at each step, from the two arrays that are recorded. */
function clusters(frequency, explained, n) {
  const n_neurons = frequency.shape[0];
  const values = new Float32Array(frequency.steps.length * n);
  for (let t = 0; t < frequency.steps.length; ++t) {
    for (let j = 0; j < n_neurons; ++j) {
      const k = frequency.values[t * n_neurons + j];
      if (k >= 1 && explained.values[t * n_neurons + j] >= threshold) ++values[t * n + k - 1];
    }
  }
  return { steps: frequency.steps, shape: [n], values };
}

const by_frequency = ["embedding_spectrum", "neuron_logit_spectrum", "neuron_clusters", "cos_coefficients", "excluded_loss_2d", "excluded_loss_3d"];

function use_array(store, name, n) {
  const [array, set_array] = useState(null);
  const [error, set_error] = useState(null);
  useEffect(() => {
    let is_wanted = true;
    const load = name === "neuron_clusters"
      ? Promise.all([store.array("neuron_frequency"), store.array("neuron_explained")]).then(([f, e]) => clusters(f, e, n))
      : store.array(name);
    load.then((found) => is_wanted && (set_array({ name, ...found }), set_error(null))).catch((e) => is_wanted && set_error(e));
    return () => (is_wanted = false);
  }, [name, axis.value, store.last_step.value, store.run.value]);
  return [array?.name === name ? array : null, error];
}

function column_places(steps) {
  const kind = step_axis[axis.value];
  const [low, high] = [kind.to(steps[0]), kind.to(steps[steps.length - 1])];
  return {
    column_of: (x) => index_at(steps, kind.from(low + x * (high - low)) + 1e-6),
    place_of: (column) => (high > low ? (kind.to(steps[column]) - low) / (high - low) : 0),
    place: (step) => (high > low ? Math.max(0, Math.min(1, (kind.to(step) - low) / (high - low))) : 0),
    ticks: kind.ticks(low, high).map((place) => ({ place: (place - low) / (high - low || 1), label: kind.label(place) })),
  };
}

function row_ticks(n) {
  const every = n > 40 ? 10 : n > 16 ? 5 : 1;
  return Array.from({ length: n }, (_, i) => i + 1).filter((k) => k % every === 0).map((k) => ({ place: (k - 0.5) / n, label: String(k) }));
}

function AtStep({ store, array, chosen, on_press }) {
  const n = array.shape[0];
  const t = index_at(array.steps, store.step.value);
  return html`<${Bars} title=${`${definition(array.name).label} at step ${grouped(array.steps[t])}`} about=${hint(array.name)} values=${array.values.subarray(t * n, (t + 1) * n)} strong=${store.keys.value} chosen=${chosen} on_press=${on_press} />`;
}

function OverTime({ store, array, k }) {
  const n = array.shape[0];
  const curves = useMemo(() => {
    const total = Float64Array.from(array.steps, (_, t) => array.values.subarray(t * n, (t + 1) * n).reduce((sum, x) => sum + x * x, 0));
    const of_k = Float64Array.from(array.steps, (_, t) => array.values[t * n + k - 1]);
    return { value: [{ name: array.name, label: `frequency ${k}`, steps: array.steps, values: of_k }],
      share: [{ name: `${array.name} share`, label: `share of frequency ${k}`, steps: array.steps, values: of_k.map((x, t) => (total[t] > 0 ? (x * x) / total[t] : NaN)) }] };
  }, [array, k]);
  const common = { phases: store.phases.value, step: store.step, on_step: (s) => store.set_step(nearest(store.steps.value, s)) };
  return html`<${Chart} title=${`${definition(array.name).label}, frequency ${k}`} about=${hint(array.name)} scale="linear" curves=${curves.value} ...${common} />
    ${array.name.includes("spectrum") && html`<${Chart} title=${`Share of frequency ${k}`} about="Of the squares over all frequencies." scale="linear" range=${[-0.02, 1.02]} curves=${curves.share} ...${common} />`}`;
}

export function Frequencies({ store }) {
  const { arrays } = store.run.value;
  const names = by_frequency.filter((name) => arrays.includes(name) || (name === "neuron_clusters" && arrays.includes("neuron_frequency") && arrays.includes("neuron_explained")));
  const of = names.includes(asked_of.value) ? asked_of.value : names[0];
  const p = store.run.value.summary.spec.task.p;
  const [array, error] = use_array(store, of ?? "", (p - 1) / 2);
  const places = useMemo(() => array && column_places(array.steps), [array, axis.value]);
  const mark = useComputed(() => (places ? places.place(store.step.value) : 0));
  const excluded = use_array(store, arrays.includes("excluded_loss_2d") ? "excluded_loss_2d" : of ?? "", 0)[0];
  if (!names.length) return html`<p>This run recorded nothing by frequency: its task is no function modulo an odd p, or its probes were left out.</p>`;
  const n = array?.shape[0] ?? 0;
  const asked = Number(asked_k.value);
  const chosen = asked >= 1 && asked <= n ? asked : store.keys.value[0];
  const choose = (k) => set_values({ k: String(k) });
  return html`<div class="grid"><h2 class="unseen">Frequencies</h2>
    <div class="bar wide"><label class="small-field">Show <select value=${of} onChange=${(e) => set_values({ of: e.target.value })}>${names.map((name) => html`<option value=${name}>${definition(name).label}</option>`)}</select></label>
      ${n > 0 && html`<label class="small-field">frequency <input type="number" min="1" max=${n} value=${chosen ?? ""} onChange=${(e) => choose(Math.max(1, Math.min(n, Math.round(Number(e.target.value)) || 1)))} /></label>`}
      <span class="quiet">${hint(of)}</span></div>
    ${error && html`<p class="said-error wide" role="alert">${error.message}</p>`}
    ${array && places && html`<${Heatmap} title=${`${definition(of).label} by frequency`} about=${definition(of).meaning} wide=${true} height=${Math.max(220, Math.min(420, n * 7))}
        n_rows=${n} n_columns=${array.steps.length} values=${array.values} at=${(row, column) => array.values[column * n + row]} column_of=${places.column_of} place_of=${places.place_of}
        row_label=${(row) => `frequency ${row + 1}`} column_label=${(column) => `step ${grouped(array.steps[column])}`} x_ticks=${places.ticks} y_ticks=${row_ticks(n)} x_name="step" y_name="frequency"
        mark=${mark} chosen=${chosen ? chosen - 1 : null} on_press=${(row, column) => (choose(row + 1), store.set_step(array.steps[column]))} />
      <${AtStep} store=${store} array=${array} chosen=${chosen} on_press=${choose} />
      ${chosen && html`<${OverTime} store=${store} array=${array} k=${chosen} />`}
      ${chosen && excluded && excluded.name !== of && excluded.shape[0] >= chosen && html`<${OverTime} store=${store} array=${excluded} k=${chosen} />`}`}
  </div>`;
}
