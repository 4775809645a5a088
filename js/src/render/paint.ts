import { forEachRun } from "../geometry/rle.ts";
import type { View } from "../geometry/view.ts";
import type { Shape } from "./scene.ts";

export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Style {
  readonly fill: number;
  readonly line: number;
  readonly halo: boolean;
  readonly color?: string;
  readonly dash?: readonly number[];
}

export const SETTLED: Style = { fill: 0.2, line: 1.5, halo: true };
export const SELECTED: Style = { fill: 0.35, line: 2, halo: true };
export const PROPOSED: Style = { fill: 0.35, line: 2, halo: true, dash: [6, 4] };
export const HOVERED: Style = { fill: 0.12, line: 2.5, halo: true };

const HALO = "rgba(0, 0, 0, 0.45)";
const POINT_RADIUS = 4.5;
/** Below this size on the screen a shape is a coloured dot: its lines could not be told apart. */
const SPECK = 3;

/** Paint a shape with the view's transform (`view` may carry the device's pixel ratio). */
export function paintShape(
  context: Context2D,
  shape: Shape,
  view: View,
  ratio: number,
  style: Style,
): void {
  const color = style.color ?? shape.color;
  if (shape.mask) {
    paintMask(context, shape, view, color, style);
    return;
  }
  const { box } = shape;
  const width = (box.maxX - box.minX) * view.scale;
  const height = (box.maxY - box.minY) * view.scale;
  if (shape.closed && width < SPECK * ratio && height < SPECK * ratio) {
    context.fillStyle = color;
    context.globalAlpha = 0.8;
    const side = Math.max(width, height, ratio);
    context.fillRect(box.minX * view.scale + view.x, box.minY * view.scale + view.y, side, side);
    context.globalAlpha = 1;
    return;
  }
  context.beginPath();
  trace(context, shape, view, ratio);
  if (shape.closed && style.fill > 0) {
    context.globalAlpha = style.fill;
    context.fillStyle = color;
    context.fill("evenodd");
    context.globalAlpha = 1;
  }
  context.lineJoin = "round";
  if (style.dash) context.setLineDash(style.dash.map((length) => length * ratio));
  if (style.halo) {
    context.strokeStyle = HALO;
    context.lineWidth = (style.line + 1.5) * ratio;
    context.stroke();
  }
  context.strokeStyle = color;
  context.lineWidth = style.line * ratio;
  context.stroke();
  if (style.dash) context.setLineDash([]);
}

function trace(context: Context2D, shape: Shape, view: View, ratio: number): void {
  const { coordinates, ends, closed } = shape;
  const { scale, x, y } = view;
  let i = 0;
  for (const end of ends) {
    const first = i;
    for (; i < end; i++) {
      const px = (coordinates[2 * i] as number) * scale + x;
      const py = (coordinates[2 * i + 1] as number) * scale + y;
      if (i > first) context.lineTo(px, py);
      else if (end - first === 1) {
        context.moveTo(px + POINT_RADIUS * ratio, py);
        context.arc(px, py, POINT_RADIUS * ratio, 0, 2 * Math.PI);
      } else context.moveTo(px, py);
    }
    if (closed) context.closePath();
  }
}

function paintMask(
  context: Context2D,
  shape: Shape,
  view: View,
  color: string,
  style: Style,
): void {
  if (!shape.mask) return;
  context.fillStyle = color;
  context.globalAlpha = Math.min(1, style.fill + 0.2);
  // One path for the whole mask: runs painted one by one would overlap where pixels are rounded.
  context.beginPath();
  forEachRun(shape.mask, (column, row, length) => {
    const left = Math.floor(column * view.scale + view.x);
    const right = Math.floor((column + 1) * view.scale + view.x);
    const top = Math.floor(row * view.scale + view.y);
    const bottom = Math.floor((row + length) * view.scale + view.y);
    if (right > left && bottom > top) context.rect(left, top, right - left, bottom - top);
  });
  context.fill();
  context.globalAlpha = 1;
}
