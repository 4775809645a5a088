import type { XY } from "../document/types.ts";
import { type Cut, type Lattice, placeOf, type Voxel, voxelAt } from "../geometry/cut.ts";
import { roundPoint } from "../geometry/points.ts";
import type { ClickPrompt, ScribblePrompt } from "./kernel_call.ts";

/** What of a scan is shown: the places of a pointer are on it. */
export interface ShownCut {
  readonly cut: Cut;
  readonly lattice: Lattice;
}

/** A click on a cut, as the voxel that it is on. */
export function clickOn({ cut, lattice }: ShownCut, at: XY, positive: boolean): ClickPrompt {
  const [slices, rows, columns] = lattice.shape;
  const [column, row, slice] = voxelAt(lattice, cut, at);
  const [x, y] = roundPoint([within(column, columns) + 0.5, within(row, rows) + 0.5]);
  return { x, y, positive, slice: Math.round(within(slice, slices)) };
}

/** A line drawn on a cut, by the numbers of the voxels that it goes over. */
export function lineOn(
  { cut, lattice }: ShownCut,
  path: readonly XY[],
  positive: boolean,
): ScribblePrompt {
  const { plane, index } = cut;
  const points = path.map((at) => {
    const [column, row, slice] = voxelAt(lattice, cut, at);
    const [x, y] =
      plane === "slice" ? [column, row] : plane === "row" ? [column, slice] : [row, slice];
    return roundPoint([x + 0.5, y + 0.5]);
  });
  return { points, positive, plane, index };
}

/** Where a click is seen on a cut, null where it is on another one. */
export function clickSeen({ cut, lattice }: ShownCut, click: ClickPrompt): XY | null {
  const voxel: Voxel = [click.x - 0.5, click.y - 0.5, click.slice ?? 0];
  const held = cut.plane === "slice" ? voxel[2] : cut.plane === "row" ? voxel[1] : voxel[0];
  return Math.round(held) === cut.index ? placeOf(lattice, cut, voxel) : null;
}

/** A line as it is seen on a cut, null where it was drawn on another one. */
export function lineSeen({ cut, lattice }: ShownCut, line: ScribblePrompt): XY[] | null {
  const { plane = "slice", index = 0 } = line;
  if (plane !== cut.plane || index !== cut.index) return null;
  return line.points.map(([x, y]) => {
    const [a, b] = [x - 0.5, y - 0.5];
    const voxel: Voxel =
      plane === "slice" ? [a, b, index] : plane === "row" ? [a, index, b] : [index, a, b];
    return placeOf(lattice, cut, voxel);
  });
}

function within(value: number, count: number): number {
  return Math.min(Math.max(0, value), count - 1);
}
