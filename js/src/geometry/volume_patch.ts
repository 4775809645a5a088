import type { Geometry, Rle, VolumeMask, VolumePatch } from "../document/types.ts";
import { equalRuns, type Runs, rleOf, runsOf } from "./runs.ts";

type Slices = Readonly<Record<string, Rle>>;

/** The volume mask with the slices of a patch replaced; null where there is none that it fits. */
export function volumePatched(geometry: Geometry, patch: VolumePatch): VolumeMask | null {
  if (!fits(geometry, patch)) return null;
  const slices: Record<string, Rle> = { ...geometry.slices };
  for (const [key, rle] of Object.entries(patch.slices)) {
    if (rle) slices[key] = rle;
    else delete slices[key];
  }
  return { type: "volumemask", slices };
}

/** The patch that takes `patch` back: its slices as they are in the mask. */
export function volumePatchBack(geometry: Geometry, patch: VolumePatch): VolumePatch | null {
  if (!fits(geometry, patch)) return null;
  const was = Object.keys(patch.slices).map((key) => [key, geometry.slices[key] ?? null]);
  return { type: "volumepatch", slices: Object.fromEntries(was) };
}

/** The smallest patch that makes one volume mask the other; null where nothing differs. */
export function volumePatchBetween(before: VolumeMask, after: VolumeMask): VolumePatch | null {
  const [size, other] = [sizeOf(before.slices), sizeOf(after.slices)];
  if (size && other && size.join() !== other.join()) return null;
  const slices: Record<string, Rle | null> = {};
  for (const key of Object.keys({ ...before.slices, ...after.slices })) {
    const [was, now] = [before.slices[key], after.slices[key]];
    if (!now) slices[key] = null;
    // Slices that nobody touched are the same objects: only the others are decoded.
    else if (was !== now && !(was && equalRuns(runsOf(was), runsOf(now)))) slices[key] = now;
  }
  return Object.keys(slices).length > 0 ? { type: "volumepatch", slices } : null;
}

/** A volume mask with other pixels in some slices; those without any are left out. */
export function withSlices(
  mask: VolumeMask | null,
  changed: Iterable<readonly [number, Runs]>,
): VolumeMask {
  const slices: Record<string, Rle> = { ...mask?.slices };
  for (const [index, runs] of changed) {
    if (runs.edges.length > 0) slices[index] = rleOf(runs);
    else delete slices[index];
  }
  return { type: "volumemask", slices };
}

/** The slices that a volume mask has pixels in, from the first one on. */
export function slicesOf(mask: VolumeMask): number[] {
  return Object.keys(mask.slices)
    .map(Number)
    .sort((a, b) => a - b);
}

/** The slice in the middle of those that a volume mask has pixels in. */
export function middleSlice(mask: VolumeMask): number | null {
  const slices = slicesOf(mask);
  return slices[slices.length >> 1] ?? null;
}

function fits(geometry: Geometry, patch: VolumePatch): geometry is VolumeMask {
  if (geometry.type !== "volumemask") return false;
  const size = sizeOf(geometry.slices)?.join();
  const put = Object.values(patch.slices).find((rle) => rle !== null);
  return !size || !put || size === put.size.join();
}

function sizeOf(slices: Slices): Rle["size"] | undefined {
  for (const key in slices) return slices[key]?.size;
  return undefined;
}
