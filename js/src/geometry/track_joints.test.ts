import fc from "fast-check";
import { expect, test } from "vitest";
import type { Keyframe, Keypoint, Keypoints, Track } from "../document/types.ts";
import { placedJoints } from "./placed_joints.ts";
import { reshapedAt, sightAt } from "./track.ts";
import { allPlaced, jointKeys, jointStandings, letGo, withVisibility } from "./track_joints.ts";

const JOINTS = 4;

function skeleton(x: number, visibility = 2): Keypoints {
  const points = Array.from({ length: JOINTS }, (_, i): Keypoint => [x + i, 10 * i, visibility]);
  return { type: "keypoints", points };
}

function moved(shape: Keypoints, ...joints: readonly number[]): Keypoints {
  const points = shape.points.map(
    ([x, y, v], i): Keypoint => (joints.includes(i) ? [x + 7, y + 3, v] : [x, y, v]),
  );
  return { type: "keypoints", points };
}

const track: Track = { type: "track", keyframes: { 0: { geometry: skeleton(0) } } };

function seen(made: Track, frame: number): Keypoints {
  const geometry = sightAt(made, frame)?.geometry;
  if (geometry?.type !== "keypoints") throw new Error("no skeleton");
  return geometry;
}

test("moving one joint on a frame places that joint alone", () => {
  const made = reshapedAt(track, 5, moved(seen(track, 5), 2));
  expect(made.keyframes[5]?.joints).toEqual([2]);
  expect(jointKeys(made, 2)).toEqual([0, 5]);
  expect(jointKeys(made, 1)).toEqual([0]);
});

test("a joint that is moved on a frame joins those that were placed there before", () => {
  const once = reshapedAt(track, 5, moved(seen(track, 5), 2));
  const twice = reshapedAt(once, 5, moved(seen(once, 5), 0));
  expect(twice.keyframes[5]?.joints).toEqual([0, 2]);
});

test("once each joint was moved, all of them are placed", () => {
  const made = [0, 1, 2, 3].reduce(
    (now, joint) => reshapedAt(now, 5, moved(seen(now, 5), joint)),
    track,
  );
  expect(made.keyframes[5]).not.toHaveProperty("joints");
});

test("on a frame where all are placed all stay placed", () => {
  const made = reshapedAt(track, 0, moved(skeleton(0), 1));
  expect(made.keyframes[0]).not.toHaveProperty("joints");
});

test("a skeleton that comes back into the picture is placed whole", () => {
  const gone: Track = { type: "track", keyframes: { ...track.keyframes, 4: { outside: true } } };
  const made = reshapedAt(gone, 4, moved(skeleton(0), 1));
  expect(made.keyframes[4]).toEqual({ geometry: moved(skeleton(0), 1) });
});

test("a hand takes away the confidence of the tool that placed a keyframe", () => {
  const carried: Keyframe = { geometry: skeleton(3), confidence: 0.7 };
  const made = reshapedAt({ type: "track", keyframes: { 0: carried } }, 0, skeleton(4));
  expect(made.keyframes[0]).toEqual({ geometry: skeleton(4) });
});

test("hiding a joint places it, and no other one", () => {
  const hidden = withVisibility(track, 5, 3, 1);
  if (!hidden) throw new Error("no skeleton");
  const made = reshapedAt(track, 5, hidden);
  expect(made.keyframes[5]?.joints).toEqual([3]);
  expect(seen(made, 5).points[3]?.[2]).toBe(1);
});

test("a joint that is let go is placed no more; the keyframe goes with its last one", () => {
  const made = reshapedAt(track, 5, moved(seen(track, 5), 1, 2));
  const less = letGo(made, 5, 1);
  expect(less?.keyframes[5]?.joints).toEqual([2]);
  expect(less && letGo(less, 5, 2)?.keyframes).toEqual(track.keyframes);
});

test("a joint that was placed nowhere else is not let go", () => {
  expect(letGo(track, 0, 1)).toBeNull();
  expect(letGo(track, 3, 1)).toBeNull();
});

test("the first keyframe stays when its joints are let go: the track begins there", () => {
  const two = reshapedAt(track, 5, moved(seen(track, 5), 0, 1, 2, 3));
  const made = [0, 1, 2, 3].reduce<Track | null>((now, joint) => now && letGo(now, 0, joint), two);
  expect(made?.keyframes[0]?.joints).toEqual([]);
});

test("all joints can be placed where they are seen", () => {
  const some = reshapedAt(track, 5, moved(seen(track, 5), 1));
  const made = allPlaced(some, 5);
  expect(made?.keyframes[5]).not.toHaveProperty("joints");
  expect(made && allPlaced(made, 9)?.keyframes[9]?.geometry).toEqual(seen(some, 9));
});

test("the standing of a joint names its nearest keyframes on either side", () => {
  const made = reshapedAt(reshapedAt(track, 5, moved(seen(track, 5), 1)), 9, skeleton(40));
  expect(jointStandings(made, 5)[1]).toEqual({ placed: true, visibility: 2, before: 0, after: 9 });
  expect(jointStandings(made, 5)[0]).toMatchObject({ placed: false, before: 0, after: 9 });
  expect(jointStandings(made, 9)[1]).toMatchObject({ placed: true, before: 5, after: null });
});

test("placed joints are what changed and what was known, whatever the gestures", () => {
  const joints = fc.uniqueArray(fc.integer({ min: 0, max: JOINTS - 1 }));
  fc.assert(
    fc.property(joints, joints, fc.boolean(), (known, changed, keyed) => {
      const before = skeleton(1);
      const keyframe = keyed ? { geometry: before, joints: known } : undefined;
      const placed = placedJoints(keyframe, before, moved(before, ...changed));
      const all = [...new Set([...(keyed ? known : []), ...changed])].sort();
      const whole = all.length === JOINTS || (!keyed && changed.length === 0);
      expect(placed).toEqual(whole ? null : all);
    }),
  );
});
