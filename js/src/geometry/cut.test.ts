import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/cuts.json";
import { lattice, lattices } from "../testing/lattices.ts";
import {
  type Cut,
  cutSize,
  cutSpacing,
  cutsOf,
  cutThrough,
  type Lattice,
  millimetresOf,
  type Plane,
  placeOf,
  type Voxel,
  voxelAt,
  voxelOf,
} from "./cut.ts";
import { crossing, flatOf, placeIn } from "./flat.ts";
import { edgeNames, planeName } from "./hanging.ts";

const plane = fc.constantFrom<Plane>("slice", "row", "column");
const part = fc.double({ min: 0, max: 1, noNaN: true });

/** A voxel anywhere in a scan, by how far through it is. */
function within({ shape }: Lattice, [x, y, z]: readonly number[]): Voxel {
  const at = (share: number | undefined, count: number) => (share ?? 0) * (count - 1);
  return [at(x, shape[2]), at(y, shape[1]), at(z, shape[0])];
}

function near(a: readonly number[], b: readonly number[], digits = 6): void {
  for (const [i, one] of a.entries()) expect(one).toBeCloseTo(b[i] ?? Number.NaN, digits);
}

describe("a place in a cut", () => {
  it("is the voxel that lies there, and back, in every stack and plane", () => {
    fc.assert(
      fc.property(lattices, plane, fc.tuple(part, part, part), (scan, plane, shares) => {
        const voxel = within(scan, shares);
        const cut = cutThrough(scan, plane, voxel);
        const held = { slice: 2, row: 1, column: 0 }[plane];
        const on = voxel.map((one, axis) => (axis === held ? cut.index : one)) as unknown as Voxel;
        near(voxelAt(scan, cut, placeOf(scan, cut, on)), on);
      }),
    );
  });

  it("has the millimetres of the affine, where slices are evenly apart", () => {
    fc.assert(
      fc.property(lattices, fc.tuple(part, part, part), (scan, shares) => {
        const even = { ...scan, positions: null };
        const [x, y, z] = within(scan, shares);
        const affine = scan.affine as number[][];
        const expected = [0, 1, 2].map((row) => {
          const [a = 0, b = 0, c = 0, d = 0] = affine[row] ?? [];
          return a * x + b * y + c * z + d;
        });
        near(millimetresOf(even, [x, y, z]), expected);
      }),
    );
  });

  it("is found again by its millimetres", () => {
    fc.assert(
      fc.property(lattices, fc.tuple(part, part, part), (scan, shares) => {
        const voxel = within(scan, shares);
        near(voxelOf(scan, millimetresOf(scan, voxel)), voxel, 5);
      }),
    );
  });

  it("is as far from another in the picture as in the patient", () => {
    fc.assert(
      fc.property(
        lattices,
        fc.constantFrom<Plane>("row", "column"),
        fc.tuple(part, part, part),
        fc.tuple(part, part, part),
        (scan, plane, one, other) => {
          const cut = cutThrough(scan, plane, within(scan, one));
          const [pitch = 0] = cutSpacing(scan, plane) ?? [];
          const on = (shares: readonly number[]) => {
            const voxel = [...within(scan, shares)];
            voxel[plane === "row" ? 1 : 0] = cut.index;
            return voxel as unknown as Voxel;
          };
          const [a, b] = [on(one), on(other)];
          const [from, to] = [placeOf(scan, cut, a), placeOf(scan, cut, b)];
          const [p, q] = [millimetresOf(scan, a), millimetresOf(scan, b)];
          const seen = Math.hypot(from[0] - to[0], from[1] - to[1]) * pitch;
          expect(seen).toBeCloseTo(Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]), 5);
        },
      ),
    );
  });

  it("lies within the picture, wherever in the scan it is", () => {
    fc.assert(
      fc.property(lattices, plane, fc.tuple(part, part, part), (scan, plane, shares) => {
        const { width, height } = cutSize(scan, plane);
        const [x, y] = placeOf(scan, { plane, index: 0 }, within(scan, shares));
        expect(x).toBeGreaterThan(-0.51);
        expect(y).toBeGreaterThan(-0.51);
        expect(x).toBeLessThan(width + 0.51);
        expect(y).toBeLessThan(height + 0.51);
      }),
    );
  });
});

describe("the picture of a cut", () => {
  it("has pixels of the finer spacing within the slices, and the centre of a voxel at one of its own", () => {
    const scan = lattice({ shape: [10, 20, 30], pixel: [0.5, 1], gaps: [3] });
    expect(cutSize(scan, "slice")).toEqual({ width: 30, height: 20 });
    // 30 mm across and 10 slices of 3 mm.
    expect(cutSize(scan, "row")).toEqual({ width: 60, height: 60 });
    expect(cutSize(scan, "column")).toEqual({ width: 20, height: 60 });
    expect(cutSpacing(scan, "slice")).toEqual([1, 0.5]);
    expect(cutSpacing(scan, "row")).toEqual([0.5, 0.5]);
    const [x, y] = placeOf(scan, { plane: "row", index: 3 }, [4, 3, 2]);
    near([(x - 0.5) % 1, (y - 0.5) % 1], [0, 0]);
  });

  it("is never larger than a picture may be", () => {
    const scan = lattice({ shape: [300, 512, 512], pixel: [0.05, 0.05], gaps: [5] });
    const { width, height } = cutSize(scan, "row");
    expect(Math.max(width, height)).toBeLessThanOrEqual(4097);
  });

  it("shows the head above and the patient's left to the right, however a scan was taken", () => {
    const names = (orientation: "axial" | "sagittal" | "coronal" | "prone", plane: Plane) => {
      const scan = lattice({ shape: [4, 5, 6], pixel: [1, 1], gaps: [2], orientation });
      const { left = "", right = "", top = "", bottom = "" } = edgeNames(scan, plane) ?? {};
      return `${planeName(scan, plane)} ${left}${right} ${top}${bottom}`;
    };
    expect(names("axial", "slice")).toBe("axial RL AP");
    expect(names("axial", "row")).toBe("coronal RL HF");
    expect(names("axial", "column")).toBe("sagittal AP HF");
    expect(names("sagittal", "slice")).toBe("sagittal AP HF");
    expect(names("sagittal", "row")).toBe("axial RL AP");
    expect(names("sagittal", "column")).toBe("coronal RL HF");
    expect(names("coronal", "slice")).toBe("coronal RL HF");
    expect(names("coronal", "row")).toBe("axial RL AP");
    expect(names("coronal", "column")).toBe("sagittal AP HF");
    expect(names("prone", "row")).toBe("coronal RL HF");
  });

  it("names both directions of a slanted edge, and one of an edge that leans a little", () => {
    const slanted = lattice({ shape: [4, 5, 6], pixel: [1, 1], gaps: [2], orientation: "oblique" });
    expect(edgeNames(slanted, "slice")).toMatchObject({ left: "RA", right: "LP", top: "H" });
    const nowhere = { ...slanted, affine: null, positions: null };
    expect(edgeNames(nowhere, "slice")).toBeNull();
    expect(planeName(nowhere, "row")).toBeNull();
  });

  it("leans a tilted stack back: a column of voxels is where the patient has it", () => {
    const scan = lattice({ shape: [5, 40, 40], pixel: [1, 1], gaps: [2], tilt: 0.5 });
    // Each slice is slid by 1 mm more along its columns.
    const cut: Cut = { plane: "column", index: 7 };
    const places = [0, 1, 2].map((k) => placeOf(scan, cut, [7, 10, k]));
    near([(places[1]?.[0] ?? 0) - (places[0]?.[0] ?? 0)], [1]);
    near([(places[2]?.[1] ?? 0) - (places[1]?.[1] ?? 0)], [-2]);
    expect(cutSize(scan, "column").width).toBe(44);
  });
});

describe("the shared table of cuts", () => {
  for (const { name, size, pitch, places, ...row } of golden.cuts) {
    it(`holds for ${name}`, () => {
      const scan = row as unknown as Lattice;
      const plane = row.plane as Plane;
      const { width, height } = cutSize(scan, plane);
      expect([width, height]).toEqual(size);
      expect(cutSpacing(scan, plane)?.[0]).toBeCloseTo(pitch, 9);
      for (const [voxel, place] of places as [Voxel, [number, number]][])
        near(placeOf(scan, { plane, index: 2 }, voxel), place);
    });
  }
});

describe("another cut", () => {
  it("crosses a picture where both have the same places of the patient", () => {
    fc.assert(
      fc.property(
        lattices,
        plane,
        plane,
        fc.tuple(part, part, part),
        (scan, plane, other, shares) => {
          fc.pre(plane !== other);
          const voxel = within(scan, shares).map(Math.round) as unknown as Voxel;
          const cut = flatOf(scan, cutThrough(scan, plane, voxel));
          const line = crossing(
            cut,
            cutSize(scan, plane),
            flatOf(scan, cutThrough(scan, other, voxel)),
          );
          expect(line).not.toBeNull();
          const [from, to] = line as [readonly [number, number], readonly [number, number]];
          const [x, y] = placeIn(cut, millimetresOf(scan, voxel));
          const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
          const off = ((x - from[0]) * dy - (y - from[1]) * dx) / Math.hypot(dx, dy);
          expect(off).toBeCloseTo(0, 4);
        },
      ),
    );
  });

  it("that is parallel crosses nothing", () => {
    const scan = lattice({ shape: [5, 6, 7], pixel: [1, 1], gaps: [2] });
    const flat = (index: number) => flatOf(scan, { plane: "row", index });
    expect(crossing(flat(1), cutSize(scan, "row"), flat(4))).toBeNull();
  });

  it("through a voxel beyond the scan is the nearest that there is", () => {
    const scan = lattice({ shape: [5, 6, 7], pixel: [1, 1], gaps: [2] });
    expect(cutThrough(scan, "slice", [0, 0, 99])).toEqual({ plane: "slice", index: 4 });
    expect(cutThrough(scan, "column", [-4, 0, 0])).toEqual({ plane: "column", index: 0 });
    expect(cutsOf(scan, "row")).toBe(6);
  });
});
