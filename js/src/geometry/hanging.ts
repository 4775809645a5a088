import { lettersOf } from "./anatomy.ts";
import type { Lattice, Plane, PlaneName } from "./cut.ts";
import { flatOf } from "./flat.ts";
import { cross, largest, scaled } from "./space.ts";

/** What people call a plane of a scan; null where the scan lies nowhere. */
export function planeName(lattice: Lattice, plane: Plane): PlaneName | null {
  if (!lattice.affine) return null;
  const flat = flatOf(lattice, { plane, index: 0 });
  return (["sagittal", "coronal", "axial"] as const)[largest(cross(flat.right, flat.down))] ?? null;
}

/** What lies at the edges of a cut's picture. */
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
    left: lettersOf(scaled(right, -1)),
    right: lettersOf(right),
    top: lettersOf(scaled(down, -1)),
    bottom: lettersOf(down),
  };
}
