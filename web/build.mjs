// Bundles the page and writes it down as C++: build.mjs OUT.cpp. Run by CMake (grok/serve).
//
// The same sources give the same bytes. Stops if a source is not listed in sources.txt, on which
// CMake knows when to build anew, or if the page has grown too heavy.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const web = dirname(fileURLToPath(import.meta.url));
const heaviest = 150_000; // bytes, compressed, of all files together

const bundle = async (entry) => {
  const result = await build({
    entryPoints: [join(web, "src", entry)],
    absWorkingDir: web,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  return { bytes: result.outputFiles[0].contents, inputs: Object.keys(result.metafile.inputs) };
};

const check_listed = (inputs) => {
  const listed = new Set(readFileSync(join(web, "sources.txt"), "utf8").split("\n"));
  const missing = inputs.filter((path) => path.startsWith("src/") && !listed.has(path));
  if (missing.length) throw new Error(`sources.txt does not list ${missing.join(", ")}`);
};

const array_of = (name, bytes) => {
  let out = `constexpr unsigned char ${name}[] = {`;
  bytes.forEach((byte, i) => (out += (i % 24 ? "," : i ? ",\n" : "\n") + byte));
  return out + "};\n";
};

const files = [];
for (const [name, entry, type] of [
  ["app.js", "main.js", "text/javascript; charset=utf-8"],
  ["app.css", "style.css", "text/css; charset=utf-8"],
]) {
  const { bytes, inputs } = await bundle(entry);
  check_listed(inputs);
  files.push({ name, type, bytes });
}
files.push({ name: "index.html", type: "text/html; charset=utf-8", bytes: readFileSync(join(web, "src/index.html")) });
files.push({ name: "icon.svg", type: "image/svg+xml", bytes: readFileSync(join(web, "src/icon.svg")) });
for (const file of files) file.gzipped = gzipSync(file.bytes, { level: 9 });

const weight = files.reduce((sum, file) => sum + file.gzipped.length, 0);
if (weight > heaviest) throw new Error(`the page weighs ${weight} bytes compressed, more than ${heaviest}`);

let out = "// Written by web/build.mjs.\n#include <array>\n\n#include \"grok/serve/page.h\"\n\n";
out += "namespace grok::serve {\nnamespace {\n\n";
files.forEach((file, i) => (out += array_of(`bytes_${i}`, file.gzipped)));
out += "\ntemplate <std::size_t n>\nstd::string_view text_of(const unsigned char (&bytes)[n]) {\n";
out += "  return {reinterpret_cast<const char*>(bytes), n};\n}\n\n}  // namespace\n\n";
out += "std::span<const PageFile> page_files() {\n";
out += `  static const std::array<PageFile, ${files.length}> all{{\n`;
files.forEach((file, i) => (out += `      {"${file.name}", "${file.type}", text_of(bytes_${i})},\n`));
out += "  }};\n  return all;\n}\n\n}  // namespace grok::serve\n";
writeFileSync(process.argv[2], out);
console.log(`page: ${files.map((f) => `${f.name} ${f.gzipped.length}`).join(", ")}; ${weight} bytes compressed`);
