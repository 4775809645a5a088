import type { Annotation, Mask, Rle } from "../document/types.ts";
import type { Cut, Lattice } from "../geometry/cut.ts";
import { maskInCut } from "../geometry/cut_mask.ts";
import { rleOf } from "../geometry/runs.ts";

/** A cut across the slices of a scan. */
export interface Section {
  readonly cut: Cut;
  readonly lattice: Lattice;
}

/** A mask for each slice of a volume mask, so that the same slice is the same geometry again. */
const cut = new WeakMap<Rle, Mask>();

/**
 * An annotation as it is seen on a picture of a group or on a slice of a scan: of a volume mask its
 * pixels there. Across the slices only such masks are seen. Null where it is somewhere else.
 */
export function seenAt(annotation: Annotation, frame: number | Section | null): Annotation | null {
  const { geometry } = annotation;
  if (frame !== null && typeof frame === "object") {
    if (geometry.type !== "volumemask" || frame.cut.projected) return null;
    const runs = maskInCut(geometry, frame.cut, frame.lattice);
    return runs.edges.length > 0 ? { ...annotation, geometry: maskAt(rleOf(runs)) } : null;
  }
  if (geometry.type === "volumemask") {
    const rle = frame === null ? undefined : geometry.slices[frame];
    return rle ? { ...annotation, geometry: maskAt(rle) } : null;
  }
  return frame === null || (annotation.frame ?? 0) === frame ? annotation : null;
}

function maskAt(rle: Rle): Mask {
  let mask = cut.get(rle);
  if (!mask) {
    mask = { type: "mask", rle };
    cut.set(rle, mask);
  }
  return mask;
}
