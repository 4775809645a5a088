import type { XY } from "../document/types.ts";

export function distance(a: XY, b: XY): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The point of the segment from `a` to `b` that is nearest to `p`. */
export function nearestOnSegment(p: XY, a: XY, b: XY): XY {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length = dx * dx + dy * dy;
  if (length === 0) return a;
  const t = Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length));
  return [a[0] + t * dx, a[1] + t * dy];
}

/** `point` turned by `degrees` clockwise about `centre`. */
export function rotate(point: XY, centre: XY, degrees: number): XY {
  if (degrees === 0) return point;
  const angle = (degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const dx = point[0] - centre[0];
  const dy = point[1] - centre[1];
  return [centre[0] + dx * cos - dy * sin, centre[1] + dx * sin + dy * cos];
}

/** A hundredth of a pixel is finer than any hand, and keeps an edit short. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function roundPoint(point: XY): XY {
  return [round(point[0]), round(point[1])];
}
