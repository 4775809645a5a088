import type { Annotation, Geometry, Mask, Rle } from "../document/types.ts";
import { maskInCut } from "../geometry/cut_mask.ts";
import { type Runs, rleOf } from "../geometry/runs.ts";
import { sightAt } from "../geometry/track.ts";
import type { ShownCut } from "../tools/scan_prompt.ts";

/** A mask for each slice of a volume mask, so that the same slice is the same geometry again. */
const cut = new WeakMap<Rle, Mask>();

/** The shape of an annotation where it is shown, null where it is somewhere else. */
export function shapeSeen(one: Annotation, frame: number | ShownCut | null): Geometry | null {
  const { geometry } = one;
  if (geometry.type === "track")
    return typeof frame === "object" && frame
      ? null
      : (sightAt(geometry, frame ?? 0)?.geometry ?? null);
  return seenAt(one, frame)?.geometry ?? null;
}

/**
 * An annotation as it is seen on a picture of a group or on a slice of a scan: of a volume mask its
 * pixels there. Across the slices only such masks are seen. Null where it is somewhere else.
 */
export function seenAt(annotation: Annotation, frame: number | ShownCut | null): Annotation | null {
  const { geometry } = annotation;
  if (frame !== null && typeof frame === "object") {
    const seen = geometry.type === "volumemask" ? cutOf(geometry, frame) : null;
    return seen && { ...annotation, geometry: seen };
  }
  if (geometry.type === "volumemask") {
    const rle = frame === null ? undefined : geometry.slices[frame];
    return rle ? { ...annotation, geometry: maskAt(rle) } : null;
  }
  if (geometry.type === "interval") return null;
  if (geometry.type === "track") {
    const sight = sightAt(geometry, frame ?? 0);
    return sight && { ...annotation, geometry: sight.geometry };
  }
  return frame === null || (annotation.frame ?? 0) === frame ? annotation : null;
}

/** The masks of cuts, so that the same cut is the same geometry again. */
const across = new WeakMap<Runs, Mask>();

/** A shape as it is seen on a cut of a scan, null where nothing of it is. */
export function cutOf(geometry: Geometry, shown: ShownCut | null): Geometry | null {
  if (geometry.type !== "volumemask") return geometry;
  if (!shown) return null;
  const { cut, lattice } = shown;
  if (cut.projected) return null;
  if (cut.plane === "slice") {
    const rle = geometry.slices[cut.index];
    return rle ? maskAt(rle) : null;
  }
  const runs = maskInCut(geometry, cut, lattice);
  if (runs.edges.length === 0) return null;
  let mask = across.get(runs);
  if (!mask) {
    mask = maskAt(rleOf(runs));
    across.set(runs, mask);
  }
  return mask;
}

function maskAt(rle: Rle): Mask {
  let mask = cut.get(rle);
  if (!mask) {
    mask = { type: "mask", rle };
    cut.set(rle, mask);
  }
  return mask;
}
