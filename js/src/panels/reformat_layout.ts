import { isSolid, type Lattice, type Plane, type PlaneName } from "../geometry/cut.ts";
import { planeName } from "../geometry/hanging.ts";

/** A way to look at a scan. */
export interface Sight {
  readonly plane: Plane;
  readonly projected: boolean;
  readonly label: string;
}

const NAMES: Readonly<Record<PlaneName, string>> = {
  axial: "Axial",
  coronal: "Coronal",
  sagittal: "Sagittal",
};
/** Beside the slices, the first one of these that they are not is seen first. */
const ORDER: readonly (PlaneName | null)[] = ["sagittal", "coronal", "axial"];

/** The ways to look at a scan: its slices, cuts across them, and the largest values of all. */
export function sightsOf(scan: Lattice): readonly Sight[] {
  const named = (plane: Plane) => planeName(scan, plane);
  const words = (plane: Plane, other: string) => NAMES[named(plane) ?? "axial"] || other;
  const slices = { plane: "slice", projected: false, label: "Slices" } as const;
  if (!isSolid(scan)) return [slices];
  const across = (["column", "row"] as const)
    .map((plane) => ({ plane, projected: false, label: words(plane, plane) }))
    .sort((a, b) => ORDER.indexOf(named(a.plane)) - ORDER.indexOf(named(b.plane)));
  // Seen from the front where that can be.
  const front = across.find(({ plane }) => named(plane) === "coronal") ?? across[0];
  const largest = { plane: front?.plane ?? "row", projected: true, label: "Maximum intensity" };
  return [{ ...slices, label: `${words("slice", "Slices")} slices` }, ...across, largest];
}
