import type { Keypoint, Mask, Polygon, Ring, Shape } from "../document/types.ts";
import {
  angleBetween,
  matchLines,
  matchRings,
  middle,
  mixed,
  mixedPoints,
  nearestPairs,
  type Pair,
  pairOf,
} from "./in_between.ts";
import { type MovingMask, movingMask } from "./moving_mask.ts";
import { rleOf, runsOf } from "./runs.ts";

// The twin of `labelwidgets/schema/between.py`, number by number.

type Passage = (part: number) => Shape;

/** Ways that took some looking for, so that a frame costs no more than its points. */
const found = new WeakMap<Shape, { after: Shape; passage: Passage }>();

/** The shape at a part of the way from one to another, which is more than 0 and less than 1. */
export function shapeBetween(before: Shape, after: Shape, part: number): Shape {
  if (before === after) return before;
  if (before.type === "rectangle" && after.type === "rectangle") {
    // Most tracks are these: written out, as a thousand of them are made for each frame.
    const x = mixed(before.x, after.x, part);
    const y = mixed(before.y, after.y, part);
    const width = mixed(before.width, after.width, part);
    const height = mixed(before.height, after.height, part);
    const [from = 0, to = 0] = [before.angle, after.angle];
    if (from === 0 && to === 0) return { type: "rectangle", x, y, width, height };
    return { type: "rectangle", x, y, width, height, angle: angleBetween(from, to, part) };
  }
  if (before.type === "ellipse" && after.type === "ellipse") {
    const made = {
      x: mixed(before.x, after.x, part),
      y: mixed(before.y, after.y, part),
      rx: mixed(before.rx, after.rx, part),
      ry: mixed(before.ry, after.ry, part),
    };
    return { type: "ellipse", ...made, ...turned(before.angle, after.angle, part) };
  }
  if (before.type === "point" && after.type === "point")
    return {
      type: "point",
      x: mixed(before.x, after.x, part),
      y: mixed(before.y, after.y, part),
    };
  if (before.type === "keypoints" && after.type === "keypoints") {
    if (before.points.length !== after.points.length) return before;
    const points = before.points.map((point, i) =>
      mixedJoint(point, after.points[i] as Keypoint, part),
    );
    return { type: "keypoints", points };
  }
  let known = found.get(before);
  if (known?.after !== after) {
    known = { after, passage: passage(before, after) };
    found.set(before, known);
  }
  return known.passage(part);
}

/** The joint at a part of the way; one that is not labelled has no place to go to. */
export function mixedJoint(before: Keypoint, after: Keypoint, part: number): Keypoint {
  const [x, y, visibility] = before;
  if (visibility === 0 || after[2] === 0) return before;
  return [mixed(x, after[0], part), mixed(y, after[1], part), visibility];
}

function turned(before = 0, after = 0, part: number): { angle?: number } {
  return before === 0 && after === 0 ? {} : { angle: angleBetween(before, after, part) };
}

function passage(before: Shape, after: Shape): Passage {
  if (before.type === "cuboid" && after.type === "cuboid") {
    const pair = pairOf(before.points, after.points);
    return (part) => ({ type: "cuboid", points: mixedPoints(pair, part) });
  }
  if (before.type === "polyline" && after.type === "polyline") {
    const pair = matchLines(before.points, after.points);
    return (part) => ({ type: "polyline", points: mixedPoints(pair, part) });
  }
  if (before.type === "polygon" && after.type === "polygon") return polygon(before, after);
  if (before.type === "mask" && after.type === "mask") return mask(before, after);
  return () => before;
}

function polygon(before: Polygon, after: Polygon): Passage {
  const outer = (one: Polygon) => one.parts.map((part) => part[0] ?? []);
  const parts = companions(outer(before), outer(after)).map(([i, j]) =>
    partPairs(before.parts[i] ?? [], j === null ? null : (after.parts[j] ?? [])),
  );
  return (part) => {
    const made = parts.map((pairs) => pairs.map((pair) => mixedPoints(pair, part)));
    // On the way from one side of a line to the other an area may be none.
    const gone = made.some((rings) => rings.some((ring) => !hasThree(ring)));
    return gone ? before : { type: "polygon", parts: made };
  };
}

function partPairs(before: readonly Ring[], after: readonly Ring[] | null): Pair[] {
  if (!after) return before.map((ring) => pairOf(ring, ring));
  const [outer, goal] = [before[0] ?? [], after[0] ?? []];
  const pairs = [matchRings(outer, goal)];
  for (const [i, j] of companions(before.slice(1), after.slice(1))) {
    const hole = before[1 + i] ?? [];
    if (j !== null) {
      pairs.push(matchRings(hole, after[1 + j] ?? []));
      continue;
    }
    // A hole that has no other one to become goes along with what it is in.
    const [from, to] = [middle(outer), middle(goal)];
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const moved = hole.map(([x, y]) => [x + dx, y + dy] as const);
    pairs.push(pairOf(hole, moved));
  }
  return pairs;
}

/** For each ring, which of the others it becomes, null for none: of as many, in order. */
function companions(before: readonly Ring[], after: readonly Ring[]): [number, number | null][] {
  if (before.length === after.length) return before.map((_, i) => [i, i]);
  const pairs = nearestPairs(before.map(middle), after.map(middle));
  return before.map((_, i) => [i, pairs.get(i) ?? null]);
}

function hasThree(ring: Ring): boolean {
  const seen = new Set<string>();
  for (const [x, y] of ring) if (seen.add(`${x} ${y}`).size === 3) return true;
  return false;
}

/** Bytes that the ways of masks may take together; those that were gone last stay. */
const MOST_BYTES = 48_000_000;
const moving = new Map<Mask, { after: Mask; way: MovingMask | null }>();

function mask(before: Mask, after: Mask): Passage {
  return (part) => {
    const way = wayOf(before, after);
    return way ? { type: "mask", rle: rleOf(way.at(part)) } : before;
  };
}

function wayOf(before: Mask, after: Mask): MovingMask | null {
  let known = moving.get(before);
  moving.delete(before);
  if (known?.after !== after) {
    const same = before.rle.size.join() === after.rle.size.join();
    known = { after, way: same ? movingMask(runsOf(before.rle), runsOf(after.rle)) : null };
  }
  moving.set(before, known);
  let bytes = 0;
  for (const [one, { way }] of [...moving].reverse()) {
    bytes += way?.bytes ?? 0;
    if (bytes > MOST_BYTES && one !== before) moving.delete(one);
  }
  return known.way;
}
