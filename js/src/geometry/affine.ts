import type { Ellipse, Geometry, Rectangle, Ring, XY } from "../document/types.ts";
import { rotate, round, roundPoint } from "./points.ts";

// The twin of `labelwidgets/algorithms/transforms.py`.

const DEGREE = Math.PI / 180;

/** The angle of the same direction that is more than -180 and at most 180 degrees. */
export function normaliseAngle(degrees: number): number {
  return degrees - 360 * Math.ceil((degrees - 180) / 360);
}

export function scalePoint([x, y]: XY, [ax, ay]: XY, sx: number, sy: number): XY {
  return [ax + (x - ax) * sx, ay + (y - ay) * sy];
}

export function rotateRectangle(rectangle: Rectangle, centre: XY, degrees: number): Rectangle {
  const { x, y, width, height, angle = 0 } = rectangle;
  const [cx, cy] = rotate([x + width / 2, y + height / 2], centre, degrees);
  const turned = normaliseAngle(angle + degrees);
  return { ...rectangle, x: cx - width / 2, y: cy - height / 2, angle: turned };
}

/**
 * The rectangle scaled from an anchor. A turned one that is stretched more on one axis than on the
 * other would become a parallelogram: it keeps its centre, the direction and length of its upper
 * side, and the length of its left one.
 */
export function scaleRectangle(
  rectangle: Rectangle,
  anchor: XY,
  sx: number,
  sy: number,
): Rectangle {
  const { x, y, angle = 0 } = rectangle;
  const centre: XY = [x + rectangle.width / 2, y + rectangle.height / 2];
  const [cx, cy] = scalePoint(centre, anchor, sx, sy);
  const [across, down, turned] = sides(angle, sx, sy);
  const [width, height] = [rectangle.width * across, rectangle.height * down];
  return { ...rectangle, x: cx - width / 2, y: cy - height / 2, width, height, angle: turned };
}

export function rotateEllipse(ellipse: Ellipse, centre: XY, degrees: number): Ellipse {
  const [x, y] = rotate([ellipse.x, ellipse.y], centre, degrees);
  return { ...ellipse, x, y, angle: normaliseAngle((ellipse.angle ?? 0) + degrees) };
}

/** The ellipse scaled from an anchor, exactly: its half axes are the singular values of the map. */
export function scaleEllipse(ellipse: Ellipse, anchor: XY, sx: number, sy: number): Ellipse {
  const { rx, ry, angle = 0 } = ellipse;
  const [x, y] = scalePoint([ellipse.x, ellipse.y], anchor, sx, sy);
  const made = (first: number, second: number, turn: number): Ellipse => ({
    ...ellipse,
    ...{ x, y, rx: first, ry: second, angle: normaliseAngle(turn) },
  });
  if (sx === sy) return made(rx * sx, ry * sx, angle);
  const [cos, sin] = [Math.cos(angle * DEGREE), Math.sin(angle * DEGREE)];
  const [a, b, c, d] = [sx * cos * rx, -sx * sin * ry, sy * sin * rx, sy * cos * ry];
  const [e, f, g, h] = [(a + d) / 2, (a - d) / 2, (c + b) / 2, (c - b) / 2];
  const [outer, inner] = [Math.hypot(e, h), Math.hypot(f, g)];
  const [longer, shorter] = [outer + inner, Math.abs(outer - inner)];
  if (longer - shorter <= 1e-9 * longer) return made(longer, shorter, angle);
  let along = (Math.atan2(g, f) + Math.atan2(h, e)) / DEGREE / 2;
  // Which of the two is still the first axis: the one nearer to where that went.
  const wanted = sides(angle, sx, sy)[2];
  const swapped = Math.abs(Math.sin((along - wanted) * DEGREE)) > Math.SQRT1_2;
  if (swapped) along += 90;
  if (Math.cos((along - wanted) * DEGREE) < 0) along += 180;
  return swapped ? made(shorter, longer, along) : made(longer, shorter, along);
}

/** The turned rectangle with one side from `start` to `end`, as far as `reach` is off it. */
export function rectangleFromSide(start: XY, end: XY, reach: XY): Rectangle {
  const width = Math.hypot(end[0] - start[0], end[1] - start[1]);
  if (width === 0)
    return { type: "rectangle", x: start[0], y: start[1], width: 0, height: 0, angle: 0 };
  const [ux, uy] = [(end[0] - start[0]) / width, (end[1] - start[1]) / width];
  const depth = -uy * (reach[0] - start[0]) + ux * (reach[1] - start[1]);
  const cx = (start[0] + end[0]) / 2 - (uy * depth) / 2;
  const cy = (start[1] + end[1]) / 2 + (ux * depth) / 2;
  const height = Math.abs(depth);
  const angle = normaliseAngle(Math.atan2(uy, ux) / DEGREE);
  return { type: "rectangle", x: cx - width / 2, y: cy - height / 2, width, height, angle };
}

/** How much the axes of a shape turned by `angle` grow, and where the first one points then. */
function sides(angle: number, sx: number, sy: number): [number, number, number] {
  if (sx === sy) return [sx, sy, normaliseAngle(angle)];
  const [cos, sin] = [Math.cos(angle * DEGREE), Math.sin(angle * DEGREE)];
  const direction = Math.atan2(sin * sy, cos * sx) / DEGREE;
  return [
    Math.hypot(cos * sx, sin * sy),
    Math.hypot(sin * sx, cos * sy),
    normaliseAngle(direction),
  ];
}

/** A change of every point of a shape; what belongs to pixels (masks, tags) stays as it is. */
function mapPoints(geometry: Geometry, change: (point: XY) => XY): Geometry {
  const ring = (points: Ring): Ring => points.map((point) => roundPoint(change(point)));
  switch (geometry.type) {
    case "point": {
      const [x, y] = roundPoint(change([geometry.x, geometry.y]));
      return { ...geometry, x, y };
    }
    case "polygon":
      return { ...geometry, parts: geometry.parts.map((part) => part.map(ring)) };
    case "polyline":
    case "cuboid":
      return { ...geometry, points: ring(geometry.points) };
    case "keypoints":
      return {
        ...geometry,
        points: geometry.points.map(([x, y, v]) => {
          // A joint that was never placed is at (0, 0), as COCO has it.
          if (v === 0) return [x, y, v] as const;
          return [...roundPoint(change([x, y])), v] as const;
        }),
      };
    default:
      return geometry;
  }
}

/** The shape turned clockwise about a centre, to a hundredth of a pixel and of a degree. */
export function turn(geometry: Geometry, centre: XY, degrees: number): Geometry {
  if (geometry.type === "rectangle") return tidyTurned(rotateRectangle(geometry, centre, degrees));
  if (geometry.type === "ellipse") return tidyTurned(rotateEllipse(geometry, centre, degrees));
  return mapPoints(geometry, (point) => rotate(point, centre, degrees));
}

/** The shape scaled from an anchor, to a hundredth of a pixel. */
export function scale(geometry: Geometry, anchor: XY, sx: number, sy: number): Geometry {
  if (geometry.type === "rectangle") {
    const made = scaleRectangle(geometry, anchor, sx, sy);
    return tidyTurned({ ...made, width: size(made.width), height: size(made.height) });
  }
  if (geometry.type === "ellipse") {
    const made = scaleEllipse(geometry, anchor, sx, sy);
    return tidyTurned({ ...made, rx: size(made.rx), ry: size(made.ry) });
  }
  return mapPoints(geometry, (point) => scalePoint(point, anchor, sx, sy));
}

/** No shape is scaled away. */
function size(length: number): number {
  return Math.max(0.01, round(length));
}

function tidyTurned<Shape extends Rectangle | Ellipse>(shape: Shape): Shape {
  const { angle = 0, ...rest } = shape;
  const turned = normaliseAngle(round(angle));
  const made = { ...rest, x: round(shape.x), y: round(shape.y) };
  return (turned === 0 ? made : { ...made, angle: turned }) as Shape;
}
