import type { Ellipse } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import { round } from "../geometry/points.ts";
import { type BoxDrawing, boxDrawn, drawBox, isSmall } from "./box_drawing.ts";
import { NOTHING, same, type Tool } from "./tool.ts";

export type EllipseState = BoxDrawing | null;

/** The ellipse that touches the sides of a box. */
function ellipseIn({ minX, minY, maxX, maxY }: Box): Ellipse {
  return {
    type: "ellipse",
    x: round((minX + maxX) / 2),
    y: round((minY + maxY) / 2),
    rx: round((maxX - minX) / 2),
    ry: round((maxY - minY) / 2),
  };
}

export const ellipse: Tool<EllipseState> = {
  name: "ellipse",
  label: "Ellipse",
  makes: ["ellipse"],
  cursor: "crosshair",
  hint: "Drag its box, or click two corners. Shift: circle. Alt: from the centre.",
  start: null,
  busy: (state) => state !== null,

  reduce(state, event, { size }) {
    const { state: next, done } = drawBox(state, event, size);
    if (!done) return same<EllipseState>(next);
    if (isSmall(done)) {
      const text = "An ellipse needs to be at least one pixel wide and high.";
      return same<EllipseState>(null, { type: "say", text });
    }
    return same<EllipseState>(null, { type: "create", geometry: ellipseIn(done) });
  },

  preview(state, { size }) {
    if (!state) return NOTHING;
    const box = boxDrawn(state, size);
    if (box.maxX === box.minX || box.maxY === box.minY) return { ...NOTHING, points: [state.from] };
    const { minX, minY, maxX, maxY } = box;
    const around = { points: corners(minX, minY, maxX, maxY), closed: true, dashed: true };
    return { ...NOTHING, draft: ellipseIn(box), points: [state.from], guides: [around] };
  },
};

function corners(left: number, top: number, right: number, bottom: number) {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ] as const;
}
