import type { XY } from "../document/types.ts";
import { type Cut, cutSize, type Lattice, millimetresOf, voxelAt } from "./cut.ts";
import { cross, dot, length, type Millimetres, minus, plus, scaled } from "./space.ts";
import type { Size } from "./transform.ts";

/** A cut as a flat thing in the patient: where its picture begins, and a pixel right and down. */
export interface Flat {
  readonly start: Millimetres;
  readonly right: Millimetres;
  readonly down: Millimetres;
}

export function flatOf(lattice: Lattice, cut: Cut): Flat {
  const { width, height } = cutSize(lattice, cut.plane);
  const at = (x: number, y: number) => millimetresOf(lattice, voxelAt(lattice, cut, [x, y]));
  const start = at(0, 0);
  return {
    start,
    right: scaled(minus(at(width, 0), start), 1 / width),
    down: scaled(minus(at(0, height), start), 1 / height),
  };
}

/** Where a place in the picture of a cut is in the patient. */
export function placeOn({ start, right, down }: Flat, [x, y]: XY): Millimetres {
  return plus(plus(start, right, x), down, y);
}

/** The place of the picture of a cut that is nearest to one in the patient. */
export function placeIn(flat: Flat, place: Millimetres): XY {
  const rest = minus(place, flat.start);
  return [
    dot(rest, flat.right) / dot(flat.right, flat.right),
    dot(rest, flat.down) / dot(flat.down, flat.down),
  ];
}

/**
 * Where another cut crosses the picture of one, from edge to edge; null where it does not, or where
 * both are parallel.
 */
export function crossing(flat: Flat, { width, height }: Size, other: Flat): [XY, XY] | null {
  const normal = cross(other.right, other.down);
  const own = cross(flat.right, flat.down);
  const slanted = length(cross(normal, own)) / (length(normal) * length(own));
  if (!(slanted > 0.02)) return null;
  // The line a x + b y = c in the picture.
  const [a, b] = [dot(flat.right, normal), dot(flat.down, normal)];
  const c = dot(minus(other.start, flat.start), normal);
  const found: XY[] = [];
  // Slices at the rim may lie up to a pixel beyond it.
  const inside = (at: number, end: number) => at >= -1 && at <= end + 1;
  if (Math.abs(b) >= Math.abs(a) * 1e-9)
    for (const x of [0, width]) {
      const y = (c - a * x) / b;
      if (inside(y, height)) found.push([x, y]);
    }
  if (Math.abs(a) >= Math.abs(b) * 1e-9)
    for (const y of [0, height]) {
      const x = (c - b * y) / a;
      if (inside(x, width)) found.push([x, y]);
    }
  const from = found[0];
  if (!from) return null;
  const off = (one: XY) => Math.hypot(one[0] - from[0], one[1] - from[1]);
  const to = found.reduce((best, one) => (off(one) > off(best) ? one : best));
  return off(to) > 0 ? [from, to] : null;
}
