// Several runs in one chart: by step, or by their grok step; each as a line, or seeds as bands.
import { useEffect, useMemo, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { get_metrics, show_run } from "../api.js";
import { band_of, groups_of } from "../bands.js";
import { Chart } from "../chart.js";
import { definition, hint, is_share } from "../definitions.js";
import { grouped, number, percent, short } from "../format.js";
import { html } from "../html.js";
import { axis, href, route, set_values } from "../state.js";

const usual = ["test_loss", "train_loss", "test_accuracy", "restricted_loss", "trig_fit_explained", "sum_squared_weights", "batch_loss"];

/** Steps as shares of the grok step: 1 is where a run groks. */
const grok_axis = {
  to: (x) => Math.log10(Math.max(1e-4, x)),
  from: (place) => 10 ** place,
  ticks: (low, high) => [-4, -3, -2, -1, 0, 1].filter((p) => p >= low - 1e-9 && p <= high + 1e-9),
  label: (place) => `${short(Number((10 ** place).toPrecision(1)))} ×`,
};

const file_name = (run) => run.name.replace(/\.grok$/, "");

/** The curves of some runs; as bands: one for each setting, of runs that differ in their seeds. */
function curves_of(runs, metric, align, as_bands) {
  const lines = runs.filter(({ curves, run }) => curves[metric] && (align === "step" || run.summary.grok_step > 0)).map(({ run, curves }, i) => ({
    run, name: metric, label: file_name(run), color_index: i, is_over: run.summary.is_closed, values: curves[metric].values,
    steps: align === "grok" ? curves[metric].steps.map((s) => s / run.summary.grok_step) : curves[metric].steps,
  }));
  if (!as_bands) return lines;
  return groups_of(lines, ({ run }) => run.summary.spec).map(({ label, members }, i) =>
    (members.length === 1 ? { ...members[0], label, color_index: i } : { name: metric, label, color_index: i, ...band_of(members) }));
}

export function Compare() {
  const ids = (route.value.values.runs ?? "").split(",").filter((id) => /^[0-9a-f]+$/.test(id));
  const metric = route.value.values.metric ?? "test_loss";
  const align = route.value.values.align === "grok" ? "grok" : "step";
  const as_bands = route.value.values.as === "bands";
  const [runs, set_runs] = useState([]);
  const [error, set_error] = useState(null);
  const step = useSignal(Infinity);
  // Runs in training are looked at again until they are over.
  const [turn, set_turn] = useState(0);
  useEffect(() => {
    if (!runs.some(({ run }) => !run.summary.is_closed && Date.now() - run.modified_ms < 60_000)) return undefined;
    const timer = setTimeout(() => set_turn(turn + 1), 1500);
    return () => clearTimeout(timer);
  }, [runs]);
  useEffect(() => {
    let is_wanted = true;
    Promise.all(ids.map(async (id) => ({ id, run: await show_run(id), curves: await get_metrics(id, [metric], axis.value) })))
      .then((found) => is_wanted && (set_runs(found), set_error(null))).catch((e) => is_wanted && set_error(e));
    return () => (is_wanted = false);
  }, [ids.join(), metric, axis.value, turn]);
  const curves = useMemo(() => curves_of(runs, metric, align, as_bands), [runs, align, metric, as_bands]);
  const names = [...new Set([...usual.filter((name) => runs.some(({ run }) => run.metrics[name])), ...runs.flatMap(({ run }) => Object.keys(run.metrics)).sort()])];
  if (!ids.length) return html`<h1>Compare</h1><p>Choose some runs in the <a href=${href(["runs"])}>table of runs</a> first.</p>`;
  const cell = (x) => (x === null || x === undefined ? "–" : grouped(x));
  return html`<div class="bar"><h1>Compare</h1>
      <label class="small-field">metric <select value=${metric} onChange=${(e) => set_values({ metric: e.target.value })}>${names.map((name) => html`<option value=${name}>${definition(name).label === name.replaceAll("_", " ") ? name : definition(name).label}</option>`)}</select></label>
      <label class="small-field">align by <select value=${align} onChange=${(e) => set_values({ align: e.target.value === "step" ? null : e.target.value })}><option value="step">step</option><option value="grok">grok step</option></select></label>
      <label class="small-field">show <select value=${as_bands ? "bands" : "runs"} onChange=${(e) => set_values({ as: e.target.value === "bands" ? "bands" : null })}><option value="runs">each run</option><option value="bands">seeds as bands</option></select></label>
      ${as_bands && html`<span class="quiet">Line: the median of the runs of a setting that differ in their seeds; band: the half of them about it. A run that is over keeps its last value; the band ends where one still trains, or diverged.</span>`}</div>
    ${error && html`<p class="said-error" role="alert">${error.message}</p>`}
    <div class="grid"><h2 class="unseen">Curves</h2><${Chart} title=${definition(metric).label} about=${hint(metric)} wide=${true} height=${380} scale=${is_share(metric) ? "linear" : "log"} range=${is_share(metric) ? [-0.02, 1.04] : undefined} curves=${curves} step=${step} x_kind=${align === "grok" ? grok_axis : undefined} /></div>
    <table class="runs"><thead><tr><th scope="col">Run</th><th scope="col">Memorised</th><th scope="col">Grokked</th><th scope="col">Steps</th><th scope="col">Key frequencies</th><th scope="col">Test right</th><th scope="col">Test loss</th></tr></thead>
      <tbody>${runs.map(({ id, run: { name, summary } }) => html`<tr key=${id}><th scope="row"><a href=${href(["run", id])}>${file_name({ name })}</a></th>
        <td class="number" data-label="Memorised">${cell(summary.memorized_step)}</td><td class="number" data-label="Grokked">${cell(summary.grok_step)}</td><td class="number" data-label="Steps">${grouped(summary.steps)}</td>
        <td data-label="Key frequencies">${summary.key_frequencies.join(" ") || "–"}</td><td class="number" data-label="Test right">${percent(summary.final.test_accuracy)}</td><td class="number" data-label="Test loss">${number(summary.final.test_loss)}</td></tr>`)}</tbody></table>`;
}
