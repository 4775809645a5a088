import type { Cuboid, XY } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import { cuboidFromFront } from "../geometry/cuboid.ts";
import { distance } from "../geometry/points.ts";
import { clampPoint, keepOnImage, type Size } from "../geometry/transform.ts";
import { type BoxDrawing, boxDrawn, drawBox, isSmall, TOO_SMALL } from "./box_drawing.ts";
import { rectangleOf } from "./rectangle.ts";
import { isPointer, NOTHING, type Outcome, same, type Tool } from "./tool.ts";

/** The front is drawn; the hand leads the back away from it. */
interface Deepening {
  readonly front: Box;
  /** Where the hand was when the front was done. */
  readonly from: XY;
  readonly to: XY;
}
export type CuboidState = BoxDrawing | Deepening | null;

function cuboidOf({ front, from, to }: Deepening, size: Size): Cuboid {
  const depth = keepOnImage(front, to[0] - from[0], to[1] - from[1], size);
  return cuboidFromFront([front.minX, front.minY], [front.maxX, front.maxY], depth);
}

function finish(state: Deepening, size: Size): Outcome<CuboidState> {
  const geometry = cuboidOf(state, size);
  const [front, back] = [geometry.points[0], geometry.points[4]];
  if (!front || !back || distance(front, back) < 1)
    return same<CuboidState>(state, {
      type: "say",
      text: "Move away from the front first: the back lies where you click.",
    });
  return same<CuboidState>(null, { type: "create", geometry });
}

export const cuboid: Tool<CuboidState> = {
  name: "cuboid",
  label: "Cuboid",
  makes: ["cuboid"],
  cursor: "crosshair",
  hint: "Drag the front, or click two corners of it; then move and click for the depth.",
  start: null,
  busy: (state) => state !== null,

  reduce(state, event, { size }) {
    if (state && "front" in state) {
      if (event.type === "cancel" || event.type === "back") return same<CuboidState>(null);
      if (event.type === "finish") return finish(state, size);
      if (!isPointer(event)) return same<CuboidState>(state);
      const now = { ...state, to: clampPoint(event.at, size) };
      return event.type === "down" ? finish(now, size) : same<CuboidState>(now);
    }
    const drawn = drawBox(state, event, size);
    if (!drawn.done) return same<CuboidState>(drawn.state);
    if (isSmall(drawn.done)) return same<CuboidState>(null, { type: "say", text: TOO_SMALL });
    const at = isPointer(event) ? clampPoint(event.at, size) : (state?.to ?? [0, 0]);
    return same<CuboidState>({ front: drawn.done, from: at, to: at });
  },

  preview(state, { size }) {
    if (!state) return NOTHING;
    if ("front" in state) return { ...NOTHING, draft: cuboidOf(state, size) };
    const front = rectangleOf(boxDrawn(state, size));
    const seen = front.width > 0 && front.height > 0;
    return { ...NOTHING, draft: seen ? front : null, points: [state.from] };
  },

  says: (state) => (state && "front" in state ? "Move to where the back lies, and click." : null),
};
