import type { Ellipse, XY } from "../document/types.ts";

/** What a ruler says about a line; the angle in degrees, counter-clockwise as people read them. */
export interface Measured {
  readonly length: number;
  readonly dx: number;
  readonly dy: number;
  readonly angle: number;
  /** Millimetres, where the size of a pixel is known. */
  readonly millimetres: number | null;
}

/** Measure a path: its length along all of it, the rest of its last leg. */
export function measure(points: readonly XY[], spacing: XY | null): Measured | null {
  const [from, to] = points.slice(-2);
  if (!from || !to) return null;
  const [sx, sy] = spacing ?? [1, 1];
  let length = 0;
  let millimetres = 0;
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (!before) return;
    const [dx, dy] = [point[0] - before[0], point[1] - before[1]];
    length += Math.hypot(dx, dy);
    millimetres += Math.hypot(dx * sx, dy * sy);
  });
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  // Down is positive in a picture, and up in what people know of angles.
  const angle = (Math.atan2(-dy, dx) * 180) / Math.PI;
  return {
    length,
    dx,
    dy,
    angle: angle === 0 ? 0 : angle,
    millimetres: spacing ? millimetres : null,
  };
}

/** In words, short enough to stand beside the line. */
export function inWords({ length, dx, dy, angle, millimetres }: Measured): string {
  const parts = [`${length.toFixed(1)} px`];
  if (millimetres !== null) parts.push(`${millimetres.toFixed(2)} mm`);
  parts.push(`dx ${dx.toFixed(1)}`, `dy ${dy.toFixed(1)}`, `${angle.toFixed(1)}°`);
  return parts.join("   ");
}

/** The length of a path along all of its legs; with a spacing in millimetres. */
export function pathLength(points: readonly XY[], [sx, sy]: XY): number {
  let length = 0;
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (before) length += Math.hypot((point[0] - before[0]) * sx, (point[1] - before[1]) * sy);
  });
  return length;
}

/** The angle at the second of three points, from 0 to 180 degrees; NaN where there is none. */
export function angleBetween(points: readonly XY[], [sx, sy]: XY): number {
  const [a, b, c] = points;
  if (points.length !== 3 || !a || !b || !c) return Number.NaN;
  const [ux, uy] = [(a[0] - b[0]) * sx, (a[1] - b[1]) * sy];
  const [vx, vy] = [(c[0] - b[0]) * sx, (c[1] - b[1]) * sy];
  if ((ux === 0 && uy === 0) || (vx === 0 && vy === 0)) return Number.NaN;
  return (Math.abs(Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy)) * 180) / Math.PI;
}

/** The longer and the shorter axis of four ends; NaN where there are not four. */
export function twoAxes(points: readonly XY[], spacing: XY): readonly [number, number] {
  if (points.length !== 4) return [Number.NaN, Number.NaN];
  const [one, other] = [points.slice(0, 2), points.slice(2)].map((axis) =>
    pathLength(axis, spacing),
  ) as [number, number];
  return [Math.max(one, other), Math.min(one, other)];
}

export function ellipseArea({ rx, ry }: Pick<Ellipse, "rx" | "ry">, [sx, sy]: XY): number {
  return Math.PI * rx * ry * sx * sy;
}

/** What some values are together; all but the count are NaN where there is none. */
export interface Statistics {
  readonly count: number;
  readonly mean: number;
  /** As of a population: the sum of squares divided by the count. */
  readonly sd: number;
  readonly least: number;
  readonly most: number;
}

/** Values of one channel in a box of a picture, row by row. */
export interface ValueBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
}

/** The finite values of the pixels whose centres lie in an ellipse. */
export function ellipseStatistics(
  { x, y, rx, ry, angle = 0 }: Omit<Ellipse, "type">,
  box: ValueBox,
): Statistics {
  const turn = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const inside: number[] = [];
  for (let row = 0; row < box.height; row++) {
    const dy = box.y + row + 0.5 - y;
    for (let column = 0; column < box.width; column++) {
      const dx = box.x + column + 0.5 - x;
      const [u, v] = [(dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry];
      const value = box.values[row * box.width + column] as number;
      if (u * u + v * v <= 1 && Number.isFinite(value)) inside.push(value);
    }
  }
  const count = inside.length;
  let [sum, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of inside) {
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (count === 0) [least, most] = [Number.NaN, Number.NaN];
  const mean = sum / count;
  let squares = 0;
  for (const value of inside) squares += (value - mean) ** 2;
  return { count, mean, sd: Math.sqrt(squares / count), least, most };
}
