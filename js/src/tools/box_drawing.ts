import type { XY } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import { distance, round } from "../geometry/points.ts";
import { clampPoint, type Size } from "../geometry/transform.ts";
import { isPointer, type ToolEvent } from "./tool.ts";

/** A box that is being drawn, by dragging or by clicking two corners. */
export interface BoxDrawing {
  readonly from: XY;
  readonly to: XY;
  /** The first corner was set by a click; the next click sets the other. */
  readonly clicked: boolean;
  /** With the longer side on both axes. */
  readonly square: boolean;
  /** Around where it was begun. */
  readonly centred: boolean;
}

export const TOO_SMALL = "A box needs to be at least one pixel wide and high.";

/** The box as it is now, as large as the picture lets it be. */
export function boxDrawn({ from, to, square, centred }: BoxDrawing, size: Size): Box {
  const [left, right] = [from[0], size.width - from[0]];
  const [above, below] = [from[1], size.height - from[1]];
  let width = Math.abs(to[0] - from[0]);
  let height = Math.abs(to[1] - from[1]);
  if (square) width = height = Math.max(width, height);
  const back = { x: to[0] < from[0], y: to[1] < from[1] };
  const roomX = centred ? Math.min(left, right) : back.x ? left : right;
  const roomY = centred ? Math.min(above, below) : back.y ? above : below;
  if (square) width = height = Math.min(width, roomX, roomY);
  [width, height] = [Math.min(width, roomX), Math.min(height, roomY)];
  const [x, y] = [from[0] + (back.x ? -width : width), from[1] + (back.y ? -height : height)];
  const [x0, y0] = centred ? [2 * from[0] - x, 2 * from[1] - y] : from;
  return {
    minX: round(Math.min(x0, x)),
    minY: round(Math.min(y0, y)),
    maxX: round(Math.max(x0, x)),
    maxY: round(Math.max(y0, y)),
  };
}

/** What an event makes of a box that is being drawn; `done` when it is drawn. */
export function drawBox(
  state: BoxDrawing | null,
  event: ToolEvent,
  size: Size,
): { state: BoxDrawing | null; done: Box | null } {
  if (event.type === "cancel" || event.type === "back") return { state: null, done: null };
  if (event.type === "finish") return { state: null, done: state && boxDrawn(state, size) };
  if (!isPointer(event) || event.type === "double") return { state, done: null };
  const at = clampPoint(event.at, size);
  const keys = { square: event.shift, centred: event.alt };
  if (event.type === "down") {
    if (state?.clicked) return { state: null, done: boxDrawn({ ...state, ...keys, to: at }, size) };
    return { state: { from: at, to: at, clicked: false, ...keys }, done: null };
  }
  if (!state) return { state, done: null };
  const now = { ...state, ...keys, to: at };
  if (event.type === "move" || state.clicked) return { state: now, done: null };
  if (distance(at, state.from) <= event.slack / 2)
    return { state: { ...now, clicked: true }, done: null };
  return { state: null, done: boxDrawn(now, size) };
}

export function isSmall(box: Box): boolean {
  // Sides are kept to a hundredth of a pixel.
  return box.maxX - box.minX < 0.995 || box.maxY - box.minY < 0.995;
}
