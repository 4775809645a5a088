import type { Annotation, Mask, Rle } from "../document/types.ts";

/** A mask for each slice of a volume mask, so that the same slice is the same geometry again. */
const cut = new WeakMap<Rle, Mask>();

/**
 * An annotation as it is seen on a picture of a group or on a slice of a scan: of a volume mask its
 * pixels there. Null where it is somewhere else.
 */
export function seenAt(annotation: Annotation, frame: number | null): Annotation | null {
  const { geometry } = annotation;
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
