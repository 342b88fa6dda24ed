// What the browser tests stand on: the program, runs made by it, Chromium.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "../../web/node_modules/playwright-core/index.mjs";

const program = process.env.GROKSCOPE_PROGRAM ?? "build/release/grokscope";
const run_file = promisify(execFile);

/** What `grokscope ARGUMENTS` prints. */
export const grokscope = async (...args) => (await run_file(program, args, { maxBuffer: 1 << 28 })).stdout;

export async function in_folder(use) {
  const folder = await mkdtemp(join(tmpdir(), "grok-page-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts `grokscope ARGUMENTS`, which prints the address of a page. Returns {address, ended, end()}. */
export function serving(...args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const address = new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+\/\S+/);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", () => reject(new Error(`no address: ${said}`)));
  });
  const ended = new Promise((resolve) => child.on("exit", (code) => resolve(code)));
  const end = () => (child.kill("SIGINT"), ended);
  return { address, ended, end };
}

// As root, and without a network, whose want Chromium would otherwise lament.
const chromium_flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const open_browser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: chromium_flags });

/** A page that fails the test on any error of its own. */
export async function open_page(browser, address, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, ...options });
  const mistakes = [];
  page.on("pageerror", (error) => mistakes.push(error.stack));
  page.mistakes = mistakes;
  await page.goto(address);
  return page;
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
