import type { Rle } from "../document/types.ts";
import type { Box } from "./box.ts";

/** The runs of a COCO run-length code (rleFrString in cocoapi's maskApi.c), zeros first. */
export function decodeCounts(text: string): number[] {
  const runs: number[] = [];
  let position = 0;
  while (position < text.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && position < text.length) {
      const code = text.charCodeAt(position++) - 48;
      value |= (code & 0x1f) << shift;
      more = (code & 0x20) !== 0;
      shift += 5;
      if (!more && code & 0x10 && shift < 32) value |= -1 << shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2] ?? 0;
    runs.push(value);
  }
  return runs;
}

/** Call `paint(column, row, length)` for each vertical run of pixels that are set. */
export function forEachRun(
  rle: Rle,
  paint: (column: number, row: number, length: number) => void,
): void {
  const height = rle.size[0];
  let at = 0;
  let set = false;
  for (const run of decodeCounts(rle.counts)) {
    let left = set ? run : 0;
    let position = at;
    while (left > 0) {
      const row = position % height;
      const length = Math.min(left, height - row);
      paint(Math.floor(position / height), row, length);
      position += length;
      left -= length;
    }
    at += run;
    set = !set;
  }
}

/** The upright box around the pixels that are set, null where there are none. */
export function maskBounds(rle: Rle): Box | null {
  let minX = Number.POSITIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxX = -1;
  let maxY = -1;
  forEachRun(rle, (column, row, length) => {
    minX = Math.min(minX, column);
    maxX = Math.max(maxX, column + 1);
    minY = Math.min(minY, row);
    maxY = Math.max(maxY, row + length);
  });
  return maxX < 0 ? null : { minX, minY, maxX, maxY };
}

/** Is the pixel under (x, y) set? */
export function maskContains(rle: Rle, x: number, y: number): boolean {
  const [height, width] = rle.size;
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < 0 || row < 0 || column >= width || row >= height) return false;
  const wanted = column * height + row;
  let at = 0;
  let set = false;
  for (const run of decodeCounts(rle.counts)) {
    at += run;
    if (wanted < at) return set;
    set = !set;
  }
  return false;
}
