import { runsOf } from "../geometry/runs.ts";
import type { View } from "../geometry/view.ts";
import type { MaskTiles } from "./mask_tiles.ts";
import type { Shape } from "./scene.ts";

export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Style {
  readonly fill: number;
  readonly line: number;
  readonly halo: boolean;
  readonly color?: string;
  readonly dash?: readonly number[];
  /** Of the edge of a mask, where that is not of its own colour. */
  readonly edge?: string;
}

export const SETTLED: Style = { fill: 0.2, line: 1.5, halo: true };
export const SELECTED: Style = { fill: 0.35, line: 2, halo: true, edge: "#ffffff" };
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
  masks: MaskTiles,
): void {
  const color = style.color ?? shape.color;
  const mask = shape.painted ?? (shape.mask && runsOf(shape.mask));
  if (mask) {
    const { width, height } = context.canvas;
    const area = { minX: 0, minY: 0, maxX: width, maxY: height };
    // Inside, a mask is half as opaque as at its edge.
    const opacity = Math.min(1, 2 * (style.fill + Math.min(style.fill, 0.2)));
    masks.paint(context, shape.id, mask, color, style.edge ?? color, opacity, view, area);
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
