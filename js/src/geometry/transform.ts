import type { Geometry, Keypoint, Rectangle, Ring, XY } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import type { Box } from "./box.ts";
import { corners } from "./outline.ts";
import { rotate, round, roundPoint } from "./points.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The shape moved by (dx, dy), to a hundredth of a pixel; what it looks like does not change. Masks
 * stay: their pixels belong to the image.
 */
export function translate(geometry: Geometry, dx: number, dy: number): Geometry {
  const [right, down] = [round(dx), round(dy)];
  const move = ([x, y]: XY): XY => [tidy(x + right), tidy(y + down)];
  switch (geometry.type) {
    case "rectangle":
    case "ellipse":
    case "point":
      return { ...geometry, x: tidy(geometry.x + right), y: tidy(geometry.y + down) };
    case "polygon":
      return {
        ...geometry,
        parts: geometry.parts.map((part) => part.map((ring) => ring.map(move))),
      };
    case "polyline":
    case "cuboid":
      return { ...geometry, points: geometry.points.map(move) };
    case "keypoints":
      return {
        ...geometry,
        // A joint that was never placed stays at (0, 0), as COCO has it.
        points: geometry.points.map(
          ([x, y, v]) => (v === 0 ? [x, y, v] : [...move([x, y]), v]) as Keypoint,
        ),
      };
    default:
      return geometry;
  }
}

/** Without the crumbs that adding leaves behind, but with the digits that an import brought. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** The part of the movement (dx, dy) that keeps `box` on the image. */
export function keepOnImage(box: Box, dx: number, dy: number, size: Size): XY {
  const clamp = (value: number, low: number, high: number) =>
    low > high ? 0 : Math.min(Math.max(value, low), high);
  return [
    clamp(dx, Math.min(0, -box.minX), Math.max(0, size.width - box.maxX)),
    clamp(dy, Math.min(0, -box.minY), Math.max(0, size.height - box.maxY)),
  ];
}

export function clampPoint(point: XY, size: Size): XY {
  return [
    Math.min(Math.max(point[0], 0), size.width),
    Math.min(Math.max(point[1], 0), size.height),
  ];
}

export type HandleName = "nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w";

const HANDLES: Readonly<Record<HandleName, XY>> = {
  nw: [0, 0],
  n: [0.5, 0],
  ne: [1, 0],
  e: [1, 0.5],
  se: [1, 1],
  s: [0.5, 1],
  sw: [0, 1],
  w: [0, 0.5],
};

/** Where the eight handles of a rectangle are. */
export function rectangleHandles(rectangle: Rectangle): [HandleName, XY][] {
  const [nw, ne, , sw] = corners(rectangle);
  return (Object.entries(HANDLES) as [HandleName, XY][]).map(([name, [u, v]]) => [
    name,
    [
      nw[0] + u * (ne[0] - nw[0]) + v * (sw[0] - nw[0]),
      nw[1] + u * (ne[1] - nw[1]) + v * (sw[1] - nw[1]),
    ],
  ]);
}

/**
 * The rectangle with one of its handles dragged to `to`. The opposite corner or side stays where it
 * is on the image, also for a turned rectangle; dragging past it turns the rectangle inside out.
 */
export function resizeRectangle(
  rectangle: Rectangle,
  handle: HandleName,
  to: XY,
  square: boolean,
): Rectangle {
  const { x, y, width, height, angle = 0 } = rectangle;
  const centre: XY = [x + width / 2, y + height / 2];
  const local = rotate(to, centre, -angle);
  let [left, top, right, bottom] = [x, y, x + width, y + height];
  if (handle.includes("w")) left = local[0];
  if (handle.includes("e")) right = local[0];
  if (handle.includes("n")) top = local[1];
  if (handle.includes("s")) bottom = local[1];
  if (square && handle.length === 2) {
    const side = Math.max(Math.abs(right - left), Math.abs(bottom - top));
    if (handle.includes("w")) left = right - Math.sign(right - left || 1) * side;
    else right = left + Math.sign(right - left || 1) * side;
    if (handle.includes("n")) top = bottom - Math.sign(bottom - top || 1) * side;
    else bottom = top + Math.sign(bottom - top || 1) * side;
  }
  const made = {
    x: Math.min(left, right),
    y: Math.min(top, bottom),
    width: Math.abs(right - left),
    height: Math.abs(bottom - top),
  };
  // Turning is about the centre, and the centre moved: put it where the fixed side stays put.
  const moved: XY = [made.x + made.width / 2, made.y + made.height / 2];
  const [cx, cy] = rotate(moved, centre, angle);
  return {
    ...rectangle,
    x: round(cx - made.width / 2),
    y: round(cy - made.height / 2),
    width: round(made.width),
    height: round(made.height),
  };
}

/**
 * The rectangle resized as far as the image goes: no side gets further out of it than it was. The
 * opposite corner stays, and an upright rectangle that is no square follows on either axis.
 */
export function resizeOnImage(
  rectangle: Rectangle,
  handle: HandleName,
  to: XY,
  square: boolean,
  size: Size,
): Rectangle {
  const was = boundsOf(rectangle);
  const free = resizeRectangle(rectangle, handle, to, square);
  if (fits(free, was, size)) return free;
  if (!rectangle.angle && !(square && handle.length === 2)) {
    const at: XY = [
      Math.min(Math.max(to[0], Math.min(0, was.minX)), Math.max(size.width, was.maxX)),
      Math.min(Math.max(to[1], Math.min(0, was.minY)), Math.max(size.height, was.maxY)),
    ];
    return resizeRectangle(rectangle, handle, at, false);
  }
  // From the fixed corner outwards all corners move on straight lines, so that halving finds the edge.
  const fixed = opposite(rectangle, handle);
  let [near, far] = [0, 1];
  let best = { ...rectangle, width: 0, height: 0 };
  for (let step = 0; step < 24; step++) {
    const reach = (near + far) / 2;
    const at: XY = [fixed[0] + (to[0] - fixed[0]) * reach, fixed[1] + (to[1] - fixed[1]) * reach];
    const made = resizeRectangle(rectangle, handle, at, square);
    if (fits(made, was, size)) {
      near = reach;
      best = made;
    } else far = reach;
  }
  return best;
}

function boundsOf(rectangle: Rectangle): Box {
  return bounds(rectangle) as Box;
}

function fits(rectangle: Rectangle, was: Box, size: Size): boolean {
  const box = boundsOf(rectangle);
  // Sizes are kept to a hundredth of a pixel, and a turned one wavers by as much.
  const slack = rectangle.angle ? 0.02 : 0;
  return (
    box.minX >= Math.min(0, was.minX) - slack &&
    box.minY >= Math.min(0, was.minY) - slack &&
    box.maxX <= Math.max(size.width, was.maxX) + slack &&
    box.maxY <= Math.max(size.height, was.maxY) + slack
  );
}

function opposite(rectangle: Rectangle, handle: HandleName): XY {
  const [u, v] = HANDLES[handle];
  const found = rectangleHandles(rectangle).find(
    ([name]) => HANDLES[name][0] === 1 - u && HANDLES[name][1] === 1 - v,
  );
  return found?.[1] ?? [rectangle.x, rectangle.y];
}

/** Points of a shape that can be dragged one by one, with the way to each. */
export interface Vertex {
  readonly part: number;
  readonly ring: number;
  readonly index: number;
  readonly at: XY;
}

/** The vertices of a shape, at most so many and only those that are `wanted`. */
export function vertices(
  geometry: Geometry,
  most = Number.POSITIVE_INFINITY,
  wanted: (at: XY) => boolean = () => true,
): Vertex[] {
  const found: Vertex[] = [];
  const look = (points: Ring, part = 0, ring = 0) => {
    for (let index = 0; index < points.length && found.length < most; index++) {
      const at = points[index] as XY;
      if (wanted(at)) found.push({ part, ring, index, at });
    }
  };
  if (geometry.type === "polygon")
    geometry.parts.forEach((rings, part) => {
      rings.forEach((points, ring) => {
        look(points, part, ring);
      });
    });
  else if (geometry.type === "polyline" || geometry.type === "cuboid") look(geometry.points);
  else if (geometry.type === "point") look([[geometry.x, geometry.y]]);
  else if (geometry.type === "keypoints")
    geometry.points.forEach(([x, y, visibility], index) => {
      if (visibility > 0 && wanted([x, y])) found.push({ part: 0, ring: 0, index, at: [x, y] });
    });
  return found;
}

function mapRing(geometry: Geometry, vertex: Vertex, change: (points: Ring) => Ring): Geometry {
  if (geometry.type === "polygon") {
    return {
      ...geometry,
      parts: geometry.parts.map((part, p) =>
        p !== vertex.part ? part : part.map((ring, r) => (r === vertex.ring ? change(ring) : ring)),
      ),
    };
  }
  if (geometry.type === "polyline" || geometry.type === "cuboid") {
    return { ...geometry, points: change(geometry.points) };
  }
  return geometry;
}

export function moveVertex(geometry: Geometry, vertex: Vertex, to: XY): Geometry {
  const at = roundPoint(to);
  if (geometry.type === "point") return { ...geometry, x: at[0], y: at[1] };
  if (geometry.type === "keypoints") {
    return {
      ...geometry,
      points: geometry.points.map((point, i) =>
        i === vertex.index ? ([at[0], at[1], point[2]] as const) : point,
      ),
    };
  }
  return mapRing(geometry, vertex, (points) => points.map((p, i) => (i === vertex.index ? at : p)));
}

/** The shape with a point put in before `vertex.index`. */
export function insertVertex(geometry: Geometry, vertex: Vertex): Geometry {
  return mapRing(geometry, vertex, (points) => [
    ...points.slice(0, vertex.index),
    roundPoint(vertex.at),
    ...points.slice(vertex.index),
  ]);
}

/** The shape without a vertex; null where it would have too few left. */
export function removeVertex(geometry: Geometry, vertex: Vertex): Geometry | null {
  if (geometry.type === "polygon") {
    const ring = geometry.parts[vertex.part]?.[vertex.ring];
    if (!ring || ring.length <= 3) return null;
  } else if (geometry.type !== "polyline" || geometry.points.length <= 2) return null;
  return mapRing(geometry, vertex, (points) => points.filter((_, i) => i !== vertex.index));
}

/** Does the shape lie on the image, give or take a pixel? */
export function onImage(geometry: Geometry, size: Size): boolean {
  const box = bounds(geometry);
  return (
    !box ||
    (box.minX >= -1 && box.minY >= -1 && box.maxX <= size.width + 1 && box.maxY <= size.height + 1)
  );
}
