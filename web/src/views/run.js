// One run: what happened, its curves, and the time of it, which the other views share.
import { useEffect, useMemo, useState } from "preact/hooks";
import { definition, hint, is_share } from "../definitions.js";
import { Chart } from "../chart.js";
import { grouped, number, percent } from "../format.js";
import { html } from "../html.js";
import { post_json, get_json } from "../api.js";
import { report } from "../report.js";
import { axis, href, route, set_values, value_of } from "../state.js";
import { nearest } from "../arrays.js";

/** Of a task whose training examples never come again. */
const is_endless = ({ final }) => final.train_accuracy === undefined && final.test_accuracy !== undefined;

function not_learnt({ final, ...summary }, is_live) {
  if (final.train_accuracy !== undefined) return is_live ? "It has not learnt its training examples yet" : "It never learnt its training examples to 99 %";
  if (is_endless({ final })) return is_live ? "It has not learnt its task yet" : "It never came to 99 % of the examples held out";
  const loss = final.test_loss ?? final.train_loss ?? final.batch_loss;
  return loss === undefined ? "Nothing has been recorded yet" : `Its loss ${is_live ? "is" : "came to"} ${number(loss)} at step ${grouped(summary.steps)}`;
}

/** What happened, in a sentence or two that a newcomer understands. */
export function story(summary, is_live) {
  const { memorized_step: memorized, grok_step: grokked, key_frequencies: keys, ending } = summary;
  const out = [];
  if (memorized !== null) out.push(`It knew its training examples by heart at step ${grouped(memorized)}`);
  if (grokked !== null) {
    const delay = memorized === null ? "" : `, ${grouped(grokked - memorized)} steps later`;
    out.push(`${out.length ? "and grokked" : is_endless(summary) ? "It learnt its task" : "It grokked"} at step ${grouped(grokked)}${delay}: from then on it answers 99 % of the examples it never saw`);
  } else if (memorized !== null) {
    out.push(is_live ? "and does not yet know the ones it never saw" : "and never got the ones that it did not see");
  }
  let text = out.join(out.length === 2 && grokked !== null ? " " : ", ");
  if (!text) text = not_learnt(summary, is_live);
  text += ".";
  if (keys.length) text += ` It computes with waves of ${keys.length === 1 ? "one frequency" : `${keys.length} frequencies`}: ${keys.join(", ")}.`;
  if (ending === "diverged") text += ` The run diverged: ${summary.diverged ?? "its loss"} is no longer a number.`;
  return text;
}

const pick = (curves, names) => names.filter((name) => curves[name]).map((name, i) => ({ name, ...curves[name], color_index: i }));

function Now({ store }) {
  const rows = ["train_loss", "test_loss", "batch_loss", "train_accuracy", "test_accuracy", "restricted_loss", "excluded_loss", "trig_fit_explained", "neurons_explained", "sum_squared_weights"];
  const step = store.step.value;
  const { curves } = store;
  return html`<section class="panel now"><h3>At step ${grouped(step)}</h3><dl>
    ${rows.filter((name) => curves.value[name]?.steps.length).map((name) => {
      const { steps, values } = curves.value[name];
      let i = 0;
      while (i + 1 < steps.length && steps[i + 1] <= step) ++i;
      return html`<dt key=${name} title=${hint(name)}>${definition(name).label}</dt><dd>${is_share(name) ? percent(values[i]) : number(values[i])}</dd>`;
    })}
  </dl></section>`;
}

function Events({ store }) {
  const shown = store.run.value.events.filter(({ kind }) => kind !== "replay" && kind !== "closed").sort((a, b) => a.step - b.step);
  const text = ({ kind, detail }) => {
    if (kind === "phase_change") return detail.reached ? `${definition(detail.reached).label} reaches 99 %` : `end of ${definition(detail.end_of).label}`;
    if (kind === "ending") return `ending: ${(detail.ending ?? "").replaceAll("_", " ")}`;
    if (kind === "key_frequencies") return `key frequencies: ${(detail.frequencies ?? []).join(", ") || "none"}`;
    return kind.replaceAll("_", " ");
  };
  if (!shown.length) return null;
  return html`<section class="panel events"><h3>Events</h3><ol>
    ${shown.map((event, i) => html`<li key=${i}><button class="link" onClick=${() => store.set_step(event.step)}>${grouped(event.step)}</button> ${text(event)}</li>`)}
  </ol></section>`;
}

const also = value_of("also");

function More({ store }) {
  const names = Object.keys(store.run.value.metrics).sort();
  const chosen = (also.value ?? "").split(",").filter((name) => store.run.value.metrics[name]);
  useEffect(() => chosen.forEach((name) => store.want(name)), [also.value]);
  const add = (event) => event.target.value && set_values({ also: [...chosen, event.target.value].join(",") });
  const drop = (name) => set_values({ also: chosen.filter((other) => other !== name).join(",") || null });
  const curves = store.curves.value;
  const drawn = useMemo(() => chosen.map((name) => ({ name, curves: curves[name] ? [{ name, ...curves[name] }] : [] })), [curves, also.value]);
  return html`${drawn.map(({ name, curves: one }) => html`<div key=${name} class="added"><${Chart} title=${definition(name).label} about=${hint(name)} curves=${one} scale=${is_share(name) ? "linear" : "log"} phases=${store.phases.value} step=${store.step} on_step=${(s) => store.set_step(nearest(store.steps.value, s))} />
      <button class="small drop" onClick=${() => drop(name)} aria-label=${`Remove ${name}`}>Remove</button></div>`)}
    <label class="more">Another metric <select value="" onChange=${add}><option value="">choose…</option>${names.filter((name) => !chosen.includes(name)).map((name) => html`<option value=${name}>${name}</option>`)}</select></label>`;
}

export function RunCurves({ store }) {
  const curves = store.curves.value;
  const losses = useMemo(() => pick(curves, [curves.train_loss ? "train_loss" : "batch_loss", "test_loss", "restricted_loss", "excluded_loss_all_frequencies"]), [curves]);
  const accuracies = useMemo(() => pick(curves, ["train_accuracy", "test_accuracy"]), [curves]);
  const measures = useMemo(() => pick(curves, ["trig_fit_explained", "neurons_explained", "gini.W_E", "gini.W_L"]), [curves]);
  const weights = useMemo(() => pick(curves, ["sum_squared_weights"]), [curves]);
  const common = { phases: store.phases.value, step: store.step, on_step: (s) => store.set_step(nearest(store.steps.value, s)) };
  return html`<div class="grid"><h2 class="unseen">Curves</h2>
    <${Chart} title="Loss" about="Mean cross-entropy in nats per example. Where train and test part, the network has memorised." wide=${true} height=${300} curves=${losses} ...${common} />
    <${Chart} title="Accuracy" about="Share of examples answered right." scale="linear" range=${[-0.02, 1.04]} curves=${accuracies} ...${common} />
    <${Chart} title="Progress" about="Measures that move before the test loss does." scale="linear" range=${[-0.02, 1.04]} curves=${measures} ...${common} />
    <${Chart} title="Weights" about=${hint("sum_squared_weights")} scale="linear" curves=${weights} ...${common} />
    <${Now} store=${store} />
    <${Events} store=${store} />
    <${More} store=${store} />
  </div>`;
}

export const run_tabs = [["", "Curves"], ["frequencies", "Frequencies"], ["circuit", "Circuit"], ...(report ? [] : [["what-if", "What if"]])];

// Live where numbers come, or the file has just changed; a run that was killed only looks like one.
function Standing({ store }) {
  const { summary, now_ms, modified_ms } = store.run.value;
  if (!store.is_live.value) return null;
  if (store.has_news.value || (!summary.ending && now_ms - modified_ms < 20_000)) return html`<span class="tag live">live</span>`;
  return html`<span class="tag">${summary.ending ? summary.ending.replaceAll("_", " ") : "not ended"}</span>`;
}

/** Stop and resume, where this server trains the run or may. */
function Training({ store }) {
  const [is_ours, set_ours] = useState(false);
  const [mistake, set_mistake] = useState(null);
  const { summary } = store.run.value;
  useEffect(() => {
    if (report || !store.is_live.value) return undefined;
    const look = () => get_json("api/trainings").then(({ trainings }) => set_ours(trainings.some(({ id, is_running }) => id === store.id && is_running))).catch(() => {});
    look();
    const timer = setInterval(look, 2000);
    return () => clearInterval(timer);
  }, [store, store.is_live.value]);
  const ask = (what) => post_json(`api/runs/${store.id}/${what}`, {}).then(() => (set_mistake(null), setTimeout(() => store.load(), 500))).catch((e) => set_mistake(e.message));
  if (report || !store.is_live.value) return null;
  return html`${is_ours ? html`<button class="small" onClick=${() => ask("stop")}>Stop</button>` : summary.ending === "interrupted" && html`<button class="small" onClick=${() => ask("resume")}>Resume</button>`}
    ${mistake && html`<span class="said-error" role="alert">${mistake}</span>`}`;
}

// Apart, since the step goes along in their addresses.
function Tabs({ store, tab }) {
  const { step, axis: kind } = route.value.values;
  return html`<nav aria-label="Views of the run" class="tabs">
    ${run_tabs.map(([path, label]) => html`<a key=${path} href=${href(["run", store.id, ...(path ? [path] : [])], { step, axis: kind })} aria-current=${tab === path ? "page" : undefined}>${label}</a>`)}
  </nav>`;
}

export function RunHead({ store, tab }) {
  const { run } = store;
  const { summary, name } = run.value;
  const origin = summary.forked_from;
  return html`<header class="run-head">
    <div class="bar"><h1>${name.replace(/\.grok$/, "")}</h1>
      <${Standing} store=${store} /><${Training} store=${store} />
      <span class="quiet">${summary.spec.model.name.replaceAll("_", " ")} on ${summary.spec.task.name.replaceAll("_", " ")}${summary.spec.task.p ? ` mod ${summary.spec.task.p}` : ""} · ${grouped(summary.steps)} steps</span></div>
    <p class="story">${story(summary, store.is_live.value)}</p>
    ${origin && html`<p class="quiet">Forked from ${origin.parent_file} at step ${grouped(origin.step)}${[...origin.set, ...origin.edits].map((change) => html`, <code>${change}</code>`)}.</p>`}
    <div class="bar"><${Tabs} store=${store} tab=${tab} />
    <label class="small-field">steps <select value=${axis.value} onChange=${(e) => set_values({ axis: e.target.value === "log" ? null : "linear" })}><option value="log">log</option><option value="linear">linear</option></select></label></div>
  </header>`;
}
