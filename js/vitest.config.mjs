import { defineConfig } from "vitest/config";
import { workerTextForVitest } from "./worker-text.mjs";

export default defineConfig({
  plugins: [workerTextForVitest],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "node",
    // Property tests paint thousands of pictures: on a busy machine they take longer, and that is no error.
    testTimeout: 20_000,
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
  },
});
