// What if: the run goes on from the chosen step with something changed, beside the run as it was.
import { useEffect, useState } from "preact/hooks";
import { get_catalog, get_json, post_json } from "../api.js";
import { grouped } from "../format.js";
import { html } from "../html.js";
import { href } from "../state.js";

const look_again_ms = 700;

function Edit({ edits, edit, on_change, on_drop }) {
  const about = edits.find((one) => one.name === edit.name);
  return html`<fieldset class="panel"><legend><select aria-label="Edit" value=${edit.name} onChange=${(e) => on_change({ name: e.target.value, settings: {} })}>${edits.map((one) => html`<option value=${one.name}>${one.name.replaceAll("_", " ")}</option>`)}</select></legend>
    <p class="quiet">${about?.meaning}</p>
    ${(about?.settings ?? []).map((field) => html`<label class="field" key=${field.name} title=${`Expected: ${field.expected}.`}><span>${field.name}</span>
      <input value=${edit.settings[field.name] ?? ""} placeholder=${field.default} spellcheck="false" onInput=${(e) => on_change({ ...edit, settings: { ...edit.settings, [field.name]: e.target.value } })} /><small>${field.meaning}</small></label>`)}
    <button type="button" class="small" onClick=${on_drop}>Leave it out</button></fieldset>`;
}

const text_of = ({ name, settings }) => {
  const given = Object.entries(settings).filter(([, value]) => value !== "");
  return name + (given.length ? `:${given.map(([key, value]) => `${key}=${value}`).join(",")}` : "");
};

export function WhatIf({ store }) {
  const step = store.step.value;
  const { spec } = store.run.value.summary;
  const [edits, set_edits] = useState([]);
  const [chosen, set_chosen] = useState([]);
  const [values, set_values] = useState({ "optim.weight_decay": "", "optim.lr": "", "train.steps": "", "train.stop_when": "" });
  const [name, set_name] = useState("");
  const [busy, set_busy] = useState(null); // the fork that is brought to its first step
  const [mistake, set_mistake] = useState(null);
  useEffect(() => void get_catalog("edits").then((all) => set_edits(all.filter((one) => one.name !== "swap_tensor"))).catch((e) => set_mistake(e.message)), []);
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(async () => {
      try {
        const [{ runs }, { trainings }] = await Promise.all([get_json("api/runs"), get_json("api/trainings")]);
        const failed = trainings.findLast(({ id }) => id === busy);
        if (runs.some(({ id }) => id === busy)) location.hash = href(["compare"], { runs: `${store.id},${busy}` });
        else if (failed && !failed.is_running) set_mistake(failed.error || "The fork ended before it began.");
        else return;
        set_busy(null);
      } catch {
        // Asked again.
      }
    }, look_again_ms);
    return () => clearInterval(timer);
  }, [busy]);
  const given = Object.entries(values).filter(([, value]) => value !== "");
  const stem = store.run.value.name.replace(/^.*\//, "").replace(/\.grok$/, "");
  const suggested = [`${stem}-from-${step}`, ...given.map(([key, value]) => `${key.replace(/^\w+\./, "")}=${value}`), ...chosen.map(text_of)].join(",").replace(/[^\w.,=+-]/g, "-").slice(0, 100);
  const start = (event) => {
    event.preventDefault();
    set_mistake(null);
    const set = given.map(([key, value]) => `${key}=${key === "train.stop_when" && value === "none" ? '""' : value}`);
    post_json(`api/runs/${store.id}/fork`, { step, name: name || suggested, set, edits: chosen.map(text_of) }).then(({ id }) => set_busy(id)).catch((e) => set_mistake(e.message));
  };
  const of_spec = (key) => key.split(".").reduce((at, part) => at?.[part], spec);
  return html`<form onSubmit=${start} class="new-run">
    <p>The run goes on from step ${grouped(step)}, with its weights and all that its optimizer remembers, and what you change here. The difference between the two futures has that one cause.</p>
    <div class="grid">
      <fieldset class="panel"><legend>Other values</legend>${Object.keys(values).map((key) => html`<label class="field" key=${key}><span>${key}</span><input value=${values[key]} placeholder=${String(of_spec(key) ?? "")} spellcheck="false" onInput=${(e) => set_values({ ...values, [key]: e.target.value })} />
        <small>${key === "train.stop_when" ? "the rule that ends it; none: no rule" : "as it was, if left empty"}</small></label>`)}</fieldset>
      ${chosen.map((edit, i) => html`<${Edit} key=${i} edits=${edits} edit=${edit} on_change=${(next) => set_chosen(chosen.map((other, j) => (j === i ? next : other)))} on_drop=${() => set_chosen(chosen.filter((_, j) => j !== i))} />`)}
      <div><button type="button" disabled=${!edits.length} onClick=${() => set_chosen([...chosen, { name: "remove_frequency", settings: store.keys.value.length ? { frequency: String(store.keys.value[0]) } : {} }])}>Change the network itself</button></div>
    </div>
    <section class="panel start">${mistake && html`<pre class="said-error" role="alert">${mistake}</pre>`}
      ${busy && html`<p role="status">Bringing back step ${grouped(step)}…</p>`}
      <label class="small-field">name <input value=${name} placeholder=${suggested} onInput=${(e) => set_name(e.target.value)} size="30" /></label>
      <button class="button" disabled=${Boolean(busy)}>Fork, and compare</button></section></form>`;
}
