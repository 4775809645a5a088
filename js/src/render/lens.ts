import type { XY } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import { toScreen } from "../geometry/view.ts";
import { ActiveLayer, type ActiveScene } from "./active_layer.ts";
import type { ImageLayer } from "./image_layer.ts";
import { MaskTiles } from "./mask_tiles.ts";
import { paintShape, SETTLED, withFill } from "./paint.ts";
import type { Shape } from "./scene.ts";

const SIDE = 300;
const LEAST = 2;
const MOST = 8;
/** A finger hides what is under it: its lens is above it. */
const ABOVE_FINGER = 190;

/** A round magnifying glass over the picture: pixels, labels, and what is being drawn. */
export class Lens {
  readonly element = document.createElement("div");
  private readonly picture = document.createElement("canvas");
  private readonly shapes = document.createElement("canvas");
  private readonly active = new ActiveLayer();
  private readonly masks = new MaskTiles();
  private power = LEAST;

  constructor(
    private readonly image: ImageLayer,
    /** The settled shapes that meet a box. */
    private readonly settled: (box: Box) => readonly Shape[],
  ) {
    this.element.className = "lw-lens";
    this.element.hidden = true;
    this.picture.className = "lw-layer lw-lens-picture";
    this.shapes.className = "lw-layer lw-shapes";
    this.element.append(this.picture, this.shapes, this.active.canvas);
  }

  get shown(): boolean {
    return !this.element.hidden;
  }

  /** Magnify more or less, from two to eight times. */
  zoomBy(factor: number): void {
    this.power = Math.min(Math.max(this.power * factor, LEAST), MOST);
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** Show what is around a place of the image; `scene` is what lies under the lens. */
  show(at: XY, scene: ActiveScene): void {
    const { ratio } = scene;
    const scale = scene.view.scale * this.power;
    const [x, y] = toScreen(scene.view, at);
    // On whole pixels of the screen, so that those of the picture keep their hard edges.
    const left = Math.round(x - SIDE / 2);
    const top = Math.round(y - SIDE / 2);
    const view = { scale, x: x - left - at[0] * scale, y: y - top - at[1] * scale };
    const fine = { scale: scale * ratio, x: view.x * ratio, y: view.y * ratio };
    const lifted = top - (scene.touch ? ABOVE_FINGER : 0);
    this.element.style.transform = `translate(${left}px, ${lifted}px)`;
    this.element.hidden = false;
    const picture = clean(this.picture, ratio);
    this.picture.style.filter = this.image.css;
    if (picture) this.image.paintInto(picture, fine);
    const reach = SIDE / 2 / scale;
    const box = {
      minX: at[0] - reach,
      minY: at[1] - reach,
      maxX: at[0] + reach,
      maxY: at[1] + reach,
    };
    const shapes = clean(this.shapes, ratio);
    const style = withFill(SETTLED, scene.fill);
    if (shapes)
      for (const shape of this.settled(box))
        paintShape(shapes, shape, fine, ratio, style, this.masks);
    this.active.paint({ ...scene, view, width: SIDE, height: SIDE });
  }
}

function clean(canvas: HTMLCanvasElement, ratio: number): CanvasRenderingContext2D | null {
  const side = Math.round(SIDE * ratio);
  if (canvas.width !== side || canvas.height !== side) {
    canvas.width = side;
    canvas.height = side;
    canvas.style.width = `${SIDE}px`;
    canvas.style.height = `${SIDE}px`;
  }
  const context = canvas.getContext("2d");
  context?.clearRect(0, 0, side, side);
  return context;
}
