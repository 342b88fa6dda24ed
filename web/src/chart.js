// Curves over steps. uPlot draws them; the line at the chosen step lies above and is only moved, so
// that a scrub draws nothing anew.
import { useEffect, useRef } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import uPlot from "uplot";
import { index_at } from "./arrays.js";
import { definition, hint } from "./definitions.js";
import { line_color, phase_names } from "./colors.js";
import { Figure } from "./figure.js";
import { number, percent } from "./format.js";
import { html } from "./html.js";
import { step_axis, value_axis } from "./scale.js";
import { axis, is_dark } from "./state.js";
import { curves_svg } from "./curves_svg.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw_phases(phases, x) {
  return (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    // The axes of the drawing before have left theirs.
    Object.assign(ctx, { textAlign: "left", textBaseline: "alphabetic" });
    phases.forEach(({ name, from, to }) => {
      const left = Math.max(bbox.left, plot.valToPos(x.to(from), "x", true));
      const right = to === null ? bbox.left + bbox.width : Math.min(bbox.left + bbox.width, plot.valToPos(x.to(to), "x", true));
      if (!(right > left)) return;
      ctx.fillStyle = css(`--phase-${name}`);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.fillStyle = css("--quiet");
      ctx.font = `${11 * devicePixelRatio}px ${css("--font")}`;
      const label = phase_names[name] ?? name;
      if (ctx.measureText(label).width + 8 * devicePixelRatio < right - left) {
        ctx.fillText(label, left + 4 * devicePixelRatio, bbox.top - 5 * devicePixelRatio);
      }
    });
    ctx.restore();
  };
}

const axis_options = (kind, side, size) => ({
  side,
  size,
  stroke: () => css("--quiet"),
  font: `11px ${css("--font")}`,
  grid: { stroke: () => css("--grid"), width: 1 },
  ticks: { stroke: () => css("--grid"), size: 4 },
  splits: (_, __, low, high) => kind.ticks(low, high),
  values: (_, places) => places.map((place) => kind.label(place)),
});

/** The places of the curves, all over the steps of all. */
function places_of(curves, x, y) {
  const placed = (values) => Array.from(values, (value) => (Number.isFinite(value) ? y.to(value) : null));
  const tables = curves.map(({ steps, values, low, high }) => [Array.from(steps, (step) => x.to(step)), placed(values), ...(low ? [placed(low), placed(high)] : [])]);
  return tables.length > 1 ? uPlot.join(tables) : tables[0];
}

/** uPlot's series of the curves, and its bands: between the two that follow a curve with one. */
function series_of(curves) {
  const series = [{}];
  const bands = [];
  for (const { color, dash, wide_line, low } of curves) {
    series.push({ stroke: color, width: wide_line ? 2.5 : 1.75, dash, spanGaps: true, points: { show: false } });
    if (!low) continue;
    for (let i = 0; i < 2; ++i) series.push({ stroke: "transparent", width: 0, spanGaps: true, points: { show: false } });
    bands.push({ series: [series.length - 1, series.length - 2], fill: `${color}33` });
  }
  return { series, bands };
}

const said_value = (name, value) => (name.endsWith("accuracy") ? percent(value) : number(value));

function Legend({ curves, step }) {
  return html`<ul class="legend">
    ${curves.map(
      ({ name, label, color, steps, values }) => html`<li title=${hint(name)} tabindex="0">
        <span class="swatch" style=${{ background: color }}></span>${label}
        <output>${said_value(name, values[index_at(steps, step.value)])}</output>
      </li>`,
    )}
  </ul>`;
}

/**
 * curves  [{name, label?, steps, values, low?, high?}]; their colours follow their order; low and high
 *         are the edges of a band about it
 * scale   "log" or "linear", of the values; range: [low, high] of a linear one
 * step    signal of the chosen step; on_step(step): another was pressed
 */
export function Chart({ title, about, curves: given, scale = "log", range, phases = [], step, on_step, wide, x_kind, height = 230 }) {
  const host = useRef();
  const mark = useRef();
  const plot = useRef();
  const x = x_kind ?? step_axis[axis.value];
  const y = value_axis[scale];
  const curves = given
    .filter((curve) => curve.steps.length)
    .map((curve, i) => ({ ...curve, label: curve.label ?? definition(curve.name).label, color: line_color(curve.color_index ?? i, is_dark.value) }));

  const place_mark = () => {
    if (!plot.current || !mark.current) return;
    const place = plot.current.valToPos(x.to(step.value), "x");
    const is_inside = place >= -1 && place <= plot.current.over.clientWidth + 1;
    mark.current.style.display = is_inside ? "block" : "none";
    mark.current.style.transform = `translateX(${place}px)`;
  };
  useSignalEffect(() => {
    step.value;
    place_mark();
  });
  useEffect(() => {
    if (!curves.length) return undefined;
    const element = host.current;
    const width = () => Math.max(120, element.clientWidth);
    const options = {
      width: width(),
      height,
      padding: [phases.length ? 20 : 8, 14, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: { x: { time: false, range: (_, low, high) => [low, high > low ? high : low + 1] }, y: range ? { range: () => range } : { range: (_, low, high) => (high > low ? [low - 0.03 * (high - low), high + 0.05 * (high - low)] : [low - 1, high + 1]) } },
      axes: [axis_options(x, 2, 30), axis_options(y, 3, 48)],
      ...series_of(curves),
      hooks: { drawClear: [draw_phases(phases, x)], ready: [], draw: [place_mark] },
    };
    plot.current = new uPlot(options, places_of(curves, x, y), element);
    mark.current = document.createElement("div");
    mark.current.className = "mark";
    plot.current.over.append(mark.current);
    plot.current.over.addEventListener("click", () => {
      const place = plot.current.posToVal(plot.current.cursor.left, "x");
      on_step?.(x.from(place));
    });
    place_mark();
    const watcher = new ResizeObserver(() => plot.current?.setSize({ width: width(), height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.current.destroy();
      plot.current = null;
    };
  }, [curves.map(({ name, label, low }) => name + label + Boolean(low)).join(), scale, axis.value, is_dark.value, phases, x_kind]);
  useEffect(() => {
    plot.current?.setData(places_of(curves, x, y));
  }, [given]);

  if (!curves.length) return null;
  const has_bands = curves.some(({ low }) => low);
  const edges = (c, i) => (has_bands ? [c.low?.[i] ?? "", c.high?.[i] ?? ""] : []);
  const rows = () => [["series", "step", "value", ...(has_bands ? ["low", "high"] : [])], ...curves.flatMap((c) => Array.from(c.steps, (s, i) => [has_bands ? c.label : c.name, s, c.values[i], ...edges(c, i)]))];
  const said = curves.map(({ label, steps, values }) => `${label} ${number(values[values.length - 1])} at step ${steps[steps.length - 1]}`).join("; ");
  return html`<${Figure} title=${title} hint=${about} wide=${wide} rows=${rows} svg=${() => curves_svg({ title, curves, phases, x, y, range })}
    legend=${html`<${Legend} curves=${curves} step=${step} />`}>
    <div class="chart" ref=${host} role="img" aria-label=${`${title} over steps: ${said}`}></div>
  </${Figure}>`;
}
