import { type Cut, cutSpacing } from "../geometry/cut.ts";
import { flatOf } from "../geometry/flat.ts";
import { cross, dot, length } from "../geometry/space.ts";
import type { VolumeInfo } from "../link/wire.ts";

/** Millimetres of a cut along its own direction, towards the head, the left or the back. */
export function depthOf(volume: VolumeInfo, cut: Cut): number | null {
  if (cut.plane === "slice") return heightOf(volume, cut.index);
  if (!volume.affine || !cutSpacing(volume, cut.plane)) return null;
  const flat = flatOf(volume, cut);
  const normal = cross(flat.right, flat.down);
  const largest = normal.reduce((best, one) => (Math.abs(one) > Math.abs(best) ? one : best), 0);
  return (dot(flat.start, normal) / length(normal)) * Math.sign(largest);
}

/** How far along the scan a slice lies, in millimetres: of an axial one towards the head. */
function heightOf(volume: VolumeInfo, slice: number): number | null {
  const at = volume.positions?.[slice];
  const axis = volume.affine?.map((row) => row[2] ?? 0);
  if (!at || !axis) return null;
  const [x = 0, y = 0, z = 0] = axis;
  const length = Math.hypot(x, y, z);
  return length > 0 ? (at[0] * x + at[1] * y + at[2] * z) / length : null;
}
