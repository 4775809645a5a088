import type { Keyframe, Keypoints, Track } from "../document/types.ts";
import { keysOf, sightAt, withKeyframe } from "./track.ts";

/** How a joint stands on a frame. */
export interface JointStanding {
  /** It was placed on this very frame; else it is between others. */
  readonly placed: boolean;
  /** 0 absent, 1 hidden, 2 visible. */
  readonly visibility: number;
  /** The nearest frames before and after this one on which it was placed; null for none. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Is a joint placed by a keyframe? */
function places(keyframe: Keyframe | undefined, joint: number): boolean {
  if (keyframe?.outside || keyframe?.geometry?.type !== "keypoints") return false;
  return keyframe.joints ? keyframe.joints.includes(joint) : true;
}

/** The frames on which a joint of a skeleton was placed, rising. */
export function jointKeys(track: Track, joint: number): number[] {
  return keysOf(track).filter((key) => places(track.keyframes[key], joint));
}

/** The skeleton on a frame, null where there is none. */
export function skeletonAt(track: Track, frame: number): Keypoints | null {
  const seen = sightAt(track, frame)?.geometry;
  return seen?.type === "keypoints" ? seen : null;
}

/** How the joints of a skeleton stand on a frame; empty where it is not in the picture. */
export function jointStandings(track: Track, frame: number): JointStanding[] {
  const keys = keysOf(track);
  return (skeletonAt(track, frame)?.points ?? []).map(([, , visibility], joint) => {
    const placing = (key: number) => places(track.keyframes[key], joint);
    return {
      placed: placing(frame),
      visibility,
      before: keys.findLast((key) => key < frame && placing(key)) ?? null,
      after: keys.find((key) => key > frame && placing(key)) ?? null,
    };
  });
}

/** All joints, or one more of them, are placed on a frame where they are seen; null for none. */
export function allPlaced(track: Track, frame: number, joint?: number): Track | null {
  const geometry = skeletonAt(track, frame);
  if (!geometry) return null;
  const known = track.keyframes[frame];
  const { joints, ...here } = known ?? heldBy(track, frame);
  const all = { ...here, geometry };
  if (joint === undefined || (known && !joints)) return withKeyframe(track, frame, all);
  const some = [...new Set([...(joints ?? []), joint])].sort((a, b) => a - b);
  const whole = some.length === geometry.points.length;
  return withKeyframe(track, frame, whole ? all : { ...all, joints: some });
}

/**
 * A joint is not placed on a frame any more: it is interpolated past it. Null where it was not, or
 * where it was placed nowhere else.
 */
export function letGo(track: Track, frame: number, joint: number): Track | null {
  const keyframe = track.keyframes[frame];
  const { geometry } = keyframe ?? {};
  if (!keyframe || !places(keyframe, joint) || geometry?.type !== "keypoints") return null;
  if (jointKeys(track, joint).length < 2) return null;
  const all = keyframe.joints ?? geometry.points.map((_, index) => index);
  const joints = all.filter((other) => other !== joint);
  const first = keysOf(track)[0] === frame;
  const says = first || keyframe.occluded !== undefined || keyframe.attributes !== undefined;
  if (joints.length === 0 && !says) return withKeyframe(track, frame, null);
  return withKeyframe(track, frame, { ...keyframe, joints });
}

/** A joint is visible, hidden or absent from a frame on, until it is placed again. */
export function withVisibility(
  track: Track,
  frame: number,
  joint: number,
  visibility: number,
): Keypoints | null {
  const seen = skeletonAt(track, frame);
  if (!seen?.points[joint]) return null;
  const points = seen.points.map(([x, y, was], index) =>
    index === joint ? ([x, y, visibility] as const) : ([x, y, was] as const),
  );
  return { type: "keypoints", points };
}

/** What a new keyframe has to say again: that something is in front of it. */
function heldBy(track: Track, frame: number): Keyframe {
  return sightAt(track, frame)?.occluded ? { occluded: true } : {};
}
