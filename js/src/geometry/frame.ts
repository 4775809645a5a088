import type { Geometry, Rectangle, XY } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import { type Box, union } from "./box.ts";
import { rotate } from "./points.ts";
import { type HandleName, rectangleHandles, type Size } from "./transform.ts";

/** The box around what is selected, with handles that turn and scale it whole. */
export interface Frame {
  /** Where it lies; turned as the only shape in it is. */
  readonly box: Rectangle;
  /** It is the shape's own box: its handles lie on it, not about it, and change that shape's sides. */
  readonly own: boolean;
}

export type FrameHandle = HandleName | "turn";

// How far off the handles are, in widths of what a pointer may miss a thing by.
const PAD = 2;
const STEM = 3;

/** The frame of some shapes; null where nothing in it can be turned or scaled. */
export function frameOf(
  shapes: readonly Geometry[],
  boxAround: (placed: readonly Geometry[]) => Box | null = (placed) => union(placed.map(bounds)),
): Frame | null {
  const placed = shapes.filter((one) => !["mask", "volumemask", "tag"].includes(one.type));
  const [only] = placed;
  if (!only) return null;
  if (placed.length === 1) {
    if (only.type === "rectangle") return { box: only, own: true };
    if (only.type === "ellipse") return { box: boxOfEllipse(only), own: true };
    if (only.type === "point") return null;
  }
  const around = boxAround(placed);
  if (!around) return null;
  const { minX: x, minY: y, maxX, maxY } = around;
  if (maxX === x && maxY === y) return null;
  return { box: { type: "rectangle", x, y, width: maxX - x, height: maxY - y }, own: false };
}

/** The turned box that an ellipse touches with the ends of its axes. */
export function boxOfEllipse(ellipse: Extract<Geometry, { type: "ellipse" }>): Rectangle {
  const { x, y, rx, ry, angle = 0 } = ellipse;
  return { type: "rectangle", x: x - rx, y: y - ry, width: 2 * rx, height: 2 * ry, angle };
}

export function centreOf({ x, y, width, height }: Rectangle): XY {
  return [x + width / 2, y + height / 2];
}

/** The frame as it is drawn: about the shapes it leaves room for the handles of their vertices. */
export function padded(frame: Frame, slack: number): Rectangle {
  const { box, own } = frame;
  const pad = own ? 0 : PAD * slack;
  return {
    ...box,
    x: box.x - pad,
    y: box.y - pad,
    width: box.width + 2 * pad,
    height: box.height + 2 * pad,
  };
}

/** Where the handles of a frame are: those that scale, and the one that turns. */
export function frameHandles(frame: Frame, slack: number, size: Size): [FrameHandle, XY][] {
  const { width, height } = frame.box;
  // What has no width cannot be made wider.
  const scales = rectangleHandles(padded(frame, slack)).filter(
    ([name]) => (height > 0 || !/[ns]/.test(name)) && (width > 0 || !/[ew]/.test(name)),
  );
  return [...scales, ["turn", turnHandle(frame, slack, size).at]];
}

/** Where the handle that turns is, and the place on the frame that it hangs on. */
export function turnHandle(frame: Frame, slack: number, size: Size): { at: XY; from: XY } {
  const box = padded(frame, slack);
  const centre = centreOf(box);
  const [half, stem] = [box.height / 2, STEM * slack];
  const place = (y: number): XY => rotate([centre[0], centre[1] + y], centre, box.angle ?? 0);
  const inside = ([x, y]: XY) => x >= 0 && y >= 0 && x <= size.width && y <= size.height;
  const above = { at: place(-half - stem), from: place(-half) };
  if (inside(above.at)) return above;
  const below = { at: place(half + stem), from: place(half) };
  if (inside(below.at)) return below;
  // A frame as high as the picture has it within, if there is room.
  return half > 2 * stem ? { at: place(stem - half), from: place(-half) } : above;
}
