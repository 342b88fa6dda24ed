// Curves as an SVG that stands alone, for saving.

const [width, height] = [760, 420];
const inside = { left: 64, right: 740, top: 56, bottom: 376 };
const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function bounds(places) {
  let [low, high] = [Infinity, -Infinity];
  for (const place of places) {
    if (place === null || !Number.isFinite(place)) continue;
    low = Math.min(low, place);
    high = Math.max(high, place);
  }
  return high > low ? [low, high] : [low - 1, low + 1];
}

/** Returns {text, width, height}. */
export function curves_svg({ title, curves, phases, x, y, range }) {
  const places = curves.map(({ steps, values }) =>
    Array.from(steps, (step, i) => [x.to(step), Number.isFinite(values[i]) ? y.to(values[i]) : null]));
  const [x_low, x_high] = bounds(places.flat().map(([place]) => place));
  const edges = curves.map(({ low, high }) => (low ? [low, high].map((edge) => Array.from(edge, (v) => (Number.isFinite(v) ? y.to(v) : null))) : []));
  const [y_low, y_high] = range ?? bounds([...places.flat().map(([, place]) => place), ...edges.flat(2)]);
  const at_x = (place) => inside.left + ((place - x_low) / (x_high - x_low)) * (inside.right - inside.left);
  const at_y = (place) => inside.bottom - ((place - y_low) / (y_high - y_low)) * (inside.bottom - inside.top);
  const out = [];
  for (const { name, from, to } of phases) {
    const left = Math.max(inside.left, at_x(x.to(from)));
    const right = Math.min(inside.right, to === null ? inside.right : at_x(x.to(to)));
    if (right > left) {
      out.push(`<rect x="${left.toFixed(1)}" y="${inside.top}" width="${(right - left).toFixed(1)}" height="${inside.bottom - inside.top}" fill="${css(`--phase-${name}`)}"/>`);
    }
  }
  for (const place of x.ticks(x_low, x_high)) {
    out.push(`<text x="${at_x(place).toFixed(1)}" y="${inside.bottom + 18}" text-anchor="middle">${escaped(x.label(place))}</text>`);
  }
  for (const place of y.ticks(y_low, y_high)) {
    const at = at_y(place).toFixed(1);
    out.push(`<path d="M${inside.left} ${at}H${inside.right}" stroke="${css("--grid")}"/><text x="${inside.left - 8}" y="${at}" dy="4" text-anchor="end">${escaped(y.label(place))}</text>`);
  }
  curves.forEach(({ color }, i) => {
    if (edges[i].length) {
      const along = (edge) => places[i].map(([a], j) => [a, edge[j]]).filter(([, b]) => b !== null).map(([a, b]) => `${at_x(a).toFixed(1)} ${at_y(b).toFixed(1)}`);
      const around = [...along(edges[i][0]), ...along(edges[i][1]).reverse()];
      if (around.length) out.push(`<path d="M${around.join("L")}Z" fill="${color}" fill-opacity="0.2"/>`);
    }
    const line = places[i].filter(([, place]) => place !== null).map(([a, b]) => `${at_x(a).toFixed(1)} ${at_y(b).toFixed(1)}`);
    if (line.length) out.push(`<path d="M${line.join("L")}" fill="none" stroke="${color}" stroke-width="1.75"/>`);
  });
  const legend = curves.map(({ label, color }, i) => `<tspan x="${inside.left + i * 170}" fill="${color}">${escaped(label)}</tspan>`).join("");
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${css("--text")}"><rect width="${width}" height="${height}" fill="${css("--panel")}"/><text x="${inside.left}" y="24" font-size="15" font-weight="600">${escaped(title)}</text><text y="44">${legend}</text>${out.join("")}<text x="${inside.right}" y="${height - 8}" text-anchor="end">step</text></svg>`;
  return { text, width, height };
}
