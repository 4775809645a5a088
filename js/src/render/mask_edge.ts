import type { Box } from "../geometry/box.ts";
import type { Spans } from "../geometry/columns.ts";
import type { View } from "../geometry/view.ts";
import type { MaskSource } from "./mask_shade.ts";
import type { Context2D } from "./paint.ts";

const HALO = "rgba(0, 0, 0, 0.45)";
/** In pixels of the screen, as the lines of other shapes. */
const LINE = 1.5;

/** Draw a thin line around the pixels of a mask that lie in a box of the image. */
export function paintEdge(
  context: Context2D,
  source: MaskSource,
  box: Box,
  view: View,
  color: string,
): void {
  context.beginPath();
  eachEdge(source, box, (x0, y0, x1, y1) => {
    context.moveTo(x0 * view.scale + view.x, y0 * view.scale + view.y);
    context.lineTo(x1 * view.scale + view.x, y1 * view.scale + view.y);
  });
  context.lineCap = "square";
  for (const [style, width] of [
    [HALO, LINE + 1.5],
    [color, LINE],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
  context.lineCap = "butt";
}

/** The sides at which a pixel that is set meets one that is not, run by run. */
export function eachEdge(
  source: MaskSource,
  box: Box,
  line: (x0: number, y0: number, x1: number, y1: number) => void,
): void {
  const [, width] = source.size;
  let before = box.minX > 0 ? source.spans(box.minX - 1) : [];
  for (let column = box.minX; column <= box.maxX; column++) {
    const spans = column < width ? source.spans(column) : [];
    for (const row of spans) {
      if (row >= box.minY && row <= box.maxY) line(column, row, column + 1, row);
    }
    eachDifference(before, spans, (top, end) => {
      const from = Math.max(top, box.minY);
      const to = Math.min(end, box.maxY);
      if (from < to) line(column, from, column, to);
    });
    before = spans;
  }
}

/** The rows that are set in one of two columns alone. */
function eachDifference(a: Spans, b: Spans, part: (top: number, end: number) => void): void {
  let i = 0;
  let j = 0;
  let inside = 0;
  let from = 0;
  while (i < a.length || j < b.length) {
    const nextA = a[i] ?? Number.POSITIVE_INFINITY;
    const nextB = b[j] ?? Number.POSITIVE_INFINITY;
    const at = Math.min(nextA, nextB);
    if (inside === 1 && from < at) part(from, at);
    if (nextA === at) i++;
    if (nextB === at) j++;
    inside = (i + j) % 2;
    from = at;
  }
}
