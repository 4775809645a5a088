import type { Annotation, Geometry, Mask, ObjectClass, Track } from "../document/types.ts";
import { maskOf } from "../geometry/patch.ts";
import { type Runs, runsOf } from "../geometry/runs.ts";
import { reshapedAt, sightAt } from "../geometry/track.ts";
import { cut } from "../geometry/track_edits.ts";
import { shapeTypeOf } from "../geometry/track_standing.ts";
import { withSlices } from "../geometry/volume_patch.ts";
import { geometryOf } from "./offer.ts";

/** Pixels that can be painted on: a mask's, or those of a volume mask on one slice. */
export interface Layer {
  readonly id: string;
  readonly revision: number;
  readonly locked: boolean;
  readonly runs: Runs;
  /** The object with other pixels here; null where nothing is left of it. */
  put(runs: Runs): Geometry | null;
}

export function isPaintable({ geometry }: Annotation): boolean {
  if (geometry.type === "track") return shapeTypeOf(geometry) === "mask";
  return geometry.type === "mask" || geometry.type === "volumemask";
}

/**
 * What can be painted of an annotation on a picture; null where it is no mask, or on another one. A
 * volume mask is on every slice, a track of masks on every frame: where it has no pixels yet, it has
 * those of `empty`. `end` is the last frame of a video.
 */
export function layerOf(
  annotation: Annotation,
  frame: number | null,
  empty: Runs,
  end = Number.POSITIVE_INFINITY,
): Layer | null {
  const { id, revision, geometry } = annotation;
  const locked = annotation.state === "locked";
  if (geometry.type === "mask") {
    if (frame !== null && (annotation.frame ?? 0) !== frame) return null;
    return { id, revision, locked, runs: runsOf(geometry.rle), put: shapeOf };
  }
  if (frame === null || !isPaintable(annotation)) return null;
  if (geometry.type === "track") {
    const seen = sightAt(geometry, frame)?.geometry;
    const runs = seen?.type === "mask" ? runsOf(seen.rle) : empty;
    return { id, revision, locked, runs, put: (now) => painted(geometry, frame, now, end) };
  }
  const rle = geometry.type === "volumemask" ? geometry.slices[frame] : undefined;
  return {
    id,
    revision,
    locked,
    runs: rle ? runsOf(rle) : empty,
    put: (runs) => reshaped(annotation, [[frame, runs]], end),
  };
}

/** The shape of a mask with other pixels on some slices; null where nothing is left of it. */
export function reshaped(
  { geometry }: Annotation,
  changed: readonly (readonly [number | null, Runs])[],
  end = Number.POSITIVE_INFINITY,
): Geometry | null {
  if (geometry.type === "track")
    return changed.reduce<Track | null>(
      (track, [frame, runs]) => track && painted(track, frame ?? 0, runs, end),
      geometry,
    );
  if (geometry.type !== "volumemask") return changed[0] ? shapeOf(changed[0][1]) : null;
  const made = withSlices(geometry, changed.map(numbered));
  return Object.keys(made.slices).length > 0 ? made : null;
}

/** A track with other pixels on a frame; one without any is outside there, and there alone. */
function painted(track: Track, frame: number, runs: Runs, end: number): Track | null {
  const mask = shapeOf(runs);
  return mask ? reshapedAt(track, frame, mask) : cut(track, frame, frame, end);
}

function numbered([frame, runs]: readonly [number | null, Runs]): readonly [number, Runs] {
  return [frame ?? 0, runs];
}

/** The shape of a new object of a class that has these pixels; null for none. */
export function newShape(
  made: ObjectClass | undefined,
  parts: readonly (readonly [number | null, Runs])[],
): Geometry | null {
  const some = parts.filter(([, runs]) => runs.edges.length > 0);
  const [first] = some;
  if (!first) return null;
  const through = geometryOf(made) === "volumemask" && first[0] !== null;
  return through ? withSlices(null, some.map(numbered)) : maskOf(first[1]);
}

function shapeOf(runs: Runs): Mask | null {
  return runs.edges.length > 0 ? maskOf(runs) : null;
}
