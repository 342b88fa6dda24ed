// A report is this page with all that it would ask the server for in one element.
import { decode_arrays } from "./arrays.js";

const element = document.getElementById("report");

const decoded = (text) => decode_arrays(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

/** {run, metrics: arrays, array(name), circuit: {step, part(name)} or null}; null where there is a server. */
export const report = element && open(JSON.parse(element.textContent));

function open({ run, metrics, arrays, circuit }) {
  return {
    run,
    metrics: Object.assign({}, ...metrics.map(decoded)),
    array: (name) => {
      if (!arrays[name]) throw new Error(`This report does not hold ${name}.`);
      return decoded(arrays[name]);
    },
    circuit: circuit && { step: circuit.step, parts: Object.keys(circuit.parts), race: circuit.race && decoded(circuit.race), part: (name) => decoded(circuit.parts[name]) },
  };
}
