// What the network has inside at the chosen step. The server brings the step back exactly, which
// takes a while where it lies far from a keyframe; it can be broken off.
import { useEffect, useRef, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { bring_back, get_circuit } from "../api.js";
import { grouped, number, percent } from "../format.js";
import { Heatmap } from "../heatmap.js";
import { html } from "../html.js";
import { Bars, CircleOfNumbers, Curve } from "../shapes.js";
import { report } from "../report.js";
import { set_values, value_of } from "../state.js";
import { RaceOfFrequencies } from "./race.js";

const asked_neuron = value_of("neuron");
const asked_example = value_of("example");
const asked_tokens = value_of("tokens");
const pause_ms = 200; // a scrub that goes on asks for nothing

const kept = new Map(); // "run step part ..." -> promise of arrays
const most_kept = 200;

function circuit(id, step, part, more) {
  const key = [id, step, part, JSON.stringify(more)].join(" ");
  if (!kept.has(key)) {
    const promise = get_circuit(id, step, part, more);
    promise.catch(() => kept.delete(key));
    kept.set(key, promise);
    if (kept.size > most_kept) kept.delete(kept.keys().next().value);
  }
  return kept.get(key);
}

function use_part(store, shown, part, more = {}) {
  const [arrays, set_arrays] = useState(null);
  const [error, set_error] = useState(null);
  const has = shown?.parts.includes(part);
  useEffect(() => {
    if (!has) return undefined;
    let is_wanted = true;
    circuit(store.id, shown.step, part, more).then((found) => is_wanted && (set_arrays(found), set_error(null))).catch((e) => is_wanted && set_error(e));
    return () => (is_wanted = false);
  }, [store.id, shown?.step, part, has, JSON.stringify(more)]);
  return [has ? arrays : null, error];
}

const pair_ticks = (p) => [0, 1, 2, 3].map((i) => Math.round((i * (p - 1)) / 3)).map((x) => ({ place: (x + 0.5) / p, label: String(x) }));
const wave_name = (row) => (row === 0 ? "constant" : `${row % 2 ? "cos" : "sin"} ${(row + 1) >> 1}`);
const wave_ticks = (p) => Array.from({ length: p }, (_, i) => i).filter((i) => i % 2 && ((i + 1) / 2) % Math.ceil(p / 16) === 0).map((i) => ({ place: (i + 0.5) / p, label: String((i + 1) / 2) }));

function PairMap({ title, about, values, p, map }) {
  return html`<${Heatmap} title=${title} about=${about} n_rows=${p} n_columns=${p} values=${values} map=${map} at=${(row, column) => values[row * p + column]} row_label=${(row) => `a = ${row}`} column_label=${(column) => `b = ${column}`} x_ticks=${pair_ticks(p)} y_ticks=${pair_ticks(p)} x_name="b" y_name="a" is_square=${true} />`;
}

function WaveMap({ title, about, values, p }) {
  // Without the constant part, which would outshine all others.
  const shown = Float32Array.from(values, (v, i) => (i === 0 ? 0 : v));
  return html`<${Heatmap} title=${title} about=${about} n_rows=${p} n_columns=${p} values=${shown} at=${(row, column) => shown[row * p + column]} row_label=${(row) => `${wave_name(row)} of a`} column_label=${(column) => `${wave_name(column)} of b`} x_ticks=${wave_ticks(p)} y_ticks=${wave_ticks(p)} x_name="waves of b" y_name="waves of a" is_square=${true} by_root=${true} />`;
}

const strongest = (spectrum, n) => Array.from(spectrum, (v, i) => [v, i + 1]).sort((a, b) => b[0] - a[0]).slice(0, n).map(([, k]) => k);

function Embedding({ store, shown, p }) {
  const [first] = use_part(store, shown, "embedding", { k: "1" });
  const keys = store.keys.value.length ? store.keys.value : first ? strongest(first.spectrum.data, 3).sort((a, b) => a - b) : [];
  const [arrays, error] = use_part(store, shown, "embedding", { k: keys.length ? keys.join(",") : "1" });
  if (error) return html`<p class="said-error wide">${error.message}</p>`;
  if (!arrays || !keys.length) return null;
  return html`<section class="wide"><h2>Embedding</h2><p class="quiet">Each number's row of W_E, seen in the plane of a frequency k. A network that adds by this wave has the numbers in order around a circle, k steps at a time.</p>
    <div class="grid tight">${keys.filter((k) => arrays[`circle.${k}`]).map((k) => html`<${CircleOfNumbers} key=${k} title=${`Frequency ${k}`} about=${`The numbers 0 to ${p - 1} in the plane of frequency ${k} of the embedding.`} points=${arrays[`circle.${k}`].data} k=${k} />`)}</div></section>`;
}

function Neurons({ store, shown, p }) {
  const [table] = use_part(store, shown, "neurons");
  const order = table ? Array.from(table.explained.data, (share, j) => ({ j, share, k: table.frequency.data[j] })).sort((a, b) => b.share - a.share) : [];
  const asked = report ? NaN : Number(asked_neuron.value ?? NaN);
  const chosen = table && asked >= 0 && asked < order.length ? asked : order[0]?.j;
  const [arrays, error] = use_part(store, chosen === undefined ? null : shown, "neuron", { neuron: chosen ?? 0 });
  if (!table) return null;
  const one = order.find(({ j }) => j === chosen);
  const n_clustered = order.filter(({ share }) => share >= 0.85).length;
  return html`<section class="wide"><h2>Neurons</h2>
    <p class="quiet">${n_clustered} of ${order.length} neurons answer to one frequency with at least 85 % of their variance.</p>
    <label class="small-field">Neuron <select disabled=${Boolean(report)} value=${String(chosen)} onChange=${(e) => set_values({ neuron: e.target.value })}>
      ${order.map(({ j, share, k }) => html`<option key=${j} value=${String(j)}>${`neuron ${j}: ${k ? `frequency ${k}, ${percent(share)}` : "constant"}`}</option>`)}</select></label>
    ${error && html`<p class="said-error">${error.message}</p>`}
    ${arrays && one && html`<div class="grid">
      <${PairMap} title=${`Neuron ${chosen} over all pairs`} about=${`Its activation after the nonlinearity, for every a and b. Frequency ${one.k} explains ${percent(one.share)} of its variance.`} values=${arrays.activation.data} p=${p} />
      <${WaveMap} title=${`Neuron ${chosen}, waves`} about="The 2D Fourier components of that picture, sizes, constant left out. A neuron of frequency k has only rows and columns of k. Colours go with the square root." values=${Float32Array.from(arrays.spectrum.data)} p=${p} /></div>`}
    ${chosen !== undefined && html`<${RaceOfFrequencies} store=${store} neuron=${chosen} />`}</section>`;
}

function Logits({ store, shown, p }) {
  const [arrays, error] = use_part(store, shown, "logits");
  if (error) return html`<p class="said-error wide">${error.message}</p>`;
  if (!arrays) return null;
  return html`<section class="wide"><h2>Logits</h2><p class="quiet">The algorithm writes cos(w(a + b − c)) for each key frequency: they agree at c = a + b alone, and cancel elsewhere.</p>
    <div class="grid"><${Curve} title="Logit by distance" about="Mean logit of the classes c that lie d = a + b − c behind the sum, mod p." values=${arrays.by_distance.data} x_name="a + b − c (mod p)" />
      <${Bars} title="Waves of a + b − c" about="How far the logits go along cos(w(a + b − c)) of each frequency." values=${arrays.cos_coefficients.data} strong=${store.keys.value} />
      <${WaveMap} title="Logits, waves" about="The 2D Fourier components of the logits over a and b: length over the classes, constant left out. Colours go with the square root." values=${arrays.spectrum.data} p=${p} /></div></section>`;
}

function Heads({ store, shown, p }) {
  const [arrays, error] = use_part(store, shown, "heads");
  if (error) return html`<p class="said-error wide">${error.message}</p>`;
  if (!arrays) return null;
  const [n_layers, n_heads] = arrays.to_first.shape;
  const heads = Array.from({ length: n_layers * n_heads }, (_, i) => ({ i, name: `${n_layers > 1 ? `Layer ${Math.floor(i / n_heads)}, head` : "Head"} ${i % n_heads}` }));
  return html`<section class="wide"><h2>Heads</h2><p class="quiet">How much each head looks from the answer's place to a, for every a and b.</p>
    <div class="grid tight">${heads.map(({ i, name }) => html`<${PairMap} key=${i} title=${name} about="Attention from the answer to a, 0 to 1." values=${arrays.to_first.data.subarray(i * p * p, (i + 1) * p * p)} p=${p} />`)}</div></section>`;
}

const said_tokens = (text) => text.split(/[\s,]+/).filter(Boolean).join(",");

function Attention({ store, shown }) {
  const example = Math.max(0, Number(asked_example.value ?? 0) || 0);
  const own = report ? null : asked_tokens.value;
  const [arrays, error] = use_part(store, shown, "attention", own ? { tokens: own } : { example });
  const n_examples = arrays?.n_examples.data[0];
  const choose = (text) => set_values({ tokens: null, example: String(Math.max(0, Math.min((n_examples ?? 1e9) - 1, Number(text) || 0))) });
  const ask = html`<div class="bar"><label class="small-field">Example <input type="number" disabled=${Boolean(report)} min="0" max=${n_examples && n_examples - 1} value=${own ? "" : example} onChange=${(e) => choose(e.target.value)} />${n_examples && ` of ${n_examples}`}</label>
    <label class="small-field wide-field">tokens of your own <input type="text" disabled=${Boolean(report)} inputmode="numeric" placeholder=${arrays ? Array.from(arrays.tokens.data).join(" ") : ""} value=${(own ?? "").replaceAll(",", " ")} onChange=${(e) => set_values({ tokens: said_tokens(e.target.value) || null })} /></label></div>`;
  if (error) return html`<section class="wide"><h2>Attention</h2>${ask}<p class="said-error" role="alert">${error.message}</p></section>`;
  if (!arrays) return null;
  const [n_layers, n_heads, n_ctx] = arrays.pattern.shape;
  const tokens = Array.from(arrays.tokens.data);
  const size = n_ctx * n_ctx;
  const ticks = tokens.map((token, i) => ({ place: (i + 0.5) / n_ctx, label: String(token), i })).filter(({ i }) => i % Math.ceil(n_ctx / 16) === 0);
  return html`<section class="wide"><h2>Attention</h2>
    ${ask}
    <p class="tokens"><span class="quiet">tokens</span> ${tokens.join(" ")}</p>
    ${arrays.loss && html`<p class="tokens"><span class="quiet">answers, and their loss in nats</span> ${Array.from(arrays.loss.data, (loss, i) => html`<b>${arrays.labels.data[i]}</b> ${number(loss)}  `)}</p>`}
    ${arrays.predicted && html`<p class="tokens"><span class="quiet">its answers, and how sure it is</span> ${Array.from(arrays.predicted.data, (answer, i) => html`<b>${answer}</b> ${percent(arrays.probability.data[i])}  `)}</p>`}
    <div class="grid tight">${Array.from({ length: n_layers * n_heads }, (_, i) => html`<${Heatmap} key=${i} title=${`Layer ${Math.floor(i / n_heads)}, head ${i % n_heads}`} about="Attention after softmax, from each position to each." n_rows=${n_ctx} n_columns=${n_ctx} values=${arrays.pattern.data.subarray(i * size, (i + 1) * size)} at=${(row, column) => arrays.pattern.data[i * size + row * n_ctx + column]}
        row_label=${(row) => `from position ${row} (token ${tokens[row]})`} column_label=${(column) => `to position ${column} (token ${tokens[column]})`} x_ticks=${ticks} y_ticks=${ticks} x_name="to" y_name="from" is_square=${true} />`)}</div></section>`;
}

// Brings back the chosen step and puts it into `shown`, which keeps the last one until then. Apart from
// the pictures, so that a scrub does not draw them anew.
function Bringing({ store, shown }) {
  const step = store.step.value;
  const [busy, set_busy] = useState(null);
  const [error, set_error] = useState(null);
  const end = useRef(() => {});
  useEffect(() => {
    const timer = setTimeout(() => {
      set_busy({ step, done: 0, total: 0 });
      set_error(null);
      const stop = bring_back(store.id, step, {
        progress: ({ done, total }) => set_busy({ step, done, total }),
        done: (found) => (set_busy(null), (shown.value = found)),
        failed: (message) => (set_busy(null), set_error(message)),
      });
      end.current = () => (stop(), set_busy(null));
    }, pause_ms);
    return () => (clearTimeout(timer), end.current());
  }, [store.id, step]);
  const found = shown.value;
  return html`<div class="bar wide status" role="status">
      ${busy
        ? html`<span>Bringing back step ${grouped(busy.step)}${busy.total ? `: ${grouped(busy.done)} of ${grouped(busy.total)} steps trained again` : ""}</span>
            <progress max=${busy.total || 1} value=${busy.total ? busy.done : undefined} aria-label="Replay"></progress><button class="small" onClick=${() => end.current()}>Stop</button>`
        : found && found.step === step && html`<span class="quiet">Step ${grouped(step)}, bit for bit as it was.</span>`}
      ${found && found.step !== step && html`<span class="quiet">Below: step ${grouped(found.step)}.</span>`}
    </div>
    ${error && html`<p class="said-error wide" role="alert">${error}</p>`}`;
}

const pictures = [["embedding", Embedding], ["neurons", Neurons], ["logits", Logits], ["heads", Heads]];

function Pictures({ store, shown: signal }) {
  const shown = signal.value;
  if (!shown) return null;
  const { p } = store.run.value.summary.spec.task;
  return html`${pictures.filter(([part]) => shown.parts.includes(part)).map(([part, Part]) => html`<${Part} key=${part} store=${store} shown=${shown} p=${p} />`)}
    ${shown.parts.includes("attention") && !shown.parts.includes("heads") && html`<${Attention} store=${store} shown=${shown} />`}
    ${!shown.parts.length && html`<p class="wide">There is no picture yet for this task and model.</p>`}`;
}

export function Circuit({ store }) {
  const shown = useSignal(null);
  return html`<div class="grid circuit"><${Bringing} store=${store} shown=${shown} /><${Pictures} store=${store} shown=${shown} /></div>`;
}
