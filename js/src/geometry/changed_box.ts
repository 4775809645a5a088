import type { Box } from "./box.ts";
import { differ, type Runs, runsBounds } from "./runs.ts";

/** The box in which two masks of one size differ, null where they do not. */
export function changedBox(a: Runs, b: Runs): Box | null {
  return a === b ? null : runsBounds(differ(a, b));
}
