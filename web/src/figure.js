// The frame of every chart: its title, what it shows, and how to save it.
import { useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { save_csv, save_png, save_svg } from "./save.js";

function SaveMenu({ title, svg, rows }) {
  const element = useRef();
  const [is_open, set_open] = useState(false);
  const close = () => (set_open(false), element.current.querySelector("button").focus());
  const saved = (how) => () => {
    if (how === "csv") save_csv(title, rows());
    else {
      const { text, width, height } = svg();
      if (how === "svg") save_svg(title, text);
      else save_png(title, text, width, height);
    }
    close();
  };
  const leave = (event) => !element.current.contains(event.relatedTarget) && set_open(false);
  return html`<div class="save" ref=${element} onFocusOut=${leave} onKeyDown=${(e) => e.key === "Escape" && is_open && close()}>
    <button class="small" aria-expanded=${is_open} aria-label=${`Save ${title}`} onClick=${() => set_open(!is_open)}>Save</button>
    ${is_open &&
    html`<div class="menu">
      ${["png", "svg", "csv"].map((how) => html`<button onClick=${saved(how)}>${how.toUpperCase()}</button>`)}
    </div>`}
  </div>`;
}

/** svg() gives {text, width, height}; rows() the table behind the chart. */
export const Figure = ({ title, hint, svg, rows, legend, children, wide }) => html`<figure class=${`panel ${wide ? "wide" : ""}`}>
  <figcaption>
    <h3 title=${hint} tabindex=${hint ? 0 : undefined}>${title}</h3>
    ${legend}
    ${svg && html`<${SaveMenu} title=${title} svg=${svg} rows=${rows} />`}
  </figcaption>
  ${children}
</figure>`;
