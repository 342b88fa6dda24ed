// Small charts of one step, as SVG: bars, a circle of numbers, a curve.
import { useRef, useState } from "preact/hooks";
import { Figure } from "./figure.js";
import { number } from "./format.js";
import { html } from "./html.js";
import { svg_text } from "./save.js";

function SvgFigure({ title, about, rows, width, height, label, children, wide, note, events = {}, is_pressable }) {
  const element = useRef();
  const svg = () => ({ text: svg_text(element.current), width, height });
  return html`<${Figure} title=${title} hint=${about} rows=${rows} svg=${svg} wide=${wide}>
    <svg ref=${element} class=${`shape ${is_pressable ? "pressable" : ""}`} ...${events} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>${children}</svg>
    ${note !== undefined && html`<p class="read-out">${note}</p>`}
  </${Figure}>`;
}

/** values by frequency, from 1; `strong` ones are filled, others pale; on_press(frequency). Three paths
 *  for all bars, since they are drawn anew at every step of a scrub. */
export function Bars({ title, about, values, strong = [], chosen, on_press, wide }) {
  const [under, set_under] = useState(null); // the frequency below the mouse
  const [width, height] = [wide ? 900 : 420, 240];
  const [left, bottom] = [8, 216];
  const most = Math.max(1e-300, ...Array.from(values, Math.abs));
  const least = Math.min(0, ...values);
  const greatest = Math.max(0, ...values);
  const room = ((bottom - 14) * most) / Math.max(1e-300, greatest - least); // of a bar of size `most`
  const zero = 14 + (room * greatest) / most;
  const pitch = (width - 2 * left) / values.length;
  const rows = () => [["frequency", "value"], ...Array.from(values, (v, i) => [i + 1, v])];
  const largest = Array.from(values, (v, i) => [v, i + 1]).sort((a, b) => b[0] - a[0]).slice(0, 5);
  const label = `${title}, by frequency. Largest: ${largest.map(([v, k]) => `${k}: ${number(v)}`).join(", ")}`;
  const paths = { pale: "", strong: "", chosen: "" };
  values.forEach((value, i) => {
    const x = left + (i + 0.12) * pitch;
    const kind = chosen === i + 1 ? "chosen" : strong.includes(i + 1) ? "strong" : "pale";
    paths[kind] += `M${x.toFixed(1)} ${zero}V${(zero - (value / most) * room).toFixed(1)}h${(0.76 * pitch).toFixed(1)}V${zero}Z`;
  });
  // Labels of neighbours lean away from each other.
  const lean = (k) => (strong.includes(k + 1) && pitch < 18 ? "end" : strong.includes(k - 1) && pitch < 18 ? "start" : "middle");
  const every = pitch > 14 ? 1 : pitch > 7 ? 5 : 10;
  const labelled = strong.length ? strong : Array.from(values, (_, i) => i + 1).filter((k) => k % every === 0);
  const frequency_at = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    return Math.max(1, Math.min(values.length, Math.floor((x - left) / pitch) + 1));
  };
  return html`<${SvgFigure} title=${title} about=${about} rows=${rows} width=${width} height=${height} label=${label} wide=${wide} is_pressable=${Boolean(on_press)}
      note=${under && under <= values.length ? `frequency ${under}: ${number(values[under - 1])}` : ""}
      events=${{ onPointerMove: (e) => set_under(frequency_at(e)), onPointerLeave: () => set_under(null), onClick: (e) => on_press?.(frequency_at(e)) }}>
    <line class="axis" x1=${left} x2=${width - left} y1=${zero} y2=${zero} />
    ${Object.entries(paths).map(([kind, d]) => html`<path key=${kind} class=${`bars ${kind}`} d=${d} />`)}
    ${labelled.map((k) => html`<text key=${k} class=${strong.includes(k) ? "strong" : ""} x=${left + (k - 0.5) * pitch} y=${height - 8} text-anchor=${lean(k)}>${k}</text>`)}
  </${SvgFigure}>`;
}

/** Numbers 0 .. p-1 at points [p, 2], joined in steps that go once around: x to x + 1/k mod p. */
export function CircleOfNumbers({ title, about, points, k }) {
  const p = points.length / 2;
  const size = 300;
  let most = 1e-300;
  for (const x of points) most = Math.max(most, Math.abs(x));
  const at = (x) => [size / 2 + (points[2 * x] / most) * (size / 2 - 22), size / 2 - (points[2 * x + 1] / most) * (size / 2 - 22)];
  // With k * step = 1 mod p, walking by `step` turns by one p-th of the circle.
  let step = 1;
  while ((k * step) % p !== 1) ++step;
  const order = Array.from({ length: p }, (_, i) => (i * step) % p);
  const path = order.map((x) => at(x).map((v) => v.toFixed(1)).join(" ")).join("L");
  const rows = () => [["number", "x", "y"], ...order.map((x) => [x, points[2 * x], points[2 * x + 1]])];
  const every = Math.ceil(p / 28);
  return html`<${SvgFigure} title=${title} about=${about} rows=${rows} width=${size} height=${size}
      label=${`${title}: the numbers 0 to ${p - 1} in the plane of frequency ${k}; on a clean circle they stand in the order ${order.slice(0, 6).join(", ")} and so on`}>
    <path class="thread" d=${`M${path}Z`} />
    ${order.map((x, i) => {
      const [cx, cy] = at(x);
      return html`<g key=${x}><circle class="dot" cx=${cx.toFixed(1)} cy=${cy.toFixed(1)} r="3"><title>${x}</title></circle>
        ${i % every === 0 && html`<text x=${(size / 2 + (cx - size / 2) * 1.09).toFixed(1)} y=${(size / 2 + (cy - size / 2) * 1.09 + 3).toFixed(1)} text-anchor="middle">${x}</text>`}</g>`;
    })}
  </${SvgFigure}>`;
}

/** values over 0 .. n-1. */
export function Curve({ title, about, values, x_name }) {
  const [width, height] = [420, 190];
  const [left, right, top, bottom] = [44, 412, 10, 160];
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (!(high > low)) high = low + 1;
  const at = (i) => `${(left + (i / (values.length - 1)) * (right - left)).toFixed(1)} ${(bottom - ((values[i] - low) / (high - low)) * (bottom - top)).toFixed(1)}`;
  const rows = () => [[x_name, "value"], ...Array.from(values, (v, i) => [i, v])];
  return html`<${SvgFigure} title=${title} about=${about} rows=${rows} width=${width} height=${height} label=${`${title}: from ${number(low)} to ${number(high)}, ${number(values[0])} at 0`}>
    <text x=${left - 6} y=${top + 8} text-anchor="end">${number(high)}</text>
    <text x=${left - 6} y=${bottom} text-anchor="end">${number(low)}</text>
    <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom} />
    <path class="curve" d=${`M${Array.from(values, (_, i) => at(i)).join("L")}`} />
    <text x=${left} y=${bottom + 16} text-anchor="middle">0</text>
    <text x=${right} y=${bottom + 16} text-anchor="end">${values.length - 1}</text>
    <text x=${(left + right) / 2} y=${bottom + 26} text-anchor="middle">${x_name}</text>
  </${SvgFigure}>`;
}

/** A few losses as one small line, for the table of runs. Both axes logarithmic. */
export function Spark({ curves }) {
  const [width, height] = [120, 30];
  const all = curves.flatMap(({ values }) => Array.from(values)).filter((v) => v > 0);
  if (!all.length) return null;
  const [low, high] = [Math.log10(Math.min(...all)), Math.log10(Math.max(...all))];
  const last = Math.log10(1 + Math.max(1, ...curves.flatMap(({ steps }) => [steps[steps.length - 1] ?? 0])));
  const path = ({ steps, values }) => Array.from(steps, (s, i) => [Math.log10(1 + s) / last, values[i]]).filter(([, v]) => v > 0)
    .map(([x, v]) => `${(x * (width - 4) + 2).toFixed(1)} ${(height - 3 - ((Math.log10(v) - low) / (high - low || 1)) * (height - 6)).toFixed(1)}`).join("L");
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} aria-hidden="true">
    ${curves.map((curve, i) => curve.steps.length > 0 && html`<path class=${`line-${i}`} d=${`M${path(curve)}`} />`)}
  </svg>`;
}
