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
  const add = made.add.bind(made);
  forEachSpan(runs, (column, row, length) =>
    spansWithin(values, [low, high], column, row, row + length, add),
  );
  return made.done();
}

/** Call `take` for the parts of a vertical span whose values lie in a range. */
export function spansWithin(
  values: Values,
  [low, high]: readonly [number, number],
  column: number,
  top: number,
  end: number,
  take: (column: number, top: number, end: number) => void,
): void {
  const { x, y, width, height } = values;
  if (column < x || column >= x + width) return;
  const last = Math.min(end, y + height);
  let from = -1;
  for (let at = Math.max(top, y); at <= last; at++) {
    const value = at < last ? brightness(values, (at - y) * width + column - x) : Number.NaN;
    const inside = value >= low && value <= high;
    if (inside && from < 0) from = at;
    if (!inside && from >= 0) {
      take(column, from, at);
      from = -1;
    }
  }
}
