// What the whole page shares. Where one is and what one looks at stands in the address, so that a
// view can be shared: #/run/ID/frequencies?step=1200&of=embedding_spectrum
import { computed, effect, signal } from "@preact/signals";

function parsed(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean), values: Object.fromEntries(new URLSearchParams(query)) };
}

export const route = signal(parsed(location.hash));
addEventListener("hashchange", () => (route.value = parsed(location.hash)));

export function href(path, values = {}) {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = new URLSearchParams(kept).toString();
  return `#/${path.join("/")}${query ? `?${query}` : ""}`;
}

/** Parts of the address as signals, which change when they do: what reads these and not `route` is not
 *  drawn anew at every step of a scrub. */
export const path = computed(() => route.value.path.join("/"));
export const value_of = (name) => computed(() => route.value.values[name] ?? null);
/** Changes the address without a new entry in the history; null takes a value out. */
export function set_values(changes) {
  const values = { ...route.value.values, ...changes };
  for (const name of Object.keys(values)) if (values[name] === null) delete values[name];
  route.value = { path: route.value.path, values };
}
// Written behind: a scrub changes it sixty times a second, and browsers refuse so many.
let writing = null;
effect(() => {
  const address = href(route.value.path, route.value.values);
  clearTimeout(writing);
  writing = setTimeout(() => address !== location.hash && history.replaceState(null, "", address), 150);
});

// Light or dark: as the system says, or as was chosen.
const system_dark = matchMedia("(prefers-color-scheme: dark)");
const is_system_dark = signal(system_dark.matches);
system_dark.addEventListener("change", () => (is_system_dark.value = system_dark.matches));
const stored = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
export const theme = signal(stored("grokscope.theme") ?? "system");
export const is_dark = computed(() => (theme.value === "system" ? is_system_dark.value : theme.value === "dark"));
effect(() => {
  document.documentElement.dataset.theme = is_dark.value ? "dark" : "light";
  try {
    localStorage.setItem("grokscope.theme", theme.value);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
});

/** "log" or "linear": how steps are spread, on every chart. */
export const axis = computed(() => (route.value.values.axis === "linear" ? "linear" : "log"));
/** True while the server does not answer. */
export const is_away = signal(false);
