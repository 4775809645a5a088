import type { Geometry, XY } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import type { Frame } from "../geometry/frame.ts";
import type { Size, Vertex } from "../geometry/transform.ts";
import { toScreen, type View } from "../geometry/view.ts";
import type { Guide, Preview, Tip } from "../tools/tool.ts";
import { type Grips, paintFrame, paintHandle, paintVertices } from "./handles.ts";
import { type Line, paintLines } from "./lines.ts";
import { paintClicks, paintGuides, paintLabel, paintTip } from "./marks.ts";
import { MaskTiles } from "./mask_tiles.ts";
import { HOVERED, PROPOSED, paintShape, SELECTED, type Style, withFill } from "./paint.ts";
import type { Shape } from "./scene.ts";

/** What is alive on the screen: selected, hovered, or being drawn. */
export interface ActiveScene {
  readonly view: View;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly selected: readonly Shape[];
  readonly hovered: Shape | null;
  readonly hoveredName: string | null;
  /** The joint of a skeleton that is under the pointer. */
  readonly joint: { readonly at: XY; readonly text: string } | null;
  /** What measurements say, beside them. */
  readonly texts: readonly { readonly at: XY; readonly text: string }[];
  /** The geometry whose vertices can be dragged: that of the only selected shape. */
  readonly handles: Geometry | null;
  /** What turns and scales the selection. */
  readonly frame: Frame | null;
  /** Of the picture. */
  readonly size: Size;
  readonly vertex: Vertex | null;
  /** Of a skeleton through the frames of a video, the joints placed on this one; null for all. */
  readonly placed: readonly number[] | null;
  readonly draft: Shape | null;
  /** What the kernel proposes, in the colour of the class that is drawn. */
  readonly proposal: readonly Shape[];
  /** What a tool would find, hardly seen. */
  readonly faint: readonly Shape[];
  /** Of the class that is drawn. */
  readonly color: string;
  readonly guides: readonly Guide[];
  readonly tip: Tip | null;
  readonly clicks: Preview["clicks"];
  readonly points: readonly XY[];
  readonly closing: boolean;
  readonly invalid: boolean;
  readonly marquee: Box | null;
  /** The place that a tool magnifies. */
  readonly lens: XY | null;
  /** Where other panes cut the picture. */
  readonly lines: readonly Line[];
  readonly accent: string;
  readonly touch: boolean;
  /** The pointer of those who draw by keys. */
  readonly crosshair: XY | null;
  /** How much of the picture labels cover, from 0 to 1. */
  readonly fill: number;
}

/** What the viewport is told; the rest it knows itself. */
export type Alive = Omit<ActiveScene, "view" | "width" | "height" | "ratio" | "touch" | "size">;

const FAINT: Style = { fill: 0.15, line: 0, halo: false };
const REFUSED = "#d32f2f";

/** The uppermost canvas: few shapes, painted anew each frame. */
export class ActiveLayer {
  readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d");
  private readonly masks = new MaskTiles();

  constructor() {
    this.canvas.className = "lw-layer lw-active";
  }

  paint(scene: ActiveScene): void {
    const { context, canvas, masks } = this;
    if (!context) return;
    const width = Math.max(1, Math.round(scene.width * scene.ratio));
    const height = Math.max(1, Math.round(scene.height * scene.ratio));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${scene.width}px`;
      canvas.style.height = `${scene.height}px`;
    }
    const { ratio } = scene;
    const view = {
      scale: scene.view.scale * ratio,
      x: scene.view.x * ratio,
      y: scene.view.y * ratio,
    };
    context.clearRect(0, 0, width, height);
    const plain = withFill(SELECTED, scene.fill);
    const style: Style = scene.invalid ? { ...plain, color: REFUSED } : plain;
    paintLines(context, scene.lines, view, ratio);
    for (const shape of scene.selected) paintShape(context, shape, view, ratio, style, masks);
    if (scene.hovered) paintShape(context, scene.hovered, view, ratio, HOVERED, masks);
    if (scene.draft) paintShape(context, scene.draft, view, ratio, style, masks);
    for (const shape of scene.faint) paintShape(context, shape, view, ratio, FAINT, masks);
    const proposed = withFill(PROPOSED, scene.fill);
    for (const shape of scene.proposal) paintShape(context, shape, view, ratio, proposed, masks);
    paintGuides(context, scene.guides, view, ratio, scene.accent);
    paintClicks(context, scene.clicks, view, ratio);
    if (scene.tip) paintTip(context, scene.tip, view, ratio);
    for (const { at, text } of scene.texts) paintLabel(context, text, ...toScreen(view, at), ratio);
    if (scene.joint)
      paintLabel(context, scene.joint.text, ...toScreen(view, scene.joint.at), ratio);
    else if (scene.hovered && scene.hoveredName)
      this.name(scene.hoveredName, scene.hovered, view, ratio);
    const grips: Grips = { view, ratio, touch: scene.touch, accent: scene.accent };
    for (const [index, point] of scene.points.entries())
      paintHandle(context, point, grips, index === 0 && scene.closing ? 1.6 : 1);
    if (scene.frame) paintFrame(context, scene.frame, scene.size, grips);
    if (scene.handles) paintVertices(context, scene.handles, scene.vertex, grips, scene.placed);
    if (scene.marquee) this.marquee(scene.marquee, scene, view);
    if (scene.crosshair) this.crosshair(scene.crosshair, view, ratio);
  }

  private marquee(box: Box, scene: ActiveScene, view: View): void {
    const { context } = this;
    if (!context) return;
    const [left, top] = toScreen(view, [box.minX, box.minY]);
    const [right, bottom] = toScreen(view, [box.maxX, box.maxY]);
    context.fillStyle = scene.accent;
    context.globalAlpha = 0.12;
    context.fillRect(left, top, right - left, bottom - top);
    context.globalAlpha = 1;
    context.strokeStyle = scene.accent;
    context.lineWidth = scene.ratio;
    context.strokeRect(left, top, right - left, bottom - top);
  }

  private crosshair(at: XY, view: View, ratio: number): void {
    const { context, canvas } = this;
    if (!context) return;
    const [x, y] = toScreen(view, at);
    for (const [color, width] of [
      ["rgba(0, 0, 0, 0.6)", 3],
      ["#ffffff", 1],
    ] as const) {
      context.strokeStyle = color;
      context.lineWidth = width * ratio;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(canvas.width, y);
      context.moveTo(x, 0);
      context.lineTo(x, canvas.height);
      context.stroke();
    }
  }

  private name(text: string, shape: Shape, view: View, ratio: number): void {
    const { context, canvas } = this;
    if (!context) return;
    context.font = `${12 * ratio}px system-ui, sans-serif`;
    const width = context.measureText(text).width + 10 * ratio;
    const height = 18 * ratio;
    const left = Math.min(Math.max(shape.box.minX * view.scale + view.x, 0), canvas.width - width);
    const above = shape.box.minY * view.scale + view.y - height - 3 * ratio;
    const top = Math.max(0, above);
    context.fillStyle = "rgba(20, 20, 20, 0.85)";
    context.fillRect(left, top, width, height);
    context.fillStyle = shape.color;
    context.fillRect(left, top, 3 * ratio, height);
    context.fillStyle = "#ffffff";
    context.textBaseline = "middle";
    context.fillText(text, left + 7 * ratio, top + height / 2);
  }
}
