import type { Rle } from "../document/types.ts";
import type { Box } from "./box.ts";
import { forEachSpan, runsBounds, runsContain, runsOf } from "./runs.ts";

/** Call `paint(column, row, length)` for each vertical run of pixels that are set. */
export function forEachRun(
  rle: Rle,
  paint: (column: number, row: number, length: number) => void,
): void {
  forEachSpan(runsOf(rle), paint);
}

/** The upright box around the pixels that are set, null where there are none. */
export function maskBounds(rle: Rle): Box | null {
  return runsBounds(runsOf(rle));
}

/** Is the pixel under (x, y) set? */
export function maskContains(rle: Rle, x: number, y: number): boolean {
  return runsContain(runsOf(rle), x, y);
}
