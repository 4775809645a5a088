import type { Geometry, Mask, MaskPatch, Patch, Track, VolumeMask } from "../document/types.ts";
import type { Box } from "./box.ts";
import { cropRuns, differ, type Runs, rleOf, runsBounds, runsOf, spliceRuns } from "./runs.ts";
import { trackPatchBack, trackPatchBetween, trackPatched } from "./track.ts";
import { volumePatchBack, volumePatchBetween, volumePatched } from "./volume_patch.ts";

/** Does it stand for what changes of a geometry? */
export function isPatch(geometry: Geometry | Patch | undefined): geometry is Patch {
  return ["maskpatch", "volumepatch", "trackpatch"].includes(geometry?.type ?? "");
}

/** The mask with what a patch says of it replaced; null where there is no mask that it fits. */
export function patched(geometry: Geometry, patch: MaskPatch): Mask | null;
export function patched(geometry: Geometry, patch: Patch): Mask | VolumeMask | Track | null;
export function patched(geometry: Geometry, patch: Patch): Mask | VolumeMask | Track | null {
  if (patch.type === "trackpatch") return trackPatched(geometry, patch);
  if (patch.type === "volumepatch") return volumePatched(geometry, patch);
  if (!fits(geometry, patch)) return null;
  const runs = spliceRuns(runsOf(geometry.rle), patch.x, patch.y, runsOf(patch.rle));
  return maskOf(runs);
}

/** The patch that takes `patch` back: the pixels of its box, or its slices, as they are. */
export function patchBack(geometry: Geometry, patch: MaskPatch): MaskPatch | null;
export function patchBack(geometry: Geometry, patch: Patch): Patch | null;
export function patchBack(geometry: Geometry, patch: Patch): Patch | null {
  if (patch.type === "trackpatch") return trackPatchBack(geometry, patch);
  if (patch.type === "volumepatch") return volumePatchBack(geometry, patch);
  if (!fits(geometry, patch)) return null;
  const [height, width] = patch.rle.size;
  const { x, y } = patch;
  return patchOf(runsOf(geometry.rle), { minX: x, minY: y, maxX: x + width, maxY: y + height });
}

/** What the pixels of a box of a mask are; the box is of whole pixels and within the mask. */
export function patchOf(runs: Runs, box: Box): MaskPatch {
  return { type: "maskpatch", x: box.minX, y: box.minY, rle: rleOf(cropRuns(runs, box)) };
}

/** The smallest patch that makes one mask the other; null where nothing differs. */
export function patchBetween(before: Runs, after: Runs): MaskPatch | null {
  const box = runsBounds(differ(before, after));
  return box && patchOf(after, box);
}

/** The smallest patch that makes one shape the other; null where there is none, or no need. */
export function patchTo(before: Geometry, after: Geometry | Patch | undefined): Patch | null {
  if (before.type === "volumemask" && after?.type === "volumemask")
    return volumePatchBetween(before, after);
  if (before.type === "track" && after?.type === "track") return trackPatchBetween(before, after);
  if (before.type !== "mask" || after?.type !== "mask") return null;
  if (before.rle.size.join() !== after.rle.size.join()) return null;
  return patchBetween(runsOf(before.rle), runsOf(after.rle));
}

export function maskOf(runs: Runs): Mask {
  return { type: "mask", rle: rleOf(runs) };
}

function fits(geometry: Geometry, patch: MaskPatch): geometry is Mask {
  if (geometry.type !== "mask") return false;
  const [height, width] = geometry.rle.size;
  const [tall, wide] = patch.rle.size;
  const { x, y } = patch;
  return x >= 0 && y >= 0 && x + wide <= width && y + tall <= height;
}
