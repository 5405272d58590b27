// Rebuilds ../static/vendor from the packages in package.json:  npm ci && npm run build
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const out = "../static/vendor";
const read = (path) => readFileSync(path, "utf8");
const version = (name) => JSON.parse(read(`node_modules/${name}/package.json`)).version;

const parts = [
  { name: "@tabler/core", licence: "MIT", file: "tabler.css", of: "the style sheet" },
  { name: "@tabler/core", licence: "MIT", file: "tabler.rtl.css", of: "the style sheet, from right to left" },
  { name: "@tabler/icons", licence: "MIT", file: "icons.svg", of: "the icons in icons.txt, as one sprite" },
  { name: "@alpinejs/csp", licence: "MIT", file: "alpine.js", of: "all" },
  { name: "htmx.org", licence: "0BSD", file: "htmx.js", of: "all" },
  { name: "echarts", licence: "Apache-2.0", file: "charts.js", of: "line, bar, pie, heatmap on canvas" },
  { name: "@fontsource-variable/inter", licence: "OFL-1.1", file: "inter-latin.woff2", of: "Latin, upright" },
  { name: "@fontsource-variable/inter", licence: "OFL-1.1", file: "inter-latin-ext.woff2", of: "Latin extended" },
];

function bundle(entry, file, options = {}) {
  return build({
    entryPoints: [entry],
    outfile: `${out}/${file}`,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2021",
    legalComments: "none",
    ...options,
  });
}

function sprite() {
  const symbols = read("icons.txt").trim().split("\n").map((name) => {
    const svg = read(`node_modules/@tabler/icons/icons/outline/${name}.svg`);
    const body = svg.slice(svg.indexOf("<svg"))
      .replace(/<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/\s*\n\s*/g, "")
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" `
      + `stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
  });
  writeFileSync(`${out}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

// Comments such as source maps would make a static-files manifest look for files that are not there.
function withoutMaps(text) {
  return text.replace(/\n?\/[/*]# sourceMappingURL=[^\n]*/g, "");
}

// Packages that ship no licence file of their own: the MIT text with the copyright lines they state elsewhere.
const withoutLicenceFile = {
  "@tabler/core": "Copyright (c) 2018-2026 The Tabler Authors\nCopyright (c) 2018-2026 codecalm.net Paweł Kuna",
  "@alpinejs/csp": "Copyright (c) 2019-2026 Caleb Porzio and contributors",
};

function licences() {
  mkdirSync(`${out}/licences`, { recursive: true });
  const target = (name) => `${out}/licences/${name.replace("@", "").replace("/", "-")}.txt`;
  for (const name of new Set(parts.map((part) => part.name))) {
    const copyright = withoutLicenceFile[name];
    if (copyright) {
      const mit = read("node_modules/@tabler/icons/LICENSE");
      writeFileSync(target(name), mit.replace(/^Copyright.*$/m, copyright));
    } else {
      copyFileSync(`node_modules/${name}/LICENSE`, target(name));
    }
  }
  copyFileSync("node_modules/echarts/NOTICE", `${out}/licences/echarts-NOTICE.txt`);
}

function inventory() {
  const rows = parts.map(({ name, licence, file, of }) => {
    const bytes = readFileSync(`${out}/${file}`);
    const packed = file.endsWith("woff2") ? bytes.length : gzipSync(bytes, { level: 9 }).length;
    return `| ${file} | ${name} | ${version(name)} | ${licence} | ${of} | ${(packed / 1024).toFixed(0)} |`;
  });
  writeFileSync(
    `${out}/VENDOR.md`,
    [
      "# Files from other projects",
      "",
      "Built by `src/wherewithal/web/vendor` (`npm ci && npm run build`) and kept in the repository, so that neither",
      "installing nor running the product needs Node or another host. Licence texts are in `licences/`.",
      "",
      "| file | package | version | licence | part used | KB compressed |",
      "|---|---|---|---|---|---|",
      ...rows,
      "",
    ].join("\n"),
  );
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await bundle("alpine.mjs", "alpine.js");
await bundle("charts.mjs", "charts.js", { globalName: "WherewithalCharts" });
writeFileSync(`${out}/htmx.js`, withoutMaps(read("node_modules/htmx.org/dist/htmx.min.js")));
writeFileSync(`${out}/tabler.css`, withoutMaps(read("node_modules/@tabler/core/dist/css/tabler.min.css")));
writeFileSync(`${out}/tabler.rtl.css`, withoutMaps(read("node_modules/@tabler/core/dist/css/tabler.rtl.min.css")));
for (const subset of ["latin", "latin-ext"]) {
  copyFileSync(
    `node_modules/@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`,
    `${out}/inter-${subset}.woff2`,
  );
}
sprite();
licences();
inventory();
