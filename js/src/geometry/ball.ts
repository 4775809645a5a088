import type { XY } from "../document/types.ts";
import type { Lattice } from "./cut.ts";
import { depthsOf } from "./depths.ts";
import type { Runs } from "./runs.ts";
import { strokeRuns } from "./stroke.ts";

/** Where the slice that is shown lies among those of its scan. */
export interface SlicePlace {
  readonly index: number;
  /** Of each slice along the normal, in millimetres. */
  readonly depths: readonly number[];
  /** Millimetres from column to column, and from row to row. */
  readonly pitch: XY;
}

/** Where a slice lies in its scan. */
export function placeOfSlice(lattice: Lattice, index: number): SlicePlace {
  const [, down, across] = lattice.spacing ?? [1, 1, 1];
  return { index, depths: depthsOf(lattice), pitch: [across, down] };
}

/** So much beyond the radius still counts, whichever way a number was rounded. */
const RIM = 1e-9;

/** How much higher than wide the pixels of a slice are. */
export function aspectOf({ pitch }: SlicePlace): number {
  return pitch[1] / pitch[0];
}

/**
 * The voxels that a ball covers on its way through a slice, of all other slices that it reaches, by
 * slice: those whose centre is within `radius` of the way, which is in pixels of the slice's width.
 */
export function ballRuns(
  path: readonly XY[],
  radius: number,
  place: SlicePlace,
  size: Runs["size"],
): [number, Runs][] {
  const { index, depths, pitch } = place;
  const found: [number, Runs][] = [];
  const here = depths[index] ?? 0;
  depths.forEach((depth, k) => {
    const off = (depth - here) / pitch[0];
    const left = radius * radius - off * off;
    if (k === index || left < -RIM) return;
    const runs = strokeRuns(path, Math.sqrt(Math.max(0, left)), "round", size, aspectOf(place));
    if (runs.edges.length > 0) found.push([k, runs]);
  });
  return found;
}
