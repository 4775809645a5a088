import type { View } from "../geometry/view.ts";
import type { Context2D } from "./paint.ts";
import type { Shape } from "./scene.ts";

/** Lines of more points than this are thinned to what can be seen. */
const LONG = 2000;
const NEAR = 0.75;
const OFF = 64;

/** Put the first lines of a shape into the path. */
export function trace(context: Context2D, shape: Shape, view: View, count: number): void {
  const { coordinates, ends, closed } = shape;
  const { scale, x, y } = view;
  let i = 0;
  for (let line = 0; line < count; line++) {
    const end = ends[line] as number;
    if (end - i > LONG) traceLong(context, shape, view, i, end);
    else {
      const first = i;
      for (let k = first; k < end; k++) {
        const px = (coordinates[2 * k] as number) * scale + x;
        const py = (coordinates[2 * k + 1] as number) * scale + y;
        if (k > first) context.lineTo(px, py);
        else context.moveTo(px, py);
      }
    }
    i = end;
    if (closed) context.closePath();
  }
}

/** As above, without points that lie on one another on the screen or go on beside it. */
function traceLong(context: Context2D, shape: Shape, view: View, from: number, end: number): void {
  const { coordinates } = shape;
  const { scale, x, y } = view;
  const { width, height } = context.canvas;
  let [lastX, lastY, lastSide] = [0, 0, 0];
  let [skippedX, skippedY, skipped] = [0, 0, false];
  for (let i = from; i < end; i++) {
    const px = (coordinates[2 * i] as number) * scale + x;
    const py = (coordinates[2 * i + 1] as number) * scale + y;
    const side =
      (px < -OFF ? 1 : px > width + OFF ? 2 : 0) | (py < -OFF ? 4 : py > height + OFF ? 8 : 0);
    const near = Math.abs(px - lastX) < NEAR && Math.abs(py - lastY) < NEAR;
    if (i === from) context.moveTo(px, py);
    else if (i < end - 1 && (near || (side & lastSide) !== 0)) {
      [skippedX, skippedY, skipped] = [px, py, true];
      lastSide &= side;
      continue;
    } else {
      // Where the line comes back it starts from where it was last.
      if (skipped) context.lineTo(skippedX, skippedY);
      context.lineTo(px, py);
    }
    [lastX, lastY, lastSide, skipped] = [px, py, side, false];
  }
}
