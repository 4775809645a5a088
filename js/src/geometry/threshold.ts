import type { XY } from "../document/types.ts";
import { RunsBuilder } from "./columns.ts";
import { forEachSpan, type Runs } from "./runs.ts";

/** Values of a part of a picture, as a tool sees them: one channel, or red, green and blue. */
export interface Values {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly values: ArrayLike<number>;
}

/** The grey value of pixel number `i`: of colours the luma (ITU-R BT.601) in whole numbers. */
function brightness({ channels, values }: Values, i: number): number {
  if (channels === 1) return values[i] as number;
  const [red, green, blue] = [values[3 * i], values[3 * i + 1], values[3 * i + 2]] as [
    number,
    number,
    number,
  ];
  return Math.floor((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

/** The value of the pixel under a point, null where it is not among the values. */
export function valueUnder(values: Values, [px, py]: XY): number | null {
  const column = Math.floor(px) - values.x;
  const row = Math.floor(py) - values.y;
  if (column < 0 || row < 0 || column >= values.width || row >= values.height) return null;
  return brightness(values, row * values.width + column);
}

/**
 * Of the pixels of a mask those whose value lies from `low` to `high`, both included; what is not
 * among the values is left out. Twin of `threshold_stroke` in Python.
 */
export function withinRange(runs: Runs, values: Values, low: number, high: number): Runs {
  const made = new RunsBuilder(runs.size);
  const { x, y, width, height } = values;
  forEachSpan(runs, (column, row, length) => {
    if (column < x || column >= x + width) return;
    const end = Math.min(row + length, y + height);
    let from = -1;
    for (let at = Math.max(row, y); at <= end; at++) {
      const value = at < end ? brightness(values, (at - y) * width + column - x) : Number.NaN;
      const inside = value >= low && value <= high;
      if (inside && from < 0) from = at;
      if (!inside && from >= 0) {
        made.add(column, from, at);
        from = -1;
      }
    }
  });
  return made.done();
}
