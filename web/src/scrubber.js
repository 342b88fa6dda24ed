// The time of a run: one slider that moves everything.
import { useEffect, useRef } from "preact/hooks";
import { index_at, nearest } from "./arrays.js";
import { definition, hint } from "./definitions.js";
import { grouped } from "./format.js";
import { html } from "./html.js";

const play_seconds = 10; // that a whole run takes

/**
 * steps    rising: those that were recorded
 * step     signal; set by set_step(step)
 * playing  signal of a flag
 */
export function Scrubber({ steps, phases, step, set_step, playing, follows }) {
  const started = useRef(null);
  const last = steps.length - 1;
  const index = index_at(steps, step.value);
  useEffect(() => {
    if (!playing.value) return undefined;
    const from = index >= last ? 0 : index;
    started.current = performance.now();
    let frame = 0;
    const tick = (now) => {
      const i = Math.min(last, from + Math.floor(((now - started.current) / 1000 / play_seconds) * last));
      set_step(steps[i]);
      if (i < last) frame = requestAnimationFrame(tick);
      else playing.value = false;
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing.value, steps]);

  if (last < 0) return null;
  const place = (s) => (100 * index_at(steps, s)) / Math.max(1, last);
  const to = (i) => ((playing.value = false), set_step(steps[Math.max(0, Math.min(last, i))]));
  return html`<section class="scrubber" aria-label="Time">
    <button class="play" aria-label=${playing.value ? "Stop playing" : "Play the run"} onClick=${() => (playing.value = !playing.value)}>${playing.value ? "❚❚" : "►"}</button>
    <div class="track">
      <div class="phases">
        ${phases.map(({ name, from, to: end }) => {
          const [left, right] = [place(from), end === null ? 100 : place(end)];
          return html`<span key=${name} title=${hint(name)} style=${{ left: `${left}%`, width: `${right - left}%`, background: `var(--phase-strong-${name})` }}><b>${definition(name).label}</b></span>`;
        })}
      </div>
      <input type="range" min="0" max=${last} value=${index} aria-label="Step" aria-valuetext=${`step ${grouped(step.value)}`}
        onInput=${(event) => to(Number(event.target.value))} />
    </div>
    <label class="step">step
      <input type="number" min=${steps[0]} max=${steps[last]} value=${step.value} aria-label="Step, any"
        onChange=${(event) => { playing.value = false; const s = Math.round(Number(event.target.value)); set_step(Math.max(steps[0], Math.min(steps[last], Number.isFinite(s) ? s : nearest(steps, 0)))); }} />
    </label>
    ${follows && html`<button class="small" onClick=${() => to(last)} title="The latest step, as it comes">latest</button>`}
  </section>`;
}
