import type { XY } from "../document/types.ts";

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
