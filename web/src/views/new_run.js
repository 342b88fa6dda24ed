// A new run: a preset with some values changed, what it will cost, and the mistakes as the command
// line says them.
import { useEffect, useState } from "preact/hooks";
import { get_catalog, post_json } from "../api.js";
import { duration, grouped, size_of } from "../format.js";
import { html } from "../html.js";
import { href, route, set_values } from "../state.js";

const pause_ms = 300;
const sections = [["task", "tasks"], ["model", "models"], ["loss", "losses"], ["optim", "optim"]];
const usual = {
  train: [["steps", "Steps at most."], ["seed", "Of everything that no other seed decides."], ["batch", "Examples of a step, or \"full\"."], ["stop_when", "A rule that ends the run sooner, such as test_loss < 1e-6; empty: none."]],
  record: [["every", "Steps from one record to the next."], ["keyframe_every", "Steps from one whole state to the next."]],
};

/** A value as --set takes it. */
const written = (value) => (Array.isArray(value) ? `[${value.map(written).join(", ")}]` : typeof value === "string" ? JSON.stringify(value) : String(value));

/** What was changed, from the address: {"optim.lr": "3e-4"}. */
const changes_of = (text) => Object.fromEntries((text ?? "").split("\n").filter(Boolean).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));

function Field({ section, name, meaning, expected, value, changed, on_change }) {
  const id = `${section}.${name}`;
  return html`<label class=${`field ${changed !== undefined ? "changed" : ""}`} title=${[meaning, expected && `Expected: ${expected}.`].filter(Boolean).join(" ")}>
    <span>${name}</span><input name=${id} value=${changed ?? written(value)} spellcheck="false" autocomplete="off" onInput=${(e) => on_change(id, e.target.value, written(value))} />
    <small>${meaning}</small></label>`;
}

export function NewRun() {
  const preset = route.value.values.preset ?? "quick";
  const changes = changes_of(route.value.values.set);
  const [presets, set_presets] = useState([]);
  const [fields, set_fields] = useState({}); // catalogue -> entries
  const [base, set_base] = useState(null); // the preset's own spec
  const [cost, set_cost] = useState(null);
  const [mistakes, set_mistakes] = useState(null);
  const [name, set_name] = useState("");
  const overrides = Object.entries(changes).map(([key, value]) => `${key}=${value}`);
  useEffect(() => {
    get_catalog("presets").then(set_presets).catch((e) => set_mistakes(e.message));
    Promise.all(sections.map(([, of]) => get_catalog(of))).then((all) => set_fields(Object.fromEntries(sections.map(([section], i) => [section, all[i]])))).catch(() => {});
  }, []);
  useEffect(() => {
    set_base(null);
    post_json("api/explain", { preset }).then((found) => set_base(found.spec)).catch((e) => set_mistakes(e.message));
  }, [preset]);
  useEffect(() => {
    let is_wanted = true;
    const timer = setTimeout(() => {
      post_json("api/explain", { preset, set: overrides })
        .then((found) => is_wanted && (set_cost(found), set_mistakes(null)))
        .catch((e) => is_wanted && (set_cost(null), set_mistakes(e.message)));
    }, pause_ms);
    return () => ((is_wanted = false), clearTimeout(timer));
  }, [preset, overrides.join("\n")]);

  const change = (key, value, own) => {
    const next = { ...changes, [key]: value };
    if (value === own || value === "") delete next[key];
    set_values({ set: Object.entries(next).map(([k, v]) => `${k}=${v}`).join("\n") || null });
  };
  const start = (event) => {
    event.preventDefault();
    post_json("api/train", { preset, set: overrides, name: name || suggested })
      .then(({ id }) => (location.hash = href(["run", id])))
      .catch((e) => set_mistakes(e.message));
  };
  const suggested = [preset, ...overrides.map((text) => text.replace(/^\w+\./, "").replace(/[^\w.,=+-]/g, ""))].join(",").slice(0, 100);
  const about = presets.find((one) => one.name === preset);
  const entry_of = (section) => fields[section]?.find((one) => one.name === base[section].name);
  return html`<form onSubmit=${start} class="new-run"><div class="bar"><h1>New run</h1>
      <label class="small-field">preset <select value=${preset} onChange=${(e) => set_values({ preset: e.target.value, set: null })}>${presets.map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}</select></label></div>
    ${about && html`<p class="quiet">${about.meaning}</p>`}
    <section class="panel start">
      ${mistakes ? html`<pre class="said-error" role="alert">${mistakes}</pre>`
        : cost ? html`<p role="status">At most ${grouped(cost.steps)} steps of ${grouped(cost.n_weights)} weights: about ${duration(cost.seconds)} on one core, and ${size_of(cost.file_bytes)} on the disk.</p>` : html`<p class="quiet" role="status">Reckoning…</p>`}
      <label class="small-field">name <input value=${name} placeholder=${suggested} onInput=${(e) => set_name(e.target.value)} size="30" /></label>
      <button class="button" disabled=${!cost}>Start</button></section>
    ${base && html`<div class="grid">
      ${sections.map(([section]) => html`<fieldset class="panel" key=${section}><legend>${section}: ${base[section].name.replaceAll("_", " ")}</legend>
        ${(entry_of(section)?.settings ?? []).filter((f) => base[section][f.name] !== undefined).map((f) => html`<${Field} key=${f.name} section=${section} name=${f.name} meaning=${f.meaning} expected=${f.expected} value=${base[section][f.name]} changed=${changes[`${section}.${f.name}`]} on_change=${change} />`)}</fieldset>`)}
      ${Object.entries(usual).map(([section, names]) => html`<fieldset class="panel" key=${section}><legend>${section}</legend>
        ${names.filter(([n]) => base[section][n] !== undefined).map(([n, meaning]) => html`<${Field} key=${n} section=${section} name=${n} meaning=${meaning} value=${base[section][n]} changed=${changes[`${section}.${n}`]} on_change=${change} />`)}</fieldset>`)}
    </div>`}</form>`;
}
