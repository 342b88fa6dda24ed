// One run as the page knows it: its summary, its curves, and what comes while it trains.
import { computed, signal } from "@preact/signals";
import { follow_run, get_array, get_metrics, show_run } from "./api.js";
import { report } from "./report.js";
import { axis, is_away, route, set_values } from "./state.js";

/** The names whose curves are drawn without being asked for, as far as the run has them. */
export const usual_names = ["train_loss", "test_loss", "batch_loss", "train_accuracy", "test_accuracy", "restricted_loss", "excluded_loss_all_frequencies",
  "excluded_loss", "trig_fit_explained", "neurons_explained", "gini.W_E", "gini.W_L", "sum_squared_weights"];

const empty = { steps: new Float64Array(0), values: new Float64Array(0) };

function appended(curve, step, value) {
  const { steps, values } = curve;
  if (steps.length && steps[steps.length - 1] >= step) return curve;
  const [s, v] = [new Float64Array(steps.length + 1), new Float64Array(values.length + 1)];
  s.set(steps);
  v.set(values);
  s[steps.length] = step;
  v[values.length] = value ?? NaN;
  return { steps: s, values: v };
}

export class RunStore {
  constructor(id) {
    this.id = id;
    this.run = signal(null); // as the server shows it
    this.curves = signal({});
    this.error = signal(null);
    this.is_live = signal(false);
    this.has_news = signal(false); // rows have come while the page was open
    this.playing = signal(false);
    this.arrays = new Map(); // name -> promise
    this.wanted = new Set(usual_names);
    this.end_following = null;
    /** Every step at which something was recorded in passing. */
    this.steps = computed(() => {
      const { train_loss, test_loss, batch_loss } = this.curves.value;
      const longest = [train_loss, test_loss, batch_loss].filter(Boolean).sort((a, b) => b.steps.length - a.steps.length)[0];
      return longest ? Array.from(longest.steps) : [];
    });
    this.last_step = computed(() => this.steps.value.at(-1) ?? 0);
    /** The chosen step: of the address, else the latest. */
    this.step = computed(() => {
      const chosen = route.value.values.step;
      return chosen === undefined ? this.last_step.value : Math.min(Number(chosen) || 0, Math.max(this.last_step.value, 0));
    });
    this.phases = computed(() => this.run.value?.summary.phases ?? []);
    this.keys = computed(() => this.run.value?.summary.key_frequencies ?? []);
  }

  set_step = (step) => set_values({ step: step >= this.last_step.value ? null : String(Math.round(step)) });

  async load() {
    try {
      this.run.value = await show_run(this.id);
      await this.load_curves();
      this.error.value = null;
      is_away.value = false;
      this.follow();
    } catch (error) {
      this.error.value = error;
      if (error.kind === "away") is_away.value = true;
    }
  }

  async load_curves() {
    const names = [...this.wanted].filter((name) => this.run.value.metrics[name]);
    this.curves.value = await get_metrics(this.id, names, axis.value);
  }

  /** Has another metric's curve loaded. */
  async want(name) {
    if (this.wanted.has(name)) return;
    this.wanted.add(name);
    const more = await get_metrics(this.id, [name], axis.value);
    this.curves.value = { ...this.curves.value, ...more };
  }

  follow() {
    const { summary } = this.run.value;
    const is_over = summary.ending && summary.ending !== "interrupted" && summary.is_closed;
    this.is_live.value = !is_over;
    if (report) this.is_live.value = false;
    if (is_over || report || this.end_following) return;
    const reload = () => ((this.arrays = new Map()), show_run(this.id).then((run) => (this.run.value = run)).catch(() => {}));
    this.end_following = follow_run(this.id, this.last_step.value, {
      row: ({ step, metrics }) => {
        this.has_news.value = true;
        const next = { ...this.curves.value };
        for (const [name, value] of Object.entries(metrics)) if (this.wanted.has(name)) next[name] = appended(next[name] ?? empty, step, value);
        this.curves.value = next;
        this.arrays = new Map();
      },
      changed: reload,
      over: async () => {
        this.end_following = null;
        this.is_live.value = false;
        this.arrays = new Map();
        await this.load();
      },
      lost: (message) => {
        this.end_following = null;
        this.is_live.value = false;
        this.error.value = new Error(message);
      },
      away: (away) => (is_away.value = away),
    });
  }

  /** An array over time; a promise. */
  array(name) {
    if (!this.arrays.has(name)) this.arrays.set(name, get_array(this.id, name, axis.value));
    return this.arrays.get(name);
  }

  close() {
    this.end_following?.();
    this.end_following = null;
  }
}
