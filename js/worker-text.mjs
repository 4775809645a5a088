/** Bundles a worker to one classic script, given as text because a widget's module can load no file. */
import { resolve } from "node:path";
import esbuild from "esbuild";

const QUERY = /\?worker-text$/;

/** Everything the browser code is compiled with, workers included. */
export const compilation = {
  bundle: true,
  minify: true,
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
};

/** The files that have gone into workers, which the bundle's own list of inputs leaves out. */
export const workerInputs = new Set();

async function bundleWorker(path) {
  const result = await esbuild.build({
    ...compilation,
    entryPoints: [path],
    format: "iife",
    write: false,
    metafile: true,
  });
  const inputs = Object.keys(result.metafile.inputs);
  for (const input of inputs) workerInputs.add(input);
  return { text: result.outputFiles[0].text, inputs: inputs.map((input) => resolve(input)) };
}

/** The import `x.worker.ts?worker-text` for esbuild. */
export const workerTextForEsbuild = {
  name: "worker-text",
  setup(build) {
    build.onResolve({ filter: QUERY }, (args) => ({
      path: resolve(args.resolveDir, args.path.replace(QUERY, "")),
      namespace: "worker-text",
    }));
    build.onLoad({ filter: /.*/, namespace: "worker-text" }, async (args) => {
      const { text, inputs } = await bundleWorker(args.path);
      return { contents: text, loader: "text", watchFiles: inputs };
    });
  },
};

/** The same import for the tests. */
export const workerTextForVitest = {
  name: "worker-text",
  enforce: "pre",
  async load(id) {
    if (!QUERY.test(id)) return undefined;
    const { text } = await bundleWorker(id.replace(QUERY, ""));
    return `export default ${JSON.stringify(text)};`;
  },
};
