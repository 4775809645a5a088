import type { Geometry, XY } from "../document/types.ts";
import { type Frame, frameHandles, padded, turnHandle } from "../geometry/frame.ts";
import { corners } from "../geometry/outline.ts";
import { type Size, type Vertex, vertices } from "../geometry/transform.ts";
import { slackAt, toScreen, type View } from "../geometry/view.ts";

const HANDLE = 8;
const TOUCH_HANDLE = 24;
const MOST_HANDLES = 2000;
const EDGE = "rgba(0, 0, 0, 0.7)";

/** How handles look on this screen; `view` is in its pixels. */
export interface Grips {
  readonly view: View;
  readonly ratio: number;
  readonly touch: boolean;
  readonly accent: string;
}

/** Paint a square that can be dragged, larger or filled when it is in hand. */
export function paintHandle(
  context: CanvasRenderingContext2D,
  at: XY,
  grips: Grips,
  grow = 1,
  inHand = false,
): void {
  const { view, ratio, touch, accent } = grips;
  const [x, y] = toScreen(view, at);
  const side = (touch ? TOUCH_HANDLE / 2 : HANDLE) * grow * ratio;
  context.fillStyle = inHand ? accent : "#ffffff";
  context.strokeStyle = EDGE;
  context.lineWidth = ratio;
  context.beginPath();
  context.rect(x - side / 2, y - side / 2, side, side);
  context.fill();
  context.stroke();
}

/** Paint the vertices of a shape that are on the screen, unless there are too many to tell apart. */
export function paintVertices(
  context: CanvasRenderingContext2D,
  geometry: Geometry,
  held: Vertex | null,
  grips: Grips,
  placed: readonly number[] | null = null,
): void {
  const { width, height } = context.canvas;
  const seen = vertices(geometry, MOST_HANDLES, ([x, y]) => {
    const [left, top] = toScreen(grips.view, [x, y]);
    return left >= 0 && top >= 0 && left <= width && top <= height;
  });
  if (seen.length >= MOST_HANDLES) return;
  // Around a joint, which shows by itself whether it is hidden.
  const joints = geometry.type === "keypoints";
  const paint = joints ? paintRing : paintHandle;
  for (const one of seen) {
    if (joints && placed?.includes(one.index)) paintRing(context, one.at, grips, 1, false, true);
    else paint(context, one.at, grips);
  }
  if (held) paint(context, held.at, grips, 1.3, true);
}

function paintRing(
  context: CanvasRenderingContext2D,
  at: XY,
  { view, ratio, touch, accent }: Grips,
  grow = 1,
  inHand = false,
  filled = false,
): void {
  const [x, y] = toScreen(view, at);
  context.beginPath();
  context.arc(x, y, (touch ? TOUCH_HANDLE / 3 : HANDLE - 1) * grow * ratio, 0, 2 * Math.PI);
  context.strokeStyle = EDGE;
  context.lineWidth = 3.5 * ratio;
  context.stroke();
  context.strokeStyle = inHand ? accent : "#ffffff";
  context.lineWidth = 2 * ratio;
  context.stroke();
  if (!filled) return;
  context.fillStyle = "rgba(255, 255, 255, 0.6)";
  context.fill();
}

/** Paint the frame about what is selected, with the handles that scale and turn it. */
export function paintFrame(
  context: CanvasRenderingContext2D,
  frame: Frame,
  size: Size,
  grips: Grips,
): void {
  const { view, ratio, touch, accent } = grips;
  const slack = slackAt(view.scale / ratio, touch);
  const stem = turnHandle(frame, slack, size);
  const around = corners(padded(frame, slack)).map((corner) => toScreen(view, corner));
  for (const [color, width] of [
    ["rgba(0, 0, 0, 0.5)", 3],
    [accent, 1],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width * ratio;
    context.beginPath();
    if (!frame.own) {
      for (const [x, y] of around) context.lineTo(x, y);
      context.closePath();
    }
    context.moveTo(...toScreen(view, stem.from));
    context.lineTo(...toScreen(view, stem.at));
    context.stroke();
  }
  for (const [name, at] of frameHandles(frame, slack, size)) {
    if (name !== "turn") paintHandle(context, at, grips);
  }
  const [x, y] = toScreen(view, stem.at);
  context.fillStyle = "#ffffff";
  context.strokeStyle = EDGE;
  context.lineWidth = ratio;
  context.beginPath();
  context.arc(x, y, (touch ? TOUCH_HANDLE / 2 : HANDLE + 2) * 0.5 * ratio, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}
