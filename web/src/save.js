// A chart as a file: PNG, SVG, CSV.

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const file_name = (title) => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
const cell = (x) => (typeof x === "string" && /[",\n]/.test(x) ? `"${x.replaceAll('"', '""')}"` : x === null || Number.isNaN(x) ? "" : String(x));

export const save_csv = (title, rows) =>
  download(`${file_name(title)}.csv`, new Blob([rows.map((row) => row.map(cell).join(",") + "\n").join("")], { type: "text/csv" }));

/** The element with the styles that matter written into it, so that it stands alone. */
export function svg_text(element) {
  const copy = element.cloneNode(true);
  const from = [element, ...element.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(from[i]);
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "text-anchor"]) {
      node.style.setProperty(name, style.getPropertyValue(name));
    }
    node.removeAttribute("class");
  });
  const { width, height } = element.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

export const save_svg = (title, text) => download(`${file_name(title)}.svg`, new Blob([text], { type: "image/svg+xml" }));

/** Draws the SVG at twice its size. */
export function save_png(title, text, width, height) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext("2d");
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(`${file_name(title)}.png`, blob));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}
