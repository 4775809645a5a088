import fc from "fast-check";
import type { Lattice } from "../geometry/cut.ts";
import { cross, type Millimetres, plus, scaled } from "../geometry/space.ts";

/** Rows and columns of slices as they are taken: their directions to the right and below. */
export const ORIENTATIONS = {
  axial: [
    [1, 0, 0],
    [0, 1, 0],
  ],
  sagittal: [
    [0, 1, 0],
    [0, 0, -1],
  ],
  coronal: [
    [1, 0, 0],
    [0, 0, -1],
  ],
  prone: [
    [-1, 0, 0],
    [0, -1, 0],
  ],
  oblique: [
    [0.8, 0.6, 0],
    [0, 0, -1],
  ],
} as const satisfies Record<string, readonly [Millimetres, Millimetres]>;

interface Made {
  readonly shape: readonly [number, number, number];
  readonly pixel: readonly [number, number];
  readonly gaps: readonly number[];
  /** How far each slice is slid along its columns, for a millimetre along the normal. */
  readonly tilt?: number;
  readonly orientation?: keyof typeof ORIENTATIONS;
  readonly start?: Millimetres;
}

export function lattice({
  shape,
  pixel,
  gaps,
  tilt = 0,
  orientation = "axial",
  start = [0, 0, 0],
}: Made): Lattice {
  const [right, down] = ORIENTATIONS[orientation];
  const normal = cross(right, down);
  const along = plus(normal, down, tilt);
  let height = 0;
  const positions = Array.from({ length: shape[0] }, (_, k) => {
    if (k > 0) height += gaps[(k - 1) % gaps.length] as number;
    return plus(start, along, height);
  });
  const across = scaled(right, pixel[1]);
  const below = scaled(down, pixel[0]);
  const step = scaled(along, gaps[0] as number);
  return {
    shape,
    spacing: [gaps[0] as number, pixel[0], pixel[1]],
    affine: [0, 1, 2, 3].map((row) =>
      row === 3
        ? [0, 0, 0, 1]
        : [across[row] ?? 0, below[row] ?? 0, step[row] ?? 0, start[row] ?? 0],
    ),
    positions,
  };
}

const millimetres = fc.integer({ min: 20, max: 700 }).map((value) => value / 100);

/** Regular, uneven and tilted stacks, taken in all directions. */
export const lattices: fc.Arbitrary<Lattice> = fc
  .record({
    shape: fc.tuple(
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 2, max: 12 }),
    ),
    pixel: fc.tuple(millimetres, millimetres),
    gaps: fc.oneof(
      millimetres.map((gap) => [gap]),
      fc.array(millimetres, { minLength: 1, maxLength: 8 }),
    ),
    tilt: fc.constantFrom(0, 0, 0.33, -0.5),
    orientation: fc.constantFrom(...(Object.keys(ORIENTATIONS) as (keyof typeof ORIENTATIONS)[])),
    start: fc.tuple(
      fc.integer({ min: -200, max: 200 }),
      fc.integer({ min: -200, max: 200 }),
      fc.integer({ min: -200, max: 200 }),
    ),
  })
  .map(lattice);
