// The page: which view the address names, and what all of them stand in.
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { html } from "./html.js";
import { report } from "./report.js";
import { RunStore } from "./run_store.js";
import { Scrubber } from "./scrubber.js";
import { axis, href, is_away, path, theme } from "./state.js";
import { Circuit } from "./views/circuit.js";
import { Compare } from "./views/compare.js";
import { Frequencies } from "./views/frequencies.js";
import { NewRun } from "./views/new_run.js";
import { RunCurves, RunHead } from "./views/run.js";
import { Runs } from "./views/runs.js";
import { WhatIf } from "./views/what_if.js";

const tabs = { "": RunCurves, frequencies: Frequencies, circuit: Circuit, "what-if": WhatIf };

function Run({ id, tab }) {
  const store = useMemo(() => new RunStore(id), [id]);
  useEffect(() => () => store.close(), [store]);
  useEffect(() => {
    store.arrays = new Map();
    store.load();
  }, [store, axis.value]);
  // A server that was gone is asked again until it is back.
  useEffect(() => {
    if (!store.error.value) return undefined;
    const timer = setTimeout(() => store.load(), store.error.value.kind === "not_found" ? 500 : 2000);
    return () => clearTimeout(timer);
  }, [store.error.value]);
  useEffect(() => {
    document.title = store.run.value ? `${store.run.value.name.replace(/\.grok$/, "")} · grokscope` : "grokscope";
  }, [store.run.value]);
  useEffect(() => {
    const on_key = (event) => {
      if (event.target.closest("input, select, button, a, canvas, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " ") store.playing.value = !store.playing.value;
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        const steps = store.steps.value;
        const i = steps.findLastIndex((s) => s <= store.step.value);
        const next = steps[Math.max(0, Math.min(steps.length - 1, i + (event.key === "ArrowLeft" ? -1 : 1)))];
        if (next !== undefined) store.set_step(next);
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", on_key);
    return () => removeEventListener("keydown", on_key);
  }, [store]);
  const { error, run } = store;
  if (error.value?.kind === "not_found" && !run.value) {
    return html`<h1>This run is not there</h1><p role="status">It has not begun yet, or its file was deleted or moved. It is asked for again. <a href=${href(["runs"])}>All runs</a></p>`;
  }
  if (error.value && !run.value) {
    return html`<h1>This run cannot be shown</h1><p class="said-error" role="alert">${error.value.message}</p><p><a href=${href(["runs"])}>All runs</a></p>`;
  }
  if (!run.value) return html`<p class="quiet" role="status">Reading the run…</p>`;
  const View = tabs[tab] ?? RunCurves;
  return html`<${RunHead} store=${store} tab=${tab} />
    ${error.value && error.value.kind !== "away" && html`<p class="said-error" role="alert">${error.value.message}</p>`}
    <${View} store=${store} />
    <${Time} store=${store} />`;
}

// Apart, so that a scrub draws it anew and nothing above it.
const Time = ({ store }) =>
  html`<${Scrubber} steps=${store.steps.value} phases=${store.phases.value} step=${store.step} set_step=${store.set_step} playing=${store.playing} follows=${store.is_live.value} />`;

function View() {
  const [first, id, tab = ""] = path.value.split("/");
  if (report) return html`<${Run} id=${report.run.id} tab=${first === "run" ? tab : ""} />`;
  if (first === "run" && id) return html`<${Run} key=${id} id=${id} tab=${tab} />`;
  if (first === "new") return html`<${NewRun} />`;
  if (first === "compare") return html`<${Compare} />`;
  return html`<${Runs} />`;
}

const themes = { system: "as the system", light: "light", dark: "dark" };

function Page() {
  const first = path.value.split("/")[0] || "runs";
  return html`<a class="skip" href="#content" onClick=${(e) => (e.preventDefault(), document.getElementById("content").focus())}>Skip to the content</a>
    <header class="top">${report ? html`<span class="name">grokscope</span><span class="quiet report-note">a report</span>` : html`<a class="name" href=${href(["runs"])}><img src="icon.svg" alt="" width="22" height="22" />grokscope</a>
      <nav aria-label="Page"><a href=${href(["runs"])} aria-current=${first === "runs" ? "page" : undefined}>Runs</a>
        <a href=${first === "compare" ? location.hash : href(["compare"])} aria-current=${first === "compare" ? "page" : undefined}>Compare</a>
        <a href=${href(["new"])} aria-current=${first === "new" ? "page" : undefined}>New run</a></nav>`}
      <label class="small-field theme"><span>theme</span> <select aria-label="Theme" value=${theme.value} onChange=${(e) => (theme.value = e.target.value)}>${Object.entries(themes).map(([name, label]) => html`<option value=${name}>${label}</option>`)}</select></label></header>
    ${is_away.value && html`<p class="away" role="alert">The server does not answer. What is shown stays; it is asked again every other second.</p>`}
    <main id="content" tabindex="-1"><${View} /></main>`;
}

document.getElementById("app").replaceChildren();
render(html`<${Page} />`, document.getElementById("app"));
