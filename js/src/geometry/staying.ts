import type { Ellipse, Geometry, Rectangle, XY } from "../document/types.ts";
import { scale, turn } from "./affine.ts";
import { bounds } from "./bounds.ts";
import { type Box, union } from "./box.ts";
import { boxOfEllipse, centreOf } from "./frame.ts";
import { rotate, round } from "./points.ts";
import { type HandleName, type Size, translate } from "./transform.ts";

// Turning, scaling and reshaping as far as the picture goes: nothing gets further out of it than
// it was.

/** Coordinates are kept to a hundredth of a pixel, and turned shapes waver by as much. */
const WAVER = 0.02;

function boxOf(shapes: readonly Geometry[]): Box | null {
  return union(shapes.map(bounds));
}

/** Does a box lie on the picture, or at least no further out than another? */
function fits(box: Box | null, was: Box | null, size: Size): boolean {
  if (!box || !was) return true;
  return (
    box.minX >= Math.min(0, was.minX) - WAVER &&
    box.minY >= Math.min(0, was.minY) - WAVER &&
    box.maxX <= Math.max(size.width, was.maxX) + WAVER &&
    box.maxY <= Math.max(size.height, was.maxY) + WAVER
  );
}

/** The furthest of `make(0)` (which has to fit) to `make(1)` that stays on the picture. */
export function asFarAsFits<Shape extends Geometry>(
  before: readonly Geometry[],
  size: Size,
  make: (reach: number) => readonly Shape[],
): readonly Shape[] {
  const was = boxOf(before);
  const free = make(1);
  if (fits(boxOf(free), was, size)) return free;
  let [near, far] = [0, 1];
  let best = make(0);
  for (let step = 0; step < 24; step++) {
    const reach = (near + far) / 2;
    const made = make(reach);
    if (fits(boxOf(made), was, size)) [near, best] = [reach, made];
    else far = reach;
  }
  return best;
}

/**
 * Shapes turned together about a centre. What would stick out is moved in from the edge; null where
 * there is no room for it at all.
 */
export function turnOnImage(
  shapes: readonly Geometry[],
  centre: XY,
  degrees: number,
  size: Size,
): Geometry[] | null {
  const was = boxOf(shapes);
  const turned = shapes.map((one) => turn(one, centre, degrees));
  const box = boxOf(turned);
  if (!box || !was || fits(box, was, size)) return turned;
  const dx = inwards(box.minX, box.maxX, Math.min(0, was.minX), Math.max(size.width, was.maxX));
  const dy = inwards(box.minY, box.maxY, Math.min(0, was.minY), Math.max(size.height, was.maxY));
  if (dx === null || dy === null) return null;
  return turned.map((one) => translate(one, dx, dy));
}

/** How far what spans `from` to `to` has to move to lie between two limits, null where it is longer. */
function inwards(from: number, to: number, low: number, high: number): number | null {
  if (to - from > high - low + 2 * WAVER) return null;
  // Rounded away from the edge, so that moving by a hundredth too little never leaves it outside.
  if (from < low) return Math.ceil((low - from) * 100) / 100;
  return to > high ? Math.floor((high - to) * 100) / 100 : 0;
}

/** Shapes scaled together from an anchor, as far as the picture goes and no smaller than a pixel. */
export function scaleOnImage(
  shapes: readonly Geometry[],
  anchor: XY,
  [sx, sy]: XY,
  size: Size,
): readonly Geometry[] {
  const was = boxOf(shapes);
  if (!was) return shapes;
  const least = (factor: number, extent: number) =>
    Math.max(factor, extent > 0 ? Math.min(1, 1 / extent) : 1e-3);
  let fx = least(sx, was.maxX - was.minX);
  let fy = least(sy, was.maxY - was.minY);
  if (sx === sy) fx = fy = Math.max(fx, fy);
  const [mostX, mostY] = [
    most([was.minX, was.maxX], anchor[0], size.width),
    most([was.minY, was.maxY], anchor[1], size.height),
  ];
  // Either axis goes as far as it can by itself, unless proportions are kept.
  const [toX, toY] = sx === sy ? [Math.min(mostX, mostY), Math.min(mostX, mostY)] : [mostX, mostY];
  [fx, fy] = [Math.min(fx, toX), Math.min(fy, toY)];
  if (fx === 1 && fy === 1) return shapes;
  // Turned shapes do not grow as their box does.
  return asFarAsFits(shapes, size, (reach) => {
    const [x, y] = [1 + (fx - 1) * reach, 1 + (fy - 1) * reach];
    return shapes.map((one) => scale(one, anchor, x, y));
  });
}

/** The factor by which what spans `low` to `high` reaches the edge of a picture that is `side` long. */
function most([low, high]: XY, anchor: number, side: number): number {
  const up =
    high > anchor ? (Math.max(side, high) - anchor) / (high - anchor) : Number.POSITIVE_INFINITY;
  const down =
    low < anchor ? (anchor - Math.min(0, low)) / (anchor - low) : Number.POSITIVE_INFINITY;
  return Math.min(up, down);
}

/**
 * The rectangle with a handle dragged and its centre left where it is, as far as the picture goes.
 */
export function resizeAboutCentre(
  rectangle: Rectangle,
  handle: HandleName,
  to: XY,
  square: boolean,
  size: Size,
): Rectangle {
  const centre = centreOf(rectangle);
  const [x, y] = rotate(to, centre, -(rectangle.angle ?? 0));
  let width = /[ew]/.test(handle) ? 2 * Math.abs(x - centre[0]) : rectangle.width;
  let height = /[ns]/.test(handle) ? 2 * Math.abs(y - centre[1]) : rectangle.height;
  if (square && handle.length === 2) width = height = Math.max(width, height);
  const about = (w: number, h: number): Rectangle => ({
    ...rectangle,
    x: round(centre[0] - w / 2),
    y: round(centre[1] - h / 2),
    width: round(w),
    height: round(h),
  });
  const [fromX, fromY] = [Math.min(width, rectangle.width), Math.min(height, rectangle.height)];
  const [made] = asFarAsFits([rectangle], size, (reach) => [
    about(fromX + (width - fromX) * reach, fromY + (height - fromY) * reach),
  ]);
  return made ?? rectangle;
}

/** What a change of the box around an ellipse makes of it. */
export function reshapeEllipse(ellipse: Ellipse, change: (box: Rectangle) => Rectangle): Ellipse {
  const { x, y, width, height } = change(boxOfEllipse(ellipse));
  return {
    ...ellipse,
    x: round(x + width / 2),
    y: round(y + height / 2),
    rx: round(width / 2),
    ry: round(height / 2),
  };
}
