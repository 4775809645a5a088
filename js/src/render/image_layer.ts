import type { Box } from "../geometry/box.ts";
import type { View } from "../geometry/view.ts";
import type { Pixels } from "../tools/tool.ts";

/** From this zoom on, pixels are shown as squares. */
const SQUARES_FROM = 4;
const LEAST_SIDE = 512;
/** Larger pictures are shown from a smaller copy: browsers refuse larger canvases. */
const MOST_SIDE = 8192;

const OTHERS_AFTER_MS = 400;

interface Level {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
}

/**
 * The picture: a canvas for each of a few sizes, each half as large as the one before. The one that
 * fits the zoom is shown, and moved by its CSS transform alone.
 */
export class ImageLayer {
  readonly element = document.createElement("div");
  private levels: Level[] = [];
  private width = 0;
  private height = 0;
  private view: View = { scale: 1, x: 0, y: 0 };
  private ratio = 1;
  private generation = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private bitmap: ImageBitmap | null = null;
  private readonly probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  constructor() {
    this.element.className = "lw-layer lw-image";
  }

  /** Show a decoded picture whose full-resolution size is `width` by `height`. */
  async show(bitmap: ImageBitmap, width: number, height: number): Promise<void> {
    const generation = ++this.generation;
    clearTimeout(this.later);
    this.width = width;
    this.height = height;
    this.bitmap = bitmap;
    this.levels = [];
    await this.add(bitmap, levelFor(bitmap, this.needed()), generation);
    // Making them takes the page's thread for a while: first let what is there be seen.
    this.later = setTimeout(() => void this.addOthers(bitmap, generation), OTHERS_AFTER_MS);
  }

  /** Make the other sizes, while the first one is looked at. */
  private async addOthers(bitmap: ImageBitmap, generation: number): Promise<void> {
    const longest = Math.max(bitmap.width, bitmap.height);
    for (let halvings = 0; halvings === 0 || longest / 2 ** halvings >= LEAST_SIDE; halvings++) {
      if (generation !== this.generation) return;
      if (longest / 2 ** halvings <= MOST_SIDE) await this.add(bitmap, halvings, generation);
    }
  }

  private async add(bitmap: ImageBitmap, halvings: number, generation: number): Promise<void> {
    const options = scaled(bitmap, halvings);
    if (this.levels.some((level) => level.width === options.resizeWidth)) return;
    let copy: ImageBitmap;
    try {
      copy = await createImageBitmap(bitmap, options);
    } catch (error) {
      // The picture was put away in the meantime, and its pixels with it.
      if (generation !== this.generation) return;
      throw error;
    }
    if (generation !== this.generation) return;
    this.levels = [...this.levels, makeLevel(copy)].sort((a, b) => b.width - a.width);
    this.element.replaceChildren(...this.levels.map((level) => level.canvas));
    this.place();
  }

  clear(): void {
    this.generation++;
    clearTimeout(this.later);
    this.levels = [];
    this.bitmap = null;
    this.element.replaceChildren();
  }

  follow(view: View, ratio: number): void {
    this.view = view;
    this.ratio = ratio;
    this.place();
  }

  /** The colour of the pixel at (x, y), null outside. */
  pixel(x: number, y: number): readonly [number, number, number] | null {
    if (!this.bitmap || !this.probe || x < 0 || y < 0 || x >= this.width || y >= this.height)
      return null;
    const column = Math.floor((Math.floor(x) + 0.5) * (this.bitmap.width / this.width));
    const row = Math.floor((Math.floor(y) + 0.5) * (this.bitmap.height / this.height));
    this.probe.clearRect(0, 0, 1, 1);
    this.probe.drawImage(this.bitmap, column, row, 1, 1, 0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = this.probe.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  }

  /** Values of the pixels in a box, clipped to the picture; null while there is none. */
  values(box: Box): Pixels | null {
    const { bitmap } = this;
    const x = Math.max(0, Math.floor(box.minX));
    const y = Math.max(0, Math.floor(box.minY));
    const width = Math.min(this.width, Math.ceil(box.maxX)) - x;
    const height = Math.min(this.height, Math.ceil(box.maxY)) - y;
    // A picture that browsers can only hold in a smaller size has no such pixels.
    if (!bitmap || bitmap.width !== this.width || width <= 0 || height <= 0) return null;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) return null;
    context.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const values = new Uint8Array(3 * width * height);
    for (let from = 0, to = 0; to < values.length; from += 4) {
      values[to++] = data[from] ?? 0;
      values[to++] = data[from + 1] ?? 0;
      values[to++] = data[from + 2] ?? 0;
    }
    return { x, y, width, height, channels: 3, values };
  }

  private needed(): number {
    return this.width * this.view.scale * this.ratio;
  }

  private place(): void {
    const needed = this.needed();
    let chosen = this.levels[0];
    for (const level of this.levels) if (level.width >= needed) chosen = level;
    for (const level of this.levels) {
      const visible = level === chosen;
      level.canvas.style.visibility = visible ? "visible" : "hidden";
      if (!visible) continue;
      const k = (this.width * this.view.scale) / level.width;
      level.canvas.style.transform = `translate(${this.view.x}px, ${this.view.y}px) scale(${k})`;
      const squares = this.view.scale * this.ratio >= SQUARES_FROM;
      level.canvas.style.imageRendering = squares ? "pixelated" : "auto";
    }
  }
}

/** How often the picture can be halved and still have the pixels that are needed. */
function levelFor(bitmap: ImageBitmap, needed: number): number {
  let halvings = 0;
  const enough = (n: number) =>
    bitmap.width / 2 ** n >= needed && Math.max(bitmap.width, bitmap.height) / 2 ** n >= LEAST_SIDE;
  while (enough(halvings + 1)) halvings++;
  while (Math.max(bitmap.width, bitmap.height) / 2 ** halvings > MOST_SIDE) halvings++;
  return halvings;
}

function scaled(bitmap: ImageBitmap, halvings: number) {
  return {
    resizeWidth: Math.max(1, Math.round(bitmap.width / 2 ** halvings)),
    resizeHeight: Math.max(1, Math.round(bitmap.height / 2 ** halvings)),
    resizeQuality: "medium",
  } as const;
}

function makeLevel(bitmap: ImageBitmap): Level {
  const canvas = document.createElement("canvas");
  const { width } = bitmap;
  canvas.width = width;
  canvas.height = bitmap.height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  return { canvas, width };
}
