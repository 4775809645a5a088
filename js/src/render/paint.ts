import { runsOf } from "../geometry/runs.ts";
import type { View } from "../geometry/view.ts";
import type { MaskTiles } from "./mask_tiles.ts";
import type { Shape } from "./scene.ts";
import { trace } from "./trace.ts";

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

/** How much of the picture a settled label covers, unless a person wants it otherwise. */
export const FILL = 0.2;

/** A style where settled labels cover so much. */
export function withFill(style: Style, fill: number): Style {
  return { ...style, fill: Math.min(1, (style.fill * fill) / FILL) };
}

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
  const fills = shape.filled > 0 && style.fill > 0;
  if (fills) {
    context.beginPath();
    trace(context, shape, view, shape.filled);
    context.globalAlpha = style.fill;
    context.fillStyle = color;
    context.fill("evenodd");
    context.globalAlpha = 1;
  }
  if (!fills || shape.filled < shape.ends.length) {
    context.beginPath();
    trace(context, shape, view, shape.ends.length);
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
  paintDots(context, shape, view, ratio, color, style);
}

/** Points and joints: filled, or a ring where a joint is hidden behind something. */
function paintDots(
  context: Context2D,
  { dots }: Shape,
  view: View,
  ratio: number,
  color: string,
  style: Style,
): void {
  const radius = (POINT_RADIUS + Math.max(0, style.line - 2)) * ratio;
  for (let i = 0; i < dots.length; i += 3) {
    const px = (dots[i] as number) * view.scale + view.x;
    const py = (dots[i + 1] as number) * view.scale + view.y;
    const hollow = dots[i + 2] === 1;
    context.beginPath();
    context.arc(px, py, radius, 0, 2 * Math.PI);
    if (style.halo) {
      context.strokeStyle = HALO;
      context.lineWidth = (hollow ? 4 : 2.5) * ratio;
      context.stroke();
    }
    context.fillStyle = hollow ? HALO : color;
    context.fill();
    if (!hollow) continue;
    context.strokeStyle = color;
    context.lineWidth = 2 * ratio;
    context.stroke();
  }
}
