// Colours that the colour-blind tell apart: lines after Okabe and Ito, maps of even lightness.

/** For lines, in order; the same two for train and test everywhere. */
export const line_colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#3a9bd0", "#7a5cc0", "#6b6b6b"];
const on_dark = ["#58b4ee", "#ff8f4d", "#3fcf9f", "#ee9fcb", "#e6c229", "#9ad4f5", "#b39df0", "#b0b0b0"];

export const line_color = (i, is_dark) => (is_dark ? on_dark : line_colors)[i % line_colors.length];

// Anchors of a sequential map from dark blue to yellow, of rising lightness (as cividis does), and
// of a diverging one that is light in the middle.
const sequential = [[0, 32, 77], [42, 64, 108], [87, 93, 109], [124, 123, 120], [166, 157, 117], [211, 193, 99], [255, 234, 70]];
const diverging = [[5, 48, 97], [67, 147, 195], [209, 229, 240], [250, 248, 245], [253, 219, 170], [214, 113, 34], [127, 59, 8]];

function table(anchors) {
  const out = new Uint32Array(256);
  for (let i = 0; i < 256; ++i) {
    const x = (i / 255) * (anchors.length - 1);
    const j = Math.min(anchors.length - 2, Math.floor(x));
    const [r, g, b] = [0, 1, 2].map((c) => Math.round(anchors[j][c] + (x - j) * (anchors[j + 1][c] - anchors[j][c])));
    out[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return out;
}

export const maps = { sequential: table(sequential), diverging: table(diverging) };

/** The entry of a map for a value within low .. high, as 0xAABBGGRR; NaN is see-through. */
export function color_of(map, value, low, high) {
  if (Number.isNaN(value)) return 0;
  const x = high > low ? (value - low) / (high - low) : 0;
  return map[Math.max(0, Math.min(255, Math.round(255 * x)))];
}

export const css_of = (abgr) => `rgb(${abgr & 255} ${(abgr >> 8) & 255} ${(abgr >> 16) & 255})`;

export const phase_names = { memorization: "memorization", circuit_formation: "circuit formation", cleanup: "cleanup" };
