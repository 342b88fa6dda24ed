// The race of frequencies within one neuron, from the first weights on: how large each wave is in it,
// and where in its turn it stands.
import { useEffect, useMemo, useState } from "preact/hooks";
import { get_race } from "../api.js";
import { nearest } from "../arrays.js";
import { Chart } from "../chart.js";
import { html } from "../html.js";

const most_shown = 5;

/** The strongest waves of the race, as curves: [{k, steps, amplitude, phase}], the largest last one
 *  first. A frequency counts by the most it ever came to. */
export function racers({ steps, waves }) {
  const n_freq = waves.shape[1];
  const at = (t, k) => [waves.data[2 * (t * n_freq + k - 1)], waves.data[2 * (t * n_freq + k - 1) + 1]];
  const all = Array.from({ length: n_freq }, (_, i) => {
    const pairs = Array.from(steps.data, (_, t) => at(t, i + 1));
    return { k: i + 1, steps: steps.data, amplitude: Float64Array.from(pairs, ([c, s]) => Math.hypot(c, s)), phase: Float64Array.from(pairs, ([c, s]) => Math.atan2(s, c)) };
  });
  // Of a run that diverged the last weights may be no numbers.
  const most = ({ amplitude }) => Math.max(0, ...amplitude.filter(Number.isFinite));
  const last = ({ amplitude }) => amplitude.findLast(Number.isFinite) ?? 0;
  const chosen = all.sort((a, b) => most(b) - most(a)).slice(0, most_shown);
  return chosen.sort((a, b) => last(b) - last(a));
}

export function RaceOfFrequencies({ store, neuron }) {
  const [found, set_found] = useState(null);
  const [error, set_error] = useState(null);
  const n_keyframes = store.run.value.keyframes.length;
  useEffect(() => {
    let is_wanted = true;
    get_race(store.id, neuron).then((race) => is_wanted && (set_found({ neuron, curves: race && racers(race) }), set_error(null))).catch((e) => is_wanted && set_error(e));
    return () => (is_wanted = false);
  }, [store.id, neuron, n_keyframes]);
  const shown = found?.neuron === neuron ? found.curves : null;
  const [sizes, phases] = useMemo(() => {
    const curves = (of) => (shown ?? []).map(({ k, steps, [of]: values }) => ({ name: `frequency ${k}`, label: `frequency ${k}`, steps, values }));
    return [curves("amplitude"), curves("phase")];
  }, [shown]);
  if (error) return html`<p class="said-error">${error.message}</p>`;
  if (!shown) return null;
  const common = { step: store.step, phases: store.phases.value, scale: "linear", on_step: (s) => store.set_step(nearest(store.steps.value, s)) };
  return html`<div class="grid">
    <${Chart} title=${`Neuron ${neuron}: the race of frequencies`} about=${`How large the wave of each frequency is in this neuron's activation as a function of a, mean over b, at every keyframe: the ${most_shown} that came to most.`} curves=${sizes} ...${common} />
    <${Chart} title=${`Neuron ${neuron}: phases`} about="Where in its turn each of these waves has its crest, in radians from −π to π. A phase that stands still while its wave grows was chosen early." range=${[-Math.PI, Math.PI]} curves=${phases} ...${common} /></div>`;
}
