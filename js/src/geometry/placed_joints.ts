import type { Keyframe, Keypoints, Shape } from "../document/types.ts";

/** The joints of a skeleton that differ from one shape to another. */
export function changedJoints(before: Keypoints, after: Keypoints): number[] {
  return after.points.flatMap((joint, index) =>
    joint.join() === before.points[index]?.join() ? [] : [index],
  );
}

/**
 * Which joints are placed on a frame once a skeleton has another shape there: those that were placed
 * before, and those that changed. Null for all of them.
 */
export function placedJoints(
  keyframe: Keyframe | undefined,
  before: Shape | undefined,
  after: Shape,
): readonly number[] | null {
  if (after.type !== "keypoints" || before?.type !== "keypoints") return null;
  const known = keyframe && !keyframe.outside ? keyframe.joints : [];
  const changed = changedJoints(before, after);
  // Somebody who puts it where it is says so of all of it.
  if (!known || after.points.length !== before.points.length) return null;
  if (!keyframe && changed.length === 0) return null;
  const placed = [...new Set([...known, ...changed])].sort((a, b) => a - b);
  return placed.length < after.points.length ? placed : null;
}
