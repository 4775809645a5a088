import type { Keypoint, Keypoints, XY } from "../document/types.ts";
import type { Box } from "./box.ts";
import { boxOf } from "./box.ts";
import { distance, roundPoint } from "./points.ts";

// Visibility as COCO has it: 0 not labelled, 1 labelled but hidden, 2 labelled and visible.

/** Where the joints of a template lie in a box; the twin of `algorithms.skeletons.fit_template`. */
export function fitTemplate(positions: readonly XY[], box: Box): XY[] {
  const around = boxOf(positions);
  if (!around) return [];
  const share = (value: number, low: number, high: number) =>
    high > low ? (value - low) / (high - low) : 0.5;
  return positions.map(([x, y]) => [
    box.minX + share(x, around.minX, around.maxX) * (box.maxX - box.minX),
    box.minY + share(y, around.minY, around.maxY) * (box.maxY - box.minY),
  ]);
}

/** The joint that is labelled and nearest to a place, null where none is within `slack`. */
export function jointNear(keypoints: Keypoints, at: XY, slack: number): number | null {
  let [best, least]: [number | null, number] = [null, slack];
  keypoints.points.forEach(([x, y, visibility], index) => {
    const gap = distance([x, y], at);
    if (visibility > 0 && gap <= least) [best, least] = [index, gap];
  });
  return best;
}

/** The keypoints with the visibility of one joint stepped on: visible, hidden, absent, visible. */
export function cycleVisibility(keypoints: Keypoints, index: number): Keypoints {
  return change(keypoints, index, ([x, y, v]) => [x, y, v === 0 ? 2 : v - 1]);
}

export function withoutJoint(keypoints: Keypoints, index: number): Keypoints {
  return change(keypoints, index, ([x, y]) => [x, y, 0]);
}

/** The first joint that is not labelled put somewhere, null where all of them are. */
export function placeAbsent(
  keypoints: Keypoints,
  at: XY,
): { made: Keypoints; index: number } | null {
  const index = keypoints.points.findIndex(([, , visibility]) => visibility === 0);
  if (index < 0) return null;
  const [x, y] = roundPoint(at);
  return { made: change(keypoints, index, () => [x, y, 2]), index };
}

function change(keypoints: Keypoints, index: number, to: (joint: Keypoint) => Keypoint): Keypoints {
  return {
    ...keypoints,
    points: keypoints.points.map((joint, i) => (i === index ? to(joint) : joint)),
  };
}
