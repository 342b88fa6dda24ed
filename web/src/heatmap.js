// A table as a picture, on a canvas: rows over steps, or over a and b. Which cell is under the mouse
// or the keyboard's cursor is said beside it.
import { useEffect, useRef, useState } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { color_of, css_of, maps } from "./colors.js";
import { Figure } from "./figure.js";
import { number } from "./format.js";
import { html } from "./html.js";

function bounds(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Even about 0, so that the middle of a diverging map is 0. */
const even = ([low, high]) => [-Math.max(-low, high), Math.max(-low, high)];

function drawn(canvas, { n_rows, n_columns, at, column_of, map, low, high }) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const columns = Int32Array.from({ length: width }, (_, i) => column_of((i + 0.5) / width));
  const colors = new Uint32Array(width);
  let row_drawn = -1;
  for (let y = 0; y < height; ++y) {
    const row = Math.min(n_rows - 1, Math.floor(((y + 0.5) / height) * n_rows));
    if (row !== row_drawn) {
      for (let i = 0; i < width; ++i) colors[i] = columns[i] < 0 || columns[i] >= n_columns ? 0 : color_of(map, at(row, columns[i]), low, high);
      row_drawn = row;
    }
    pixels.set(colors, y * width);
  }
  context.putImageData(image, 0, 0);
}

/**
 * n_rows, n_columns, at(row, column)
 * column_of(x), place_of(column): between 0 .. 1 along the picture and columns; even ones if left out
 * row_label(row), column_label(column): as they are said; x_ticks, y_ticks: [{place, label}], 0 .. 1
 * mark      signal of a place 0 .. 1 along x, or none
 * by_root   colours go with the square root, where a few values outshine all others
 * chosen    a row that is marked; on_press(row, column)
 */
export function Heatmap(props) {
  const { title, about, n_rows, n_columns, at, values, map = "sequential", row_label, column_label, x_ticks = [], y_ticks = [], x_name, y_name, mark, chosen, on_press, wide, height, is_square, by_root } = props;
  const column_of = props.column_of ?? ((x) => Math.min(n_columns - 1, Math.floor(x * n_columns)));
  const place_of = props.place_of ?? ((column) => (column + 0.5) / n_columns);
  const canvas = useRef();
  const line = useRef();
  const [size, set_size] = useState([0, 0]);
  const [under, set_under] = useState(null);
  const [low, high] = map === "diverging" ? even(bounds(values)) : bounds(values);

  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      const scale = devicePixelRatio;
      set_size([Math.max(1, Math.round(entry.contentRect.width * scale)), Math.max(1, Math.round(entry.contentRect.height * scale))]);
    });
    watcher.observe(canvas.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    if (!size[0]) return;
    [canvas.current.width, canvas.current.height] = size;
    const shown = by_root ? { at: (row, column) => Math.sqrt(at(row, column)), low: Math.sqrt(low), high: Math.sqrt(high) } : { at, low, high };
    drawn(canvas.current, { n_rows, n_columns, column_of, map: maps[map], ...shown });
  }, [size, values, n_rows, n_columns, map]);
  useSignalEffect(() => {
    if (mark && line.current) line.current.style.transform = `translateX(${100 * mark.value}%)`;
  });

  const cell_at = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    return { row: Math.max(0, Math.min(n_rows - 1, Math.floor(y * n_rows))), column: Math.max(0, Math.min(n_columns - 1, column_of(x))) };
  };
  const move = (rows, columns) => {
    const from = under ?? { row: chosen ?? 0, column: 0 };
    set_under({
      row: Math.max(0, Math.min(n_rows - 1, from.row + rows)),
      column: Math.max(0, Math.min(n_columns - 1, from.column + columns)),
    });
  };
  const on_key = (event) => {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (moves[event.key]) move(...moves[event.key]);
    else if (event.key === "Enter" && under) on_press?.(under.row, under.column);
    else return;
    event.preventDefault();
  };
  const said = under && `${row_label(under.row)}, ${column_label(under.column)}: ${number(at(under.row, under.column))}`;
  const gradient = `linear-gradient(to right, ${Array.from({ length: 9 }, (_, i) => css_of(maps[map][Math.round((i * 255) / 8)])).join(", ")})`;
  const rows = () => [["", ...Array.from({ length: n_columns }, (_, c) => column_label(c))], ...Array.from({ length: n_rows }, (_, r) => [row_label(r), ...Array.from({ length: n_columns }, (_, c) => at(r, c))])];
  const svg = () => heatmap_svg({ title, picture: canvas.current.toDataURL(), x_ticks, y_ticks, is_square });

  return html`<${Figure} title=${title} hint=${about} wide=${wide} rows=${rows} svg=${svg}
    legend=${html`<div class="ramp"><span>${number(low)}</span><i style=${{ background: gradient }}></i><span>${number(high)}</span></div>`}>
    <div class=${`heatmap ${is_square ? "square" : ""}`}>
      <div class="y-ticks" aria-hidden="true">${y_ticks.map(({ place, label }) => html`<span style=${{ top: `${100 * place}%` }}>${label}</span>`)}</div>
      <div class="picture" style=${is_square ? {} : { height: `${height ?? 260}px` }}>
        <canvas ref=${canvas} tabindex="0" role=${on_press ? "application" : "img"} aria-label=${`${title}. ${about ?? ""} ${y_name} down, ${x_name} across; arrow keys read the cells${on_press ? ", Enter chooses one" : ""}.`}
          onPointerMove=${(event) => set_under(cell_at(event))} onPointerLeave=${() => set_under(null)} onBlur=${() => set_under(null)}
          onKeyDown=${on_key} onClick=${(event) => { const cell = cell_at(event); on_press?.(cell.row, cell.column); }}></canvas>
        ${mark && html`<div class="mark" ref=${line}></div>`}
        ${chosen !== undefined && chosen !== null && html`<div class="row-mark" style=${{ top: `${(100 * chosen) / n_rows}%`, height: `${100 / n_rows}%` }}></div>`}
        ${under && html`<div class="cell-mark" style=${{ left: `${100 * place_of(under.column)}%`, top: `${(100 * (under.row + 0.5)) / n_rows}%` }}></div>`}
      </div>
      <div class="x-ticks" aria-hidden="true">${x_ticks.map(({ place, label }) => html`<span style=${{ left: `${100 * place}%`, transform: `translateX(${place < 0.03 ? 0 : place > 0.96 ? -100 : -50}%)` }}>${label}</span>`)}</div>
      <p class="read-out" aria-live="polite">${said ?? html`<span class="quiet">${y_name} ↓ · ${x_name} →</span>`}</p>
    </div>
  </${Figure}>`;
}

function heatmap_svg({ title, picture, x_ticks, y_ticks, is_square }) {
  const width = is_square ? 520 : 860;
  const height = 520;
  const [left, top, w, h] = [56, 40, width - 76, height - 80];
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${css("--text")}"><rect width="${width}" height="${height}" fill="${css("--panel")}"/><text x="${left}" y="24" font-size="15" font-weight="600">${title.replace(/[&<]/g, " ")}</text><image href="${picture}" x="${left}" y="${top}" width="${w}" height="${h}" preserveAspectRatio="none"/>${x_ticks.map(({ place, label }) => `<text x="${left + place * w}" y="${top + h + 18}" text-anchor="middle">${label}</text>`).join("")}${y_ticks.map(({ place, label }) => `<text x="${left - 8}" y="${top + place * h + 4}" text-anchor="end">${label}</text>`).join("")}</svg>`;
  return { text, width, height };
}
