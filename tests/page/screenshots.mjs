// Takes pictures of every view of a run: to be looked at, and for the pages of docs/.
//
//   node tests/page/screenshots.mjs FILE FOLDER [PLAN]
//
// PLAN: "all" (each view in light, dark and at 360 pixels) or, left out, the two of docs/images.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { open_browser, open_page, serving } from "./harness.mjs";

const [file, folder, plan = "docs"] = process.argv.slice(2);
const screens = {
  light: { viewport: { width: 1100, height: 760 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  small: { viewport: { width: 360, height: 740 }, colorScheme: "light" },
};
const views = { runs: "#/runs", curves: "#/run/ID", frequencies: "#/run/ID/frequencies", circuit: "#/run/ID/circuit", "what-if": "#/run/ID/what-if", compare: "#/compare?runs=ID", new: "#/new" };

mkdirSync(folder, { recursive: true });
const server = serving("serve", file);
const address = (await server.address).replace(/#.*/, "");
const { runs } = await (await fetch(`${address}api/runs`)).json();
const browser = await open_browser();

async function take(name, hash, options, whole) {
  const page = await open_page(browser, address + hash.replaceAll("ID", runs[0].id), options);
  await page.waitForLoadState("networkidle").catch(() => {});
  await page.waitForTimeout(hash.includes("circuit") ? 6000 : 1200);
  // A bar that sticks to the window would lie across the middle of a whole page.
  if (whole) await page.addStyleTag({ content: ".scrubber { position: static !important; }" });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: whole });
  for (const mistake of page.mistakes) console.log(name, mistake);
  await page.close();
}

if (plan === "all") {
  for (const [view, hash] of Object.entries(views)) {
    for (const [screen, options] of Object.entries(screens)) await take(`${view}-${screen}`, hash, options, true);
  }
} else {
  await take("curves", views.curves, screens.light, false);
  await take("frequencies", views.frequencies, screens.light, false);
}
await browser.close();
await server.end();
