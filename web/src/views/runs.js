// All runs: what they are, how they ended, when they grokked.
import { useEffect, useMemo } from "preact/hooks";
import { signal } from "@preact/signals";
import { get_metrics, list_runs, show_run } from "../api.js";
import { ago, duration, grouped, percent, size_of } from "../format.js";
import { html } from "../html.js";
import { Spark } from "../shapes.js";
import { href, is_away, route, set_values } from "../state.js";

const entries = signal(null); // as listed
const details = signal({}); // id -> {modified_ms, run, curves} or {modified_ms, error}
const chosen = signal(new Set());
const clock_skew = signal(0); // the server's now less ours, in ms

const at_once = 3;
let n_loading = 0;
const waiting = [];

async function load(entry) {
  const put = (found) => (details.value = { ...details.value, [entry.id]: { modified_ms: entry.modified_ms, ...found } });
  try {
    const run = await show_run(entry.id);
    const curves = await get_metrics(entry.id, ["train_loss", "test_loss", "batch_loss"], "log", 48);
    put({ run, curves: [curves.train_loss ?? curves.batch_loss, curves.test_loss].filter(Boolean) });
  } catch (error) {
    put({ error });
  }
}

function load_next() {
  while (n_loading < at_once && waiting.length) {
    ++n_loading;
    load(waiting.shift()).finally(() => (--n_loading, load_next()));
  }
}

async function refresh() {
  try {
    const { now_ms, runs } = await list_runs();
    is_away.value = false;
    clock_skew.value = now_ms - Date.now();
    entries.value = runs;
    const queued = new Set(waiting.map(({ id }) => id));
    for (const entry of runs) {
      if (details.value[entry.id]?.modified_ms !== entry.modified_ms && !queued.has(entry.id)) waiting.push(entry);
    }
    load_next();
  } catch (error) {
    is_away.value = true;
  }
}

/** How a run stands, in a word: {word, kind}. */
export function standing(summary, is_recent) {
  if (!summary.ending) return is_recent ? { word: "training", kind: "live" } : { word: "not ended", kind: "quiet" };
  if (summary.ending === "diverged") return { word: "diverged", kind: "bad" };
  if (summary.ending === "interrupted") return { word: "interrupted", kind: "quiet" };
  return summary.grok_step !== null ? { word: "grokked", kind: "good" } : { word: "done", kind: "quiet" };
}

const what_of = ({ spec }) => `${spec.model.name.replaceAll("_", " ")} on ${spec.task.name.replaceAll("_", " ")}${spec.task.p ? `, p = ${spec.task.p}` : ""}`;

function row_of(entry) {
  const found = details.value[entry.id];
  const summary = found?.run?.summary;
  const is_recent = Date.now() + clock_skew.value - entry.modified_ms < 20_000;
  return {
    entry, found, summary,
    name: entry.name,
    what: summary ? what_of(summary) : "",
    standing: summary ? standing(summary, is_recent) : null,
    steps: summary?.steps ?? -1,
    grok_step: summary?.grok_step ?? Infinity,
    test_accuracy: summary?.final.test_accuracy ?? -1,
    seconds: summary?.seconds ?? -1,
    modified_ms: entry.modified_ms,
  };
}

const columns = [
  ["name", "Run"], ["what", "Network"], ["standing", "Ending"], ["steps", "Steps"], ["grok_step", "Grokked at"], ["keys", "Key frequencies"],
  ["test_accuracy", "Test right"], ["curve", "Loss"], ["seconds", "Time"], ["modified_ms", "Changed"],
];
const sortable = new Set(["name", "what", "steps", "grok_step", "test_accuracy", "seconds", "modified_ms"]);

function sorted(rows, by) {
  const is_down = by.startsWith("-");
  const name = is_down ? by.slice(1) : by;
  const order = (a, b) => (a[name] < b[name] ? -1 : a[name] > b[name] ? 1 : 0);
  return rows.sort((a, b) => (is_down ? -order(a, b) : order(a, b)));
}

function Row({ row }) {
  const { entry, found, summary } = row;
  const toggle = () => {
    const next = new Set(chosen.value);
    if (!next.delete(entry.id)) next.add(entry.id);
    chosen.value = next;
  };
  const cells = summary
    ? html`<td data-label="Network">${row.what}</td>
        <td data-label="Ending"><span class=${`tag ${row.standing.kind}`}>${row.standing.word}</span></td>
        <td class="number" data-label="Steps">${grouped(summary.steps)}</td>
        <td class="number" data-label="Grokked at">${summary.grok_step === null ? "–" : grouped(summary.grok_step)}</td>
        <td data-label="Key frequencies">${summary.key_frequencies.length ? summary.key_frequencies.join(" ") : "–"}</td>
        <td class="number" data-label="Test right">${percent(summary.final.test_accuracy)}</td>
        <td data-label="Loss"><${Spark} curves=${found.curves} /></td>
        <td class="number" data-label="Time">${duration(summary.seconds)}</td>`
    : html`<td colspan="8" class=${found?.error ? "said-error" : "quiet"}>${found?.error ? found.error.message : "reading…"}</td>`;
  return html`<tr>
    <td class="choose"><input type="checkbox" aria-label=${`Choose ${entry.name}`} checked=${chosen.value.has(entry.id)} disabled=${!summary} onChange=${toggle} /></td>
    <th scope="row">${summary ? html`<a href=${href(["run", entry.id])}>${entry.name.replace(/\.grok$/, "")}</a>` : entry.name}</th>
    ${cells}
    <td data-label="Changed" class="number quiet" title=${size_of(entry.bytes)}>${ago(Date.now() + clock_skew.value - entry.modified_ms)}</td>
  </tr>`;
}

export function Runs() {
  useEffect(() => {
    refresh();
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(), 2000);
    return () => clearInterval(timer);
  }, []);
  const query = (route.value.values.q ?? "").toLowerCase();
  const by = route.value.values.sort ?? "name";
  const rows = useMemo(() => (entries.value ?? []).map(row_of), [entries.value, details.value]);
  if (!entries.value) return html`<p class="quiet" role="status">Reading the runs…</p>`;
  const shown = sorted(rows.filter((row) => `${row.name} ${row.what} ${row.standing?.word ?? ""}`.toLowerCase().includes(query)), by);
  const head = ([name, label]) => {
    if (!sortable.has(name)) return html`<th scope="col">${label}</th>`;
    const is_by = by.replace(/^-/, "") === name;
    const next = by === name ? `-${name}` : name;
    return html`<th scope="col" aria-sort=${is_by ? (by === name ? "ascending" : "descending") : undefined}>
      <button onClick=${() => set_values({ sort: next })}>${label}<span aria-hidden="true">${is_by ? (by === name ? " ↑" : " ↓") : ""}</span></button></th>`;
  };
  const ids = [...chosen.value].filter((id) => rows.some((row) => row.entry.id === id && row.summary));
  return html`<div class="bar">
      <h1>Runs</h1>
      <input type="search" placeholder="Filter" aria-label="Filter runs" value=${route.value.values.q ?? ""} onInput=${(e) => set_values({ q: e.target.value || null })} />
      <span class="quiet" role="status">${shown.length === rows.length ? rows.length : `${shown.length} of ${rows.length}`} ${rows.length === 1 ? "run" : "runs"}</span>
      ${ids.length > 0 && html`<a class="button" href=${href(["compare"], { runs: ids.join(",") })}>Compare ${ids.length}</a>`}
    </div>
    ${rows.length === 0
      ? html`<p>No run file is here yet. Train one with <code>grokscope train quick</code>, and it appears.</p>`
      : html`<table class="runs"><thead><tr><td></td>${columns.map(head)}</tr></thead><tbody>${shown.map((row) => html`<${Row} key=${row.entry.id} row=${row} />`)}</tbody></table>`}`;
}
