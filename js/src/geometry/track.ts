import type {
  Answers,
  Geometry,
  Keyframe,
  Patch,
  Shape,
  Track,
  TrackPatch,
} from "../document/types.ts";
import { placedJoints } from "./placed_joints.ts";

/** An object as it is on one frame. */
export interface Sight {
  readonly geometry: Shape;
  readonly occluded: boolean;
  readonly attributes: Answers;
  /** It was placed on this very frame, not between others. */
  readonly keyframe: boolean;
}

const SHAPES = new Set<Geometry["type"]>([
  "rectangle",
  "ellipse",
  "polygon",
  "polyline",
  "point",
  "keypoints",
  "cuboid",
  "mask",
]);

export function isShape(geometry: Geometry | Patch | undefined): geometry is Shape {
  return geometry !== undefined && SHAPES.has(geometry.type as Geometry["type"]);
}

/** The frames of the keyframes of a track, rising; of each track they are sorted once. */
const sorted = new WeakMap<Track, readonly number[]>();

export function keysOf(track: Track): readonly number[] {
  let keys = sorted.get(track);
  if (!keys) {
    keys = Object.keys(track.keyframes)
      .map(Number)
      .sort((a, b) => a - b);
    sorted.set(track, keys);
  }
  return keys;
}

/** The object of a track on a frame, null where it is not in the picture. */
export function sightAt(track: Track, frame: number): Sight | null {
  const keys = keysOf(track);
  const place = lastUpTo(keys, frame);
  const before = track.keyframes[keys[place] ?? -1];
  if (!before?.geometry || before.outside) return null;
  let attributes: Answers = {};
  for (const key of keys.slice(0, place + 1))
    attributes = { ...attributes, ...track.keyframes[key]?.attributes };
  const { geometry, occluded = false } = before;
  return { geometry, occluded, attributes, keyframe: keys[place] === frame };
}

/** A track with another keyframe on a frame; null takes away the one that is there. */
export function withKeyframe(track: Track, frame: number, keyframe: Keyframe | null): Track {
  const { [frame]: _, ...others } = track.keyframes;
  return { type: "track", keyframes: keyframe ? { ...others, [frame]: keyframe } : others };
}

/**
 * A track whose object has another shape on a frame, where all else stays as it is. Of a skeleton only
 * the joints that changed are placed there, beside those that were.
 */
export function reshapedAt(track: Track, frame: number, geometry: Shape): Track {
  const known = track.keyframes[frame];
  const { outside: _, joints: __, confidence: ___, ...here } = known ?? {};
  const seen = sightAt(track, frame);
  const joints = placedJoints(known, seen?.geometry, geometry);
  return withKeyframe(track, frame, {
    ...here,
    geometry,
    ...(seen?.occluded && { occluded: true }),
    ...(joints && { joints }),
  });
}

/** The smallest patch that makes one track the other; null where nothing differs. */
export function trackPatchBetween(before: Track, after: Track): TrackPatch | null {
  const keyframes: Record<string, Keyframe | null> = {};
  for (const key of Object.keys(before.keyframes))
    if (!(key in after.keyframes)) keyframes[key] = null;
  for (const [key, made] of Object.entries(after.keyframes))
    if (before.keyframes[key] !== made) keyframes[key] = made;
  return Object.keys(keyframes).length > 0 ? { type: "trackpatch", keyframes } : null;
}

/** The track with what a patch says replaced; null where there is no track that it fits. */
export function trackPatched(geometry: Geometry, patch: TrackPatch): Track | null {
  if (geometry.type !== "track") return null;
  const keyframes: Record<string, Keyframe> = { ...geometry.keyframes };
  for (const [key, made] of Object.entries(patch.keyframes)) {
    if (made) keyframes[key] = made;
    else delete keyframes[key];
  }
  return { type: "track", keyframes };
}

/** The patch that takes `patch` back: those keyframes as they are. */
export function trackPatchBack(geometry: Geometry, patch: TrackPatch): TrackPatch | null {
  if (geometry.type !== "track") return null;
  const keyframes: Record<string, Keyframe | null> = {};
  for (const key of Object.keys(patch.keyframes)) keyframes[key] = geometry.keyframes[key] ?? null;
  return { type: "trackpatch", keyframes };
}

/** The index of the last of some rising numbers that is not beyond `most`; -1 for none. */
function lastUpTo(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
