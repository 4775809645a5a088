import type { Annotation } from "../document/types.ts";

/** Around the slice that is shown, of a scan that lies near: so many on, and so many back. */
const ON = 8;
const BACK = 3;
/** Of one that lies far each slice has its price. */
const ON_FAR = 2;
const BACK_FAR = 1;

/**
 * Slices that are likely to be shown after one, the likeliest first: those in the direction of
 * travel and some on the other side, and of a scan that lies near all others.
 */
export function aheadOf(at: number, count: number, way: number, near: boolean): number[] {
  const forward = way < 0 ? -1 : 1;
  const found: number[] = [];
  const take = (index: number) => {
    if (index >= 0 && index < count) found.push(index);
  };
  const [on, back] = near ? [ON, BACK] : [ON_FAR, BACK_FAR];
  for (let n = 1; n <= on; n++) {
    take(at + n * forward);
    if (n <= back) take(at - n * forward);
  }
  if (!near) return found;
  for (let n = back + 1; n < count; n++) {
    take(at - n * forward);
    if (n > on) take(at + n * forward);
  }
  return found;
}

/** The slice that a scan is opened at: of those with labels the one nearest to the middle. */
export function firstSlice(count: number, labels: Iterable<Annotation>): number {
  const middle = Math.floor(count / 2);
  let best: number | null = null;
  for (const slice of slicesOf(labels)) {
    if (slice < 0 || slice >= count) continue;
    if (best === null || Math.abs(slice - middle) < Math.abs(best - middle)) best = slice;
  }
  return best ?? middle;
}

/** The slices that carry labels, in the order of the labels. */
export function* slicesOf(labels: Iterable<Annotation>): Iterable<number> {
  for (const { frame, geometry } of labels) {
    if ("slices" in geometry) for (const slice of Object.keys(geometry.slices)) yield Number(slice);
    else if (geometry.type !== "tag") yield frame ?? 0;
  }
}

/** Slices that follow one another, as pairs of the first and the last one. */
export function runsOf(slices: Iterable<number>): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const slice of [...new Set(slices)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] + 1 === slice) last[1] = slice;
    else runs.push([slice, slice]);
  }
  return runs;
}
