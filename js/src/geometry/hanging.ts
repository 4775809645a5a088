import type { Lattice, Plane } from "./cut.ts";
import { flatOf } from "./flat.ts";
import { cross, largest, length, type Millimetres, scaled } from "./space.ts";

export type PlaneName = "axial" | "coronal" | "sagittal";

/** What people call a plane of a scan; null where the scan lies nowhere. */
export function planeName(lattice: Lattice, plane: Plane): PlaneName | null {
  if (!lattice.affine) return null;
  const flat = flatOf(lattice, { plane, index: 0 });
  return (["sagittal", "coronal", "axial"] as const)[largest(cross(flat.right, flat.down))] ?? null;
}

/** What lies at the edges of a cut's picture: R(ight), L(eft), A(nterior), P(osterior), H(ead), F(eet). */
export interface EdgeNames {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

export function edgeNames(lattice: Lattice, plane: Plane): EdgeNames | null {
  if (!lattice.affine) return null;
  const { right, down } = flatOf(lattice, { plane, index: 0 });
  return {
    left: letters(scaled(right, -1)),
    right: letters(right),
    top: letters(scaled(down, -1)),
    bottom: letters(down),
  };
}

/** The direction among eight of a plane, so that one that is turned by little has one letter. */
function letters(direction: Millimetres): string {
  const unit = scaled(direction, 1 / length(direction));
  const names = ["LR", "PA", "HF"];
  return unit
    .map((part, i) => ({ size: Math.abs(part), name: names[i]?.[part > 0 ? 0 : 1] }))
    .filter(({ size }) => size > Math.sin(Math.PI / 8))
    .sort((a, b) => b.size - a.size)
    .map(({ name }) => name)
    .join("");
}
