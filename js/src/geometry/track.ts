import type { Geometry, Keyframe, Patch, Shape, Track, TrackPatch } from "../document/types.ts";
import { placedJoints } from "./placed_joints.ts";
import { type Sight, Sights } from "./sights.ts";

export type { Sight } from "./sights.ts";

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

/** What is seen of each track, put in order once. */
const known = new WeakMap<Track, Sights>();

function sightsOf(track: Track): Sights {
  let sights = known.get(track);
  if (!sights) {
    sights = new Sights(track);
    known.set(track, sights);
  }
  return sights;
}

/** The frames of the keyframes of a track, rising. */
export function keysOf(track: Track): readonly number[] {
  return sightsOf(track).keys;
}

/** The object of a track on a frame, the same one each time; null where it is not in the picture. */
export function sightAt(track: Track, frame: number): Sight | null {
  return sightsOf(track).at(frame);
}

/** Is the object in the picture on a frame? */
export function isThere(track: Track, frame: number): boolean {
  return sightsOf(track).there(frame);
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
