import { type Columns, columnsOf, RunsBuilder } from "./columns.ts";
import { emptyRuns, type Runs, subtract } from "./runs.ts";

/** So that a pixel exactly at the margin counts, whichever way its square was rounded. */
const RIM = 1e-9;

/**
 * The mask and every pixel whose centre is within `margin` of the centre of one of its pixels.
 *
 * Each span reaches into the columns beside it, the less the farther they are: exact, and its cost
 * goes with the number of spans and not with the pixels that they cover.
 */
export function grow(runs: Runs, margin: number): Runs {
  return spread(columnsOf(runs), runs.size, margin);
}

/**
 * The pixels of the mask that are farther than `margin` from the centre of every pixel that is
 * not set. Beyond the frame of the picture there is nothing to be far from.
 */
export function shrink(runs: Runs, margin: number): Runs {
  const columns = columnsOf(runs);
  if (columns.tops.length === 0) return emptyRuns(runs.size);
  return subtract(runs, spread(around(columns, runs.size), runs.size, margin));
}

/** What is not set, as far as it can be the nearest to a pixel of the mask: one pixel around it. */
function around(columns: Columns, size: Runs["size"]): Columns {
  const [height, width] = size;
  let top = height;
  let bottom = 0;
  for (let i = 0; i < columns.tops.length; i++) {
    top = Math.min(top, columns.tops[i] as number);
    bottom = Math.max(bottom, columns.ends[i] as number);
  }
  top = Math.max(0, top - 1);
  bottom = Math.min(height, bottom + 1);
  const right = columns.left + columns.first.length - 1;
  const from = Math.max(0, columns.left - 1);
  const to = Math.min(width, right + 1);
  const tops: number[] = [];
  const ends: number[] = [];
  const first = new Uint32Array(to - from + 1);
  for (let x = from; x < to; x++) {
    let at = top;
    const column = x - columns.left;
    const inside = column >= 0 && x < right;
    const start = inside ? (columns.first[column] as number) : 0;
    const stop = inside ? (columns.first[column + 1] as number) : 0;
    for (let i = start; i < stop; i++) {
      if ((columns.tops[i] as number) > at) {
        tops.push(at);
        ends.push(columns.tops[i] as number);
      }
      at = columns.ends[i] as number;
    }
    if (at < bottom) {
      tops.push(at);
      ends.push(bottom);
    }
    first[x - from + 1] = tops.length;
  }
  return { left: from, first, tops: Int32Array.from(tops), ends: Int32Array.from(ends) };
}

function spread(columns: Columns, size: Runs["size"], margin: number): Runs {
  const [height, width] = size;
  const squared = margin * margin + RIM;
  const reach = Math.floor(Math.sqrt(squared));
  const rows = Array.from({ length: reach + 1 }, (_, dx) =>
    Math.floor(Math.sqrt(squared - dx * dx)),
  );
  const { left, first, tops, ends } = columns;
  const count = first.length - 1;
  const made = new RunsBuilder(size, tops.length);
  if (tops.length === 0) return made.done();
  // How many spans begin, less those that end, at each row of the column in hand.
  const steps = new Int32Array(height + 1);
  const right = Math.min(width, left + count + reach);
  for (let x = Math.max(0, left - reach); x < right; x++) {
    let from = height;
    let to = 0;
    const near = Math.max(0, x - reach - left);
    const far = Math.min(count - 1, x + reach - left);
    for (let column = near; column <= far; column++) {
      const extra = rows[Math.abs(left + column - x)] as number;
      const stop = first[column + 1] as number;
      for (let i = first[column] as number; i < stop; i++) {
        const top = Math.max(0, (tops[i] as number) - extra);
        const end = Math.min(height, (ends[i] as number) + extra);
        steps[top] = (steps[top] as number) + 1;
        steps[end] = (steps[end] as number) - 1;
        if (top < from) from = top;
        if (end > to) to = end;
      }
    }
    let depth = 0;
    let start = 0;
    for (let row = from; row <= to; row++) {
      const step = steps[row] as number;
      if (step === 0) continue;
      steps[row] = 0;
      if (depth === 0) start = row;
      depth += step;
      if (depth === 0) made.add(x, start, row);
    }
  }
  return made.done();
}
