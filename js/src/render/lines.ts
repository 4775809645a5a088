import type { XY } from "../document/types.ts";
import { toScreen, type View } from "../geometry/view.ts";

/** Where another pane cuts the picture. */
export interface Line {
  readonly from: XY;
  readonly to: XY;
  readonly color: string;
}

/** Around the middle, where lines meet, nothing covers the picture. */
const FREE = 14;

/** Paint where other panes cut the picture, each in its pane's colour. */
export function paintLines(
  context: CanvasRenderingContext2D,
  lines: readonly Line[],
  view: View,
  ratio: number,
): void {
  const ends = lines.map(({ from, to }) => [toScreen(view, from), toScreen(view, to)] as const);
  const middle = meeting(ends);
  for (const [index, { color }] of lines.entries()) {
    const [from, to] = ends[index] as readonly [XY, XY];
    context.beginPath();
    if (middle) {
      for (const end of [from, to]) {
        const far = Math.hypot(end[0] - middle[0], end[1] - middle[1]);
        if (far <= FREE * ratio) continue;
        const share = (FREE * ratio) / far;
        context.moveTo(
          middle[0] + (end[0] - middle[0]) * share,
          middle[1] + (end[1] - middle[1]) * share,
        );
        context.lineTo(...end);
      }
    } else {
      context.moveTo(...from);
      context.lineTo(...to);
    }
    context.lineCap = "butt";
    context.strokeStyle = "rgba(0, 0, 0, 0.55)";
    context.lineWidth = 3 * ratio;
    context.stroke();
    context.strokeStyle = color;
    context.lineWidth = 1.25 * ratio;
    context.stroke();
  }
}

/** The place where the first two lines that are not parallel meet. */
function meeting(lines: readonly (readonly [XY, XY])[]): XY | null {
  const [first, ...others] = lines;
  if (!first) return null;
  const [[ax, ay], [bx, by]] = first;
  for (const [[cx, cy], [dx, dy]] of others) {
    const area = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
    if (Math.abs(area) < 1e-6) continue;
    const share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / area;
    return [ax + share * (bx - ax), ay + share * (by - ay)];
  }
  return null;
}
