import type { Polyline, Rectangle, XY } from "../document/types.ts";
import { normaliseAngle, rectangleFromSide } from "../geometry/affine.ts";
import type { Box } from "../geometry/box.ts";
import { distance, round, roundPoint } from "../geometry/points.ts";
import { asFarAsFits } from "../geometry/staying.ts";
import { clampPoint, type Size } from "../geometry/transform.ts";
import { type BoxDrawing, boxDrawn, drawBox, TOO_SMALL } from "./box_drawing.ts";
import {
  isPointer,
  NOTHING,
  type Outcome,
  type Preview,
  same,
  type Tool,
  type ToolEvent,
} from "./tool.ts";

/** A turned rectangle that is being drawn: one side first, then how far the other is off it. */
interface Turned {
  readonly from: XY;
  /** The end of the first side, once it is set. */
  readonly end: XY | null;
  readonly to: XY;
}
export type RectangleState = BoxDrawing | Turned | null;

/** The upright rectangle that fills a box. */
export function rectangleOf({ minX, minY, maxX, maxY }: Box): Rectangle {
  const [width, height] = [round(maxX - minX), round(maxY - minY)];
  return { type: "rectangle", x: minX, y: minY, width, height };
}

function made(geometry: Rectangle): Outcome<RectangleState> {
  if (geometry.width < 1 || geometry.height < 1)
    return same<RectangleState>(null, { type: "say", text: TOO_SMALL });
  return same<RectangleState>(null, { type: "create", geometry });
}

/** The rectangle on a side, as far towards the hand as the picture goes. */
function onSide(from: XY, end: XY, to: XY, size: Size): Rectangle {
  const side: Polyline = { type: "polyline", points: [from, end] };
  const middle: XY = [(from[0] + end[0]) / 2, (from[1] + end[1]) / 2];
  const [rectangle] = asFarAsFits([side], size, (reach) => {
    const at: XY = [
      middle[0] + (to[0] - middle[0]) * reach,
      middle[1] + (to[1] - middle[1]) * reach,
    ];
    return [tidy(rectangleFromSide(from, end, at))];
  });
  return rectangle ?? tidy(rectangleFromSide(from, end, end));
}

function tidy({ type, x, y, width, height, angle = 0 }: Rectangle): Rectangle {
  const turned = normaliseAngle(round(angle));
  return {
    ...{ type, x: round(x), y: round(y), width: round(width), height: round(height) },
    ...(turned === 0 ? {} : { angle: turned }),
  };
}

const STEP = Math.PI / 12;

/** The place of the hand, held to a multiple of 15 degrees from where a side begins. */
function snapped(from: XY, at: XY, size: Size): XY {
  const angle = Math.round(Math.atan2(at[1] - from[1], at[0] - from[0]) / STEP) * STEP;
  const direction: XY = [Math.cos(angle), Math.sin(angle)];
  let length = distance(from, at);
  for (const [axis, side] of [size.width, size.height].entries()) {
    const way = direction[axis] ?? 0;
    if (Math.abs(way) < 1e-9) continue;
    length = Math.min(length, ((way > 0 ? side : 0) - (from[axis] ?? 0)) / way);
  }
  return [from[0] + direction[0] * length, from[1] + direction[1] * length];
}

function drawTurned(state: Turned | null, event: ToolEvent, size: Size): Outcome<RectangleState> {
  if (event.type === "cancel") return same<RectangleState>(null);
  if (event.type === "back")
    return same<RectangleState>(state?.end ? { ...state, end: null } : null);
  if (event.type === "finish" && state?.end)
    return made(onSide(state.from, state.end, state.to, size));
  if (!isPointer(event) || event.type === "double") return same<RectangleState>(state);
  const at = clampPoint(event.at, size);
  if (!state) {
    const begun: Turned = { from: roundPoint(at), end: null, to: at };
    return same<RectangleState>(event.type === "down" ? begun : null);
  }
  if (state.end) {
    if (event.type === "down") return made(onSide(state.from, state.end, at, size));
    return same<RectangleState>({ ...state, to: at });
  }
  const to = event.shift ? snapped(state.from, at, size) : at;
  // The side may be dragged too: it ends where the hand lets go.
  const ends = event.type === "down" || event.type === "up";
  const long = distance(state.from, to) > Math.max(1, event.slack / 2);
  return same<RectangleState>({ ...state, to, end: ends && long ? roundPoint(to) : null });
}

export const rectangle: Tool<RectangleState> = {
  name: "rectangle",
  label: "Rectangle",
  makes: ["rectangle"],
  cursor: "crosshair",
  hint: "Drag, or click two corners. Shift: square. Alt: from the centre.",
  start: null,
  options: [{ type: "toggle", name: "rotated", label: "Rotated", value: false }],
  busy: (state) => state !== null,

  reduce(state, event, { size, settings }) {
    if (event.type === "settings") return same<RectangleState>(null);
    if (settings.rotated) return drawTurned(state && "end" in state ? state : null, event, size);
    const drawn = drawBox(state && "clicked" in state ? state : null, event, size);
    return drawn.done ? made(rectangleOf(drawn.done)) : same<RectangleState>(drawn.state);
  },

  preview(state, { size }): Preview {
    if (!state) return NOTHING;
    if ("clicked" in state) {
      const draft = rectangleOf(boxDrawn(state, size));
      const seen = draft.width > 0 && draft.height > 0;
      return { ...NOTHING, draft: seen ? draft : null, points: [state.from] };
    }
    const { from, end, to } = state;
    if (!end) return { ...NOTHING, points: [from], guides: [{ points: [from, to] }] };
    const draft = onSide(from, end, to, size);
    return { ...NOTHING, draft: draft.height > 0 ? draft : null, points: [from, end] };
  },

  says(state, { settings }) {
    if (!settings.rotated) return null;
    if (!state || !("end" in state)) return "Click where one side begins. Shift: steps of 15°.";
    return state.end ? "Click as far off as the other side is." : "Click where that side ends.";
  },
};
