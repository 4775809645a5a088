import { toScreen, type View } from "../geometry/view.ts";
import type { Guide, Preview, Tip } from "../tools/tool.ts";

const DARK = "rgba(0, 0, 0, 0.6)";
const POSITIVE = "#2e7d32";
const NEGATIVE = "#c62828";

/** Paint lines that help to draw, such as a ruler, with what they say at their end. */
export function paintGuides(
  context: CanvasRenderingContext2D,
  guides: readonly Guide[],
  view: View,
  ratio: number,
  accent: string,
): void {
  for (const guide of guides) {
    context.beginPath();
    for (const [index, point] of guide.points.entries()) {
      const [x, y] = toScreen(view, point);
      if (index === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    if (guide.closed) context.closePath();
    context.lineJoin = "round";
    context.setLineDash(guide.dashed ? [5 * ratio, 4 * ratio] : []);
    context.strokeStyle = DARK;
    context.lineWidth = 4 * ratio;
    context.stroke();
    context.strokeStyle = accent;
    context.lineWidth = 2 * ratio;
    context.stroke();
    context.setLineDash([]);
    const end = guide.points.at(-1);
    if (guide.label && end) paintLabel(context, guide.label, ...toScreen(view, end), ratio);
  }
}

export function paintLabel(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  ratio: number,
): void {
  context.font = `${12 * ratio}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  const { width } = context.measureText(text);
  // On the other side of the place where it would be cut off.
  const right = x + 14 * ratio + width <= context.canvas.width;
  const left = right ? x + 10 * ratio : Math.max(4 * ratio, x - 10 * ratio - width);
  const middle = Math.max(10 * ratio, y - 12 * ratio);
  context.fillStyle = "rgba(0, 0, 0, 0.75)";
  context.fillRect(left - 4 * ratio, middle - 9 * ratio, width + 8 * ratio, 18 * ratio);
  context.fillStyle = "#ffffff";
  context.fillText(text, left, middle);
}

/** Paint the places that were pointed at: a plus for what is meant, a minus for what is not. */
export function paintClicks(
  context: CanvasRenderingContext2D,
  clicks: Preview["clicks"],
  view: View,
  ratio: number,
): void {
  const radius = 6 * ratio;
  for (const { at, positive } of clicks) {
    const [x, y] = toScreen(view, at);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = positive ? POSITIVE : NEGATIVE;
    context.fill();
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5 * ratio;
    context.stroke();
    context.beginPath();
    context.moveTo(x - radius / 2, y);
    context.lineTo(x + radius / 2, y);
    if (positive) {
      context.moveTo(x, y - radius / 2);
      context.lineTo(x, y + radius / 2);
    }
    context.stroke();
  }
}

/** Paint the outline of a tool's tip, dark and light so that it is seen on any picture. */
export function paintTip(
  context: CanvasRenderingContext2D,
  tip: Tip,
  view: View,
  ratio: number,
): void {
  const [x, y] = toScreen(view, tip.at);
  const radius = tip.radius * view.scale;
  context.beginPath();
  if (tip.shape === "square") context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  else context.ellipse(x, y, radius, radius / (tip.aspect ?? 1), 0, 0, 2 * Math.PI);
  context.strokeStyle = DARK;
  context.lineWidth = 3 * ratio;
  context.stroke();
  context.strokeStyle = "#ffffff";
  context.lineWidth = ratio;
  context.stroke();
}
