/**
 * Bundles the browser code, one self-contained ES module for each widget.
 *
 * An anywidget module is loaded from a blob URL, so it can import nothing: no shared chunks, and a
 * worker travels inside the module as text (`import source from "./shapes.worker.ts?worker-text"`).
 *
 * Usage: node build.mjs [--watch] [--source DIR] [--out DIR]
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { compilation, workerInputs, workerTextForEsbuild } from "./worker-text.mjs";

// One widget shows photographs, sequences and scans; it travels once a page, from the kernel beside it.
const GZIP_LIMIT = 212 * 1000;
const here = dirname(fileURLToPath(import.meta.url));

const { values: options } = parseArgs({
  options: {
    watch: { type: "boolean", default: false },
    source: { type: "string", default: join(here, "src", "widgets") },
    out: { type: "string", default: join(here, "..", "labelwidgets", "static") },
  },
});

/** Prints the size of each file written and fails the build where one is too big to travel. */
const sizes = {
  name: "sizes",
  setup(build) {
    build.onEnd(async (result) => {
      const errors = [];
      for (const path of Object.keys(result.metafile?.outputs ?? {})) {
        const bytes = await readFile(path);
        const gzip = gzipSync(bytes).length;
        console.log(`${path}  ${kilobytes(bytes.length)} kB, gzip ${kilobytes(gzip)} kB`);
        if (gzip > GZIP_LIMIT) {
          errors.push({
            text: `${path} is ${kilobytes(gzip)} kB gzipped, more than ${kilobytes(GZIP_LIMIT)} kB`,
          });
        }
      }
      return { errors };
    });
  },
};

/** Writes the licences of the packages that are in the bundle, as those licences ask. */
const licences = {
  name: "licences",
  setup(build) {
    build.onEnd(async (result) => {
      const inputs = [...Object.keys(result.metafile?.inputs ?? {}), ...workerInputs];
      const found = inputs.map((path) => path.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
      const packages = [...new Set(found.filter((path) => path !== undefined))].sort();
      const texts = await Promise.all(packages.map(licenceText));
      await writeFile(join(options.out, "LICENCES.txt"), texts.join("\n\n"));
    });
  },
};

async function licenceText(folder) {
  const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((it) => /^licen[cs]e/i.test(it));
  if (file === undefined) throw new Error(`${folder} has no licence file`);
  return `${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(1);
}

async function entryPoints(folder) {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /\.(ts|tsx|css)$/.test(name) && !/\.(test|worker|d)\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

const entries = await entryPoints(options.source);
if (entries.length === 0) {
  console.error(`no widget entry points (*.ts, *.tsx, *.css) in ${options.source}`);
  process.exit(1);
}
await mkdir(options.out, { recursive: true });
// Says what the bundle was made from; the build hook writes it again when it has built.
await rm(join(options.out, "sources.sha256"), { force: true });

const context = await esbuild.context({
  ...compilation,
  entryPoints: entries,
  outdir: options.out,
  format: "esm",
  splitting: false,
  metafile: true,
  plugins: [workerTextForEsbuild, sizes, licences],
});

if (options.watch) {
  await context.watch();
  console.log(`watching ${options.source}`);
} else {
  const failed = await context.rebuild().then(
    () => false,
    () => true,
  );
  await context.dispose();
  process.exitCode = failed ? 1 : 0;
}
