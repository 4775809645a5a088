import type { Cuboid, Ring, XY } from "../document/types.ts";
import { roundPoint } from "./points.ts";

// The twin of `labelwidgets/algorithms/cuboids.py`: the front face clockwise from its top left
// corner, then the back face in the same order.

/** The cuboid with an upright front face from corner to corner, its back face moved by `depth`. */
export function cuboidFromFront(from: XY, to: XY, depth: XY): Cuboid {
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  const front: Ring = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  const back = front.map(([x, y]): XY => [x + depth[0], y + depth[1]]);
  return { type: "cuboid", points: [...front, ...back].map(roundPoint) };
}

/**
 * The corners with one of them dragged so that they stay those of a cuboid. A front corner resizes
 * both faces, the opposite corner of each and the directions of its sides stay; a back corner moves
 * the back face whole.
 */
export function moveCorner(corners: Ring, index: number, to: XY): Ring {
  const at = corners[index];
  if (!at || corners.length !== 8) return corners;
  const [front, back] = [corners.slice(0, 4), corners.slice(4)];
  if (index >= 4) {
    const moved = back.map(([x, y]): XY => [x + to[0] - at[0], y + to[1] - at[1]]);
    return [...front, ...moved];
  }
  const factors = coordinates(front, index, to);
  const only = (face: Ring) => face.map((corner, i) => (i === index ? to : corner));
  // A front without area has no directions to keep.
  if (!factors) return [...only(front), ...back];
  // What the hand took is where the hand is.
  return [...only(resized(front, index, factors)), ...resized(back, index, factors)];
}

/** The corner opposite of one, and the sides from there to its two neighbours. */
function sides(face: Ring, index: number): { fixed: XY; a: XY; b: XY } {
  const fixed = face[(index + 2) % 4] as XY;
  const [next, previous] = [face[(index + 1) % 4] as XY, face[(index + 3) % 4] as XY];
  return {
    fixed,
    a: [next[0] - fixed[0], next[1] - fixed[1]],
    b: [previous[0] - fixed[0], previous[1] - fixed[1]],
  };
}

/** A place in terms of the sides of a face, null where these span no area. */
function coordinates(face: Ring, index: number, at: XY): XY | null {
  const { fixed, a, b } = sides(face, index);
  const turn = a[0] * b[1] - a[1] * b[0];
  if (Math.abs(turn) < 1e-9) return null;
  const [dx, dy] = [at[0] - fixed[0], at[1] - fixed[1]];
  return [(dx * b[1] - dy * b[0]) / turn, (a[0] * dy - a[1] * dx) / turn];
}

function resized(face: Ring, index: number, [s, t]: XY): Ring {
  const was = coordinates(face, index, face[index] as XY);
  if (!was) return face;
  const { fixed, a, b } = sides(face, index);
  const at = (u: number, v: number): XY => [
    fixed[0] + u * a[0] + v * b[0],
    fixed[1] + u * a[1] + v * b[1],
  ];
  return face.map((corner, i) => {
    if (i === index) return at(s * was[0], t * was[1]);
    if (i === (index + 1) % 4) return at(s, 0);
    return i === (index + 3) % 4 ? at(0, t) : corner;
  });
}
