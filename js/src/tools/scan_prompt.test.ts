import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cut, cutSize, type Lattice, placeOf } from "../geometry/cut.ts";
import { clickOn, clickSeen, lineOn, lineSeen } from "./scan_prompt.ts";

/** 12 slices of 20 x 30 voxels, 2.5 mm apart, of 0.5 mm. */
const LATTICE: Lattice = {
  shape: [12, 20, 30],
  spacing: [2.5, 0.5, 0.5],
  affine: [
    [0.5, 0, 0, 0],
    [0, 0.5, 0, 0],
    [0, 0, 2.5, 0],
    [0, 0, 0, 1],
  ],
  positions: null,
};

const voxels = fc.tuple(fc.nat(29), fc.nat(19), fc.nat(11));
const planes = fc.constantFrom("slice", "row", "column" as const);

function through(
  [column, row, slice]: readonly [number, number, number],
  plane: Cut["plane"],
): Cut {
  return { plane, index: plane === "slice" ? slice : plane === "row" ? row : column };
}

test("a click on any cut is the voxel that is shown there, and is seen again where it was made", () => {
  fc.assert(
    fc.property(voxels, planes, fc.boolean(), (voxel, plane, positive) => {
      const shown = { cut: through(voxel, plane), lattice: LATTICE };
      const at = placeOf(LATTICE, shown.cut, voxel);
      const click = clickOn(shown, at, positive);
      const [column, row, slice] = voxel;
      expect(Math.floor(click.x)).toBe(column);
      expect(Math.floor(click.y)).toBe(row);
      expect(click.slice).toBe(slice);
      expect(click.positive).toBe(positive);
      for (const other of ["slice", "row", "column"] as const) {
        const cut = through(voxel, other);
        const seen = clickSeen({ cut, lattice: LATTICE }, click);
        const place = placeOf(LATTICE, cut, voxel);
        expect(seen?.[0]).toBeCloseTo(place[0], 1);
        expect(seen?.[1]).toBeCloseTo(place[1], 1);
        const beside = { cut: { ...cut, index: cut.index + 1 }, lattice: LATTICE };
        expect(clickSeen(beside, click)).toBeNull();
      }
    }),
  );
});

test("a click beyond the scan is its nearest voxel", () => {
  const shown = { cut: { plane: "row", index: 3 } as const, lattice: LATTICE };
  const { width, height } = cutSize(LATTICE, "row");
  for (const at of [[-50, -50] as const, [width + 50, height + 50] as const]) {
    const click = clickOn(shown, at, true);
    expect(click.slice).toBeGreaterThanOrEqual(0);
    expect(click.slice).toBeLessThan(12);
    expect(click.x).toBeGreaterThan(0);
    expect(click.x).toBeLessThan(30);
  }
});

test("a line is given by the numbers of the voxels that it goes over, and is seen on its cut alone", () => {
  fc.assert(
    fc.property(fc.array(voxels, { minLength: 1, maxLength: 5 }), planes, (path, plane) => {
      const first = path[0];
      if (!first) return;
      const cut = through(first, plane);
      const shown = { cut, lattice: LATTICE };
      const places = path.map((voxel) => placeOf(LATTICE, cut, voxel));
      const line = lineOn(shown, places, false);
      expect(line).toMatchObject({ plane, index: cut.index, positive: false });
      path.forEach(([column, row, slice], index) => {
        const [x, y] = line.points[index] ?? [Number.NaN, Number.NaN];
        const wanted =
          plane === "slice" ? [column, row] : plane === "row" ? [column, slice] : [row, slice];
        expect([Math.floor(x), Math.floor(y)]).toEqual(wanted);
      });
      const seen = lineSeen(shown, line) ?? [];
      expect(seen.length).toBe(places.length);
      seen.forEach((at, index) => {
        expect(at[0]).toBeCloseTo(places[index]?.[0] ?? Number.NaN, 1);
        expect(at[1]).toBeCloseTo(places[index]?.[1] ?? Number.NaN, 1);
      });
      const beside = { cut: { ...cut, index: cut.index + 1 }, lattice: LATTICE };
      expect(lineSeen(beside, line)).toBeNull();
    }),
  );
});
