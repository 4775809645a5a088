import type { Rle, VolumeMask } from "../document/types.ts";
import { spansOf } from "./columns.ts";
import { type Cut, cutSize, isUpright, type Lattice, type Plane, placeOf, voxelAt } from "./cut.ts";
import { emptyRuns, forEachSpan, placeRuns, type Runs, runsFromBitmap, runsOf } from "./runs.ts";

interface Kept {
  readonly lattice: Lattice;
  readonly index: number;
  readonly runs: Runs;
}

/** Of each mask the last cut of each plane. */
const kept = new WeakMap<VolumeMask, Map<Plane, Kept>>();

/**
 * The pixels of a cut's picture that lie in a mask of the scan: each has what the nearest voxel has.
 * The same mask gives the same runs again without cutting.
 */
export function maskInCut(mask: VolumeMask, cut: Cut, lattice: Lattice): Runs {
  const { plane, index } = cut;
  const { width, height } = cutSize(lattice, plane);
  if (plane === "slice") {
    const rle = mask.slices[index];
    return rle ? runsOf(rle) : emptyRuns([height, width]);
  }
  let planes = kept.get(mask);
  if (!planes) {
    planes = new Map();
    kept.set(mask, planes);
  }
  const known = planes.get(plane);
  if (known?.index === index && known.lattice === lattice) return known.runs;
  const runs = across(mask, plane, index, lattice);
  planes.set(plane, { lattice, index, runs });
  return runs;
}

function across(mask: VolumeMask, plane: "row" | "column", index: number, lattice: Lattice): Runs {
  const cut = { plane, index };
  const size = cutSize(lattice, plane);
  const lines = new Map<number, Uint8Array>();
  for (const [k, rle] of Object.entries(mask.slices)) {
    const line = lineOf(rle, cut);
    if (line) lines.set(Number(k), line);
  }
  if (lines.size === 0) return emptyRuns([size.height, size.width]);
  // Only the strip of slices that the mask is in is looked at.
  const last = lattice.shape[0] - 1;
  const [low, high] = [Math.min(...lines.keys()), Math.max(...lines.keys())];
  const slices = [low === 0 ? -1 : low - 1, high === last ? last + 1 : high + 1];
  const length = plane === "row" ? lattice.shape[2] : lattice.shape[1];
  const corners = slices.flatMap((k) =>
    [-1, length].map((at) => placeOf(lattice, cut, plane === "row" ? [at, 0, k] : [0, at, k])),
  );
  const clipped = (axis: 0 | 1, most: number) => {
    const values = corners.map((corner) => corner[axis]);
    return [
      Math.max(0, Math.floor(Math.min(...values))),
      Math.min(most, Math.ceil(Math.max(...values))),
    ] as const;
  };
  const [left, right] = clipped(0, size.width);
  const [top, bottom] = clipped(1, size.height);
  const [width, height] = [right - left, bottom - top];
  const bitmap = new Uint8Array(width * height);
  const along = plane === "row" ? 0 : 1;
  // Along a line of pixels that lie in one slice a voxel is a fixed step from the one before.
  const upright = isUpright(lattice, plane);
  const [lineCount, sliceCount] = upright ? [height, width] : [width, height];
  for (let s = 0; s < sliceCount; s++) {
    const voxel = (line: number) =>
      voxelAt(lattice, cut, [left + (upright ? s : line) + 0.5, top + (upright ? line : s) + 0.5]);
    const start = voxel(0);
    const from = start[along];
    const step = voxel(1)[along] - from;
    const set = lines.get(Math.min(Math.max(0, Math.round(start[2])), last));
    if (!set) continue;
    for (let line = 0; line < lineCount; line++)
      if (set[Math.round(from + step * line)])
        bitmap[upright ? line * width + s : s * width + line] = 1;
  }
  return placeRuns(runsFromBitmap(bitmap, width, height), left, top, [size.height, size.width]);
}

/** A row or a column of a slice's mask, 1 where it is set; null where it is nowhere. */
function lineOf(rle: Rle, { plane, index }: Cut): Uint8Array | null {
  const runs = runsOf(rle);
  const line = new Uint8Array(plane === "row" ? rle.size[1] : rle.size[0]);
  let found = false;
  if (plane === "column") {
    const spans = spansOf(runs, index);
    for (let i = 0; i < spans.length; i += 2) line.fill(1, spans[i], spans[i + 1]);
    found = spans.length > 0;
  } else
    forEachSpan(runs, (column, row, length) => {
      if (index < row || index >= row + length) return;
      line[column] = 1;
      found = true;
    });
  return found ? line : null;
}
