import type { Lattice } from "./cut.ts";
import { cross, dot, length, type Millimetres, minus } from "./space.ts";

const known = new WeakMap<Lattice, readonly number[]>();

/**
 * Where each slice lies along the normal, from the first one on: in millimetres where the files say
 * so, else counted. Twin of `depths_of` in Python.
 */
export function depthsOf(lattice: Lattice): readonly number[] {
  let depths = known.get(lattice);
  if (!depths) {
    depths = measured(lattice);
    known.set(lattice, depths);
  }
  return depths;
}

function measured({ shape, spacing, affine, positions }: Lattice): readonly number[] {
  const even = Array.from({ length: shape[0] }, (_, k) => k * (spacing?.[0] ?? 1));
  const first = positions?.[0];
  if (!spacing || !affine || !first) return even;
  const column = (i: number) => affine.slice(0, 3).map((row) => row[i] ?? 0);
  const normal = cross(column(0) as unknown as Millimetres, column(1) as unknown as Millimetres);
  const along = positions.map((at) => dot(minus(at, first), normal) / length(normal));
  return (along.at(-1) ?? 0) >= 0 ? along : along.map((depth) => 0 - depth);
}
