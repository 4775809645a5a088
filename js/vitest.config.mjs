import { defineConfig } from "vitest/config";
import { workerTextForVitest } from "./worker-text.mjs";

export default defineConfig({
  plugins: [workerTextForVitest],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "node",
    // Properties of geometry are tried on many shapes, and machines may be busy.
    testTimeout: 30_000,
    setupFiles: ["src/testing/properties.ts"],
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
  },
});
