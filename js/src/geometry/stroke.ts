import type { XY } from "../document/types.ts";
import { PaintedMask } from "./painted_mask.ts";
import { emptyRuns, type Runs } from "./runs.ts";

export type TipShape = "round" | "square";

/**
 * Centres this much farther off than the radius (round: in squares of pixels) still count, so that
 * those exactly on the rim are in, whichever way a number was rounded.
 */
const RIM = 1e-6;

/**
 * The pixels that a tip covers on its way from `a` to `b`: those whose centre is within `radius`
 * of the way, by Euclidean distance for a round tip and by the larger of dx and dy for a square
 * one; `aspect` is how much higher than wide pixels are. Both areas are convex, so that each column of pixels has one span: no pixel is looked at.
 */
export function sweep(
  from: XY,
  to: XY,
  radius: number,
  shape: TipShape,
  size: Runs["size"],
  paint: (column: number, top: number, end: number) => void,
  aspect = 1,
): void {
  const [height, width] = size;
  // In units of a pixel's width, also down the columns.
  const a: XY = [from[0], from[1] * aspect];
  const b: XY = [to[0], to[1] * aspect];
  const span = shape === "round" ? roundSpan(a, b, radius) : squareSpan(a, b, radius);
  const reach = shape === "round" ? Math.sqrt(radius * radius + RIM) : radius + RIM;
  const first = Math.max(0, Math.ceil(Math.min(a[0], b[0]) - reach - 0.5));
  const last = Math.min(width - 1, Math.floor(Math.max(a[0], b[0]) + reach - 0.5));
  for (let column = first; column <= last; column++) {
    if (!span(column + 0.5)) continue;
    const top = Math.max(0, Math.ceil(low / aspect - 0.5));
    const end = Math.min(height, Math.floor(high / aspect - 0.5) + 1);
    if (end > top) paint(column, top, end);
  }
}

// What `span` found: two numbers that would else be an object for every column of every segment.
let low = 0;
let high = 0;

/** Around a segment: two discs, and between them what lies within two parallels of the segment. */
function roundSpan([ax, ay]: XY, [bx, by]: XY, radius: number): (x: number) => boolean {
  const squared = radius * radius + RIM;
  const dx = bx - ax;
  const dy = by - ay;
  const length = Math.sqrt(dx * dx + dy * dy);
  const reach = Math.sqrt(squared);
  const nx = length > 0 ? (-dy / length) * reach : 0;
  const ny = length > 0 ? (dx / length) * reach : 0;
  const slope = dx !== 0 ? dy / dx : 0;
  return (x) => {
    low = Number.POSITIVE_INFINITY;
    high = Number.NEGATIVE_INFINITY;
    const fromA = squared - (x - ax) * (x - ax);
    if (fromA >= 0) widen(ay - Math.sqrt(fromA), ay + Math.sqrt(fromA));
    const fromB = squared - (x - bx) * (x - bx);
    if (fromB >= 0) widen(by - Math.sqrt(fromB), by + Math.sqrt(fromB));
    if (dx !== 0) {
      // Where the column crosses each of the parallels.
      for (let side = -1; side <= 1; side += 2) {
        const px = ax + side * nx;
        const along = (x - px) / dx;
        if (along < 0 || along > 1) continue;
        const y = ay + side * ny + (x - px) * slope;
        widen(y, y);
      }
    }
    return low <= high;
  };
}

/** Around a segment: of the points of the way within reach in x, all y within reach. */
function squareSpan([ax, ay]: XY, [bx, by]: XY, radius: number): (x: number) => boolean {
  const reach = radius + RIM;
  const dx = bx - ax;
  const dy = by - ay;
  return (x) => {
    let from = 0;
    let to = 1;
    if (dx !== 0) {
      const one = (x - reach - ax) / dx;
      const other = (x + reach - ax) / dx;
      from = Math.max(0, Math.min(one, other));
      to = Math.min(1, Math.max(one, other));
      if (from > to) return false;
    } else if (Math.abs(x - ax) > reach) return false;
    const start = ay + from * dy;
    const end = ay + to * dy;
    low = Math.min(start, end) - reach;
    high = Math.max(start, end) + reach;
    return true;
  };
}

function widen(from: number, to: number): void {
  if (from < low) low = from;
  if (to > high) high = to;
}

/** Call `sweep` for each segment of a path from its point number `from` on; one point is a dab. */
export function sweepPath(
  path: readonly XY[],
  from: number,
  radius: number,
  shape: TipShape,
  size: Runs["size"],
  paint: (column: number, top: number, end: number) => void,
  aspect = 1,
): void {
  for (let i = from; i < path.length; i++) {
    const b = path[i] as XY;
    sweep(path[i - 1] ?? b, b, radius, shape, size, paint, aspect);
  }
}

/** The pixels that a stroke covers. */
export function strokeRuns(
  path: readonly XY[],
  radius: number,
  shape: TipShape,
  size: Runs["size"],
  aspect = 1,
): Runs {
  const made = new PaintedMask(emptyRuns(size));
  const paint = made.paint.bind(made);
  sweepPath(path, 0, radius, shape, size, paint, aspect);
  return made.runs();
}
