// What the page asks the server. All addresses are relative: the token in ours goes along.
import { decode_arrays } from "./arrays.js";
import { report } from "./report.js";

export class ServerError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

async function asked(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError("away", "The server does not answer. Is grokscope still running?");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new ServerError(said.error ?? "unknown", said.message ?? `The server answered ${response.status}.`);
}

const query = (values) =>
  "?" + Object.entries(values).map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&");

export const get_json = async (path) => (await asked(path)).json();
export const get_arrays = async (path) => decode_arrays(await (await asked(path)).arrayBuffer());
export const post_json = async (path, body) =>
  (await asked(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();

export const get_catalog = (of) => get_json(`api/catalog?of=${of}`);
export const list_runs = () => get_json("api/runs");
export const show_run = async (id) => report?.run ?? get_json(`api/runs/${id}`);

/** {NAME: {steps, values}} of those names that the run has. */
export async function get_metrics(id, names, axis, points = 2000) {
  const arrays = report?.metrics ?? await get_arrays(`api/runs/${id}/metrics${query({ names: names.join(","), axis, points })}`);
  const out = {};
  for (const name of names) {
    if (arrays[`${name}.steps`]) out[name] = { steps: arrays[`${name}.steps`].data, values: arrays[`${name}.values`].data };
  }
  return out;
}

/** {steps, shape, values} of an array over time; shape is that of one step. */
export async function get_array(id, name, axis, points = 600) {
  const { steps, values } = report ? report.array(name) : await get_arrays(`api/runs/${id}/array${query({ name, axis, points })}`);
  return { steps: steps.data, shape: values.shape.slice(1), values: values.data };
}

/** Tells of a run while it is written: on.row({step, metrics}), on.changed(), on.over(), on.lost(text),
 *  on.away(is_away). Returns a function that ends it. */
export function follow_run(id, after, on) {
  const source = new EventSource(`api/runs/${id}/live?after=${after}`);
  source.addEventListener("open", () => on.away(false));
  source.addEventListener("error", () => on.away(true));
  source.addEventListener("row", (event) => on.row(JSON.parse(event.data)));
  source.addEventListener("changed", () => on.changed());
  source.addEventListener("over", () => (source.close(), on.over()));
  for (const end of ["lost", "failed"]) source.addEventListener(end, (event) => (source.close(), on.lost(JSON.parse(event.data).message)));
  return () => source.close();
}

/** Has the server bring back a step. Returns a function that breaks it off. */
export function bring_back(id, step, on) {
  if (report) {
    if (!report.circuit) on.failed(report.run.keyframes.length ? "This report holds curves alone: the run's examples are made of files that it does not have." : "The run has kept no weights.");
    else if (report.circuit.step === step) on.done(report.circuit);
    else on.failed(`A report holds the circuit of step ${report.circuit.step} alone; grokscope serve shows that of any.`);
    return () => {};
  }
  const source = new EventSource(`api/runs/${id}/state?step=${step}`);
  source.addEventListener("progress", (event) => on.progress(JSON.parse(event.data)));
  source.addEventListener("done", (event) => (source.close(), on.done(JSON.parse(event.data))));
  source.addEventListener("failed", (event) => (source.close(), on.failed(JSON.parse(event.data).message)));
  source.addEventListener("error", () => (source.close(), on.failed("The server does not answer. Is grokscope still running?")));
  return () => source.close();
}

export const get_circuit = async (id, step, part, more = {}) =>
  report ? report.circuit.part(part) : get_arrays(`api/runs/${id}/circuit${query({ step, part, ...more })}`);
/** The waves of one neuron at each keyframe: {steps [n], waves [n, n_freq, 2]}, factors of cos and sin. */
export const get_race = async (id, neuron) => (report ? report.circuit.race : get_arrays(`api/runs/${id}/race${query({ neuron })}`));
