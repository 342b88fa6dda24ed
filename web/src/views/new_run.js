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

/** What may be chosen, as --set takes it; none where anything may be written. */
const choices_of = (words, value) => (words ? words.map(written) : typeof value === "boolean" ? ["true", "false"] : null);

/** A value that the spec does not give stands as the catalogue's default, which is greyed. */
function Field({ section, name, meaning, expected, words, value, otherwise, changed, on_change }) {
  const id = `${section}.${name}`;
  const own = value === undefined ? "" : written(value);
  const now = changed ?? own;
  const choices = choices_of(words, value);
  return html`<label class=${`field ${changed !== undefined ? "changed" : ""}`} title=${[meaning, expected && `Expected: ${expected}.`].filter(Boolean).join(" ")}>
    <span>${name}</span>${choices
      ? html`<select name=${id} value=${now} onChange=${(e) => on_change(id, e.target.value, own)}>${!choices.includes(now) && html`<option value=${now}>${now || otherwise}</option>`}${choices.map((one) => html`<option key=${one} value=${one}>${String(JSON.parse(one))}</option>`)}</select>`
      : html`<input name=${id} value=${now} placeholder=${otherwise} spellcheck="false" autocomplete="off" onInput=${(e) => on_change(id, e.target.value, own)} />`}
    <small>${meaning}</small></label>`;
}

/** A section, and which entry of its catalogue it holds. */
function Section({ section, entries, preset_name, params, changes, on_name, on_change }) {
  const about = entries.find((one) => one.name === params.name);
  return html`<fieldset class="panel"><legend>${section} <select aria-label=${section} title=${about?.meaning} value=${params.name} onChange=${(e) => on_name(section, e.target.value, preset_name)}>
      ${entries.map((one) => html`<option key=${one.name} value=${one.name} title=${one.meaning}>${one.name.replaceAll("_", " ")}</option>`)}</select></legend>
    ${(about?.settings ?? []).map((f) => html`<${Field} key=${f.name} section=${section} ...${f} value=${params[f.name]} otherwise=${f.default} changed=${changes[`${section}.${f.name}`]} on_change=${on_change} />`)}</fieldset>`;
}

export function NewRun() {
  const preset = route.value.values.preset ?? "quick";
  const changes = changes_of(route.value.values.set);
  const [presets, set_presets] = useState([]);
  const [fields, set_fields] = useState({}); // catalogue -> entries
  const [base, set_base] = useState(null); // the preset's own spec, with other entries where one was chosen
  const [preset_names, set_preset_names] = useState({}); // section -> the entry that the preset has there
  const [cost, set_cost] = useState(null);
  const [mistakes, set_mistakes] = useState(null);
  const [name, set_name] = useState("");
  const overrides = Object.entries(changes).map(([key, value]) => `${key}=${value}`);
  const names = overrides.filter((text) => /^\w+\.name=/.test(text));
  useEffect(() => {
    get_catalog("presets").then(set_presets).catch((e) => set_mistakes(e.message));
    Promise.all(sections.map(([, of]) => get_catalog(of))).then((all) => set_fields(Object.fromEntries(sections.map(([section], i) => [section, all[i]])))).catch(() => {});
  }, []);
  useEffect(() => {
    let is_wanted = true;
    // Another entry may ask for values that nobody has given yet: the form then shows them empty.
    const chosen = (spec) => ({ ...spec, ...Object.fromEntries(names.map((text) => text.split(".name=")).map(([section, text]) => [section, { name: JSON.parse(text) }])) });
    const show = (spec) => is_wanted && set_base(spec);
    post_json("api/explain", { preset }).then((own) => {
      if (is_wanted) set_preset_names(Object.fromEntries(sections.map(([section]) => [section, own.spec[section].name])));
      if (names.length) return post_json("api/explain", { preset, set: names }).then((found) => show(found.spec), () => show(chosen(own.spec)));
      show(own.spec);
    }).catch((e) => set_mistakes(e.message));
    return () => (is_wanted = false);
  }, [preset, names.join("\n")]);
  useEffect(() => {
    let is_wanted = true;
    const timer = setTimeout(() => {
      post_json("api/explain", { preset, set: overrides })
        .then((found) => is_wanted && (set_cost(found), set_mistakes(null)))
        .catch((e) => is_wanted && (set_cost(null), set_mistakes(e.message)));
    }, pause_ms);
    return () => ((is_wanted = false), clearTimeout(timer));
  }, [preset, overrides.join("\n")]);

  const set_changes = (next) => set_values({ set: Object.entries(next).map(([k, v]) => `${k}=${v}`).join("\n") || null });
  const change = (key, value, own) => {
    const next = { ...changes, [key]: value };
    if (value === own || value === "") delete next[key];
    set_changes(next);
  };
  // What was changed of the entry that stood there before goes with it.
  const change_name = (section, name, own) => {
    const others = Object.fromEntries(Object.entries(changes).filter(([key]) => !key.startsWith(`${section}.`)));
    set_changes(name === own ? others : { [`${section}.name`]: written(name), ...others });
  };
  const start = (event) => {
    event.preventDefault();
    post_json("api/train", { preset, set: overrides, name: name || suggested })
      .then(({ id }) => (location.hash = href(["run", id])))
      .catch((e) => set_mistakes(e.message));
  };
  const suggested = [preset, ...overrides.map((text) => text.replace(/^\w+\./, "").replace(/[^\w.,=+-]/g, ""))].join(",").slice(0, 100);
  const about = presets.find((one) => one.name === preset);
  return html`<form onSubmit=${start} class="new-run"><div class="bar"><h1>New run</h1>
      <label class="small-field">preset <select value=${preset} onChange=${(e) => set_values({ preset: e.target.value, set: null })}>${presets.map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}</select></label></div>
    ${about && html`<p class="quiet">${about.meaning}</p>`}
    <section class="panel start">
      ${mistakes ? html`<pre class="said-error" role="alert">${mistakes}</pre>`
        : cost ? html`<p role="status">At most ${grouped(cost.steps)} steps of ${grouped(cost.n_weights)} weights: about ${duration(cost.seconds)} on one core, and ${size_of(cost.file_bytes)} on the disk.</p>` : html`<p class="quiet" role="status">Reckoning…</p>`}
      <label class="small-field">name <input value=${name} placeholder=${suggested} onInput=${(e) => set_name(e.target.value)} size="30" /></label>
      <button class="button" disabled=${!cost}>Start</button></section>
    ${base && html`<div class="grid">
      ${sections.map(([section]) => html`<${Section} key=${section} section=${section} entries=${fields[section] ?? []} preset_name=${preset_names[section]} params=${base[section]} changes=${changes} on_name=${change_name} on_change=${change} />`)}
      ${Object.entries(usual).map(([section, names]) => html`<fieldset class="panel" key=${section}><legend>${section}</legend>
        ${names.filter(([n]) => base[section][n] !== undefined).map(([n, meaning]) => html`<${Field} key=${n} section=${section} name=${n} meaning=${meaning} value=${base[section][n]} changed=${changes[`${section}.${n}`]} on_change=${change} />`)}</fieldset>`)}
    </div>`}</form>`;
}
