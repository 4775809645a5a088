import { defineConfig } from "vitest/config";
import { workerTextForVitest } from "./worker-text.mjs";

export default defineConfig({
  plugins: [workerTextForVitest],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
  },
});
