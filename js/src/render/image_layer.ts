import type { Box } from "../geometry/box.ts";
import type { Size } from "../geometry/transform.ts";
import type { View } from "../geometry/view.ts";
import type { Pixels } from "../tools/tool.ts";
import { paintFrame } from "./frame_paint.ts";
import { FramePainter } from "./frame_painter.ts";
import { GreyPainter, windowOf } from "./grey_painter.ts";
import { exactLevelFor, levelFor, levelsOf, sizeOf } from "./levels.ts";
import { type Picture, type Probe, valueAt, type WholePicture } from "./picture.ts";
import { valuesIn } from "./pixel_values.ts";
import { paintRegion, SQUARES_FROM } from "./region.ts";
import { TileLayer } from "./tile_layer.ts";
import { PLAIN, type Tone, toneTable } from "./tone.ts";
import { ToneFilter } from "./tone_filter.ts";

const OTHERS_AFTER_MS = 400;

interface Level {
  readonly canvas: HTMLCanvasElement;
  readonly halvings: number;
  /** The tone that it was painted with; null where that may be gone. */
  tone: Tone | null;
}

/**
 * The picture: a canvas for each of a few sizes, each half as large as the one before. The one that
 * fits the zoom is shown, and moved by its CSS transform alone. A large one is painted by tiles.
 */
export class ImageLayer {
  readonly element = document.createElement("div");
  readonly filter = new ToneFilter();
  private readonly frames = new FramePainter();
  private levels: Level[] = [];
  private picture: Picture | null = null;
  private grey: GreyPainter | null = null;
  private tone = PLAIN;
  private table: { readonly tone: Tone; readonly shades: Uint8Array } | null = null;
  private view: View = { scale: 1, x: 0, y: 0 };
  private ratio = 1;
  private screen: Size = { width: 1, height: 1 };
  private generation = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private painting = false;
  private readonly tiles: TileLayer;
  private readonly probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  constructor(
    private readonly onPaint: () => void = () => undefined,
    onTrouble: (error: unknown) => void = () => undefined,
  ) {
    this.element.className = "lw-layer lw-image";
    this.tiles = new TileLayer({
      onPaint: () => this.onPaint(),
      onTrouble,
      shade: (tile, tone) => this.painter.paintAtOnce(tile, tone),
    });
  }

  get shown(): Picture | null {
    return this.picture;
  }

  /** The CSS filter that the picture is seen through. */
  get css(): string {
    const { picture } = this;
    // The numbers of grey ones become shades in that tone right away.
    const toned = picture?.kind === "grey" || (picture?.kind === "tiled" && picture.tiles.values);
    return picture && !toned ? this.filter.css : "";
  }

  /**
   * Show a picture; with `still`, what is seen stays until it is painted. Says when it is, unless
   * that is at once.
   */
  show(picture: Picture, still = false): Promise<void> | undefined {
    const generation = ++this.generation;
    if (!still || picture.kind === "tiled") this.empty();
    if (picture.kind === "tiled") {
      this.picture = picture;
      this.element.replaceChildren(this.tiles.extent, this.tiles.canvas);
      this.tiles.show(picture);
      this.place();
      this.onPaint();
      return undefined;
    }
    if (!still) this.picture = picture;
    const { tone } = this;
    const halvings = this.levelOf(picture);
    const swap = (bitmap: ImageBitmap) => {
      if (generation !== this.generation) return;
      // From here on it is what is seen, and what the pointer meets.
      const before = this.levels.find((level) => level.halvings === halvings);
      if (this.picture !== picture) this.empty(before);
      this.picture = picture;
      this.put(bitmap, halvings, tone);
      this.soon();
    };
    const made = this.paint(picture, halvings);
    if (made instanceof ImageBitmap) swap(made);
    else return this.unlessGone(made.then(swap), generation);
    return undefined;
  }

  /**
   * Have frames of a video painted that are shown soon, the first one first; of `others` those are
   * kept that are painted already, or almost.
   */
  expect(pictures: readonly Picture[], others: readonly Picture[]): void {
    const turned = (one: Picture) => (one.kind === "photo" && one.turned) || [];
    const [first] = pictures;
    const size = first ? sizeOf(first, exactLevelFor(first, this.needed(first))) : null;
    this.frames.want(pictures.flatMap(turned), others.flatMap(turned), size);
  }

  /** Can a picture be shown without painting it first, where that could be done elsewhere? */
  isPainted(picture: Picture): boolean {
    if (picture.kind !== "photo" || !picture.turned || !this.frames.able) return true;
    return this.frames.has(picture.turned);
  }

  /** Nothing passes by any more: what is seen is painted in its levels again. */
  rest(): void {
    const passing = this.levels.filter(({ halvings }) => !Number.isInteger(halvings));
    if (!this.picture || passing.length === 0) return;
    void this.show(this.picture, true);
    this.levels = this.levels.filter((level) => !passing.includes(level));
    this.element.replaceChildren(...this.levels.map((level) => level.canvas));
    this.place();
  }

  clear(): void {
    this.generation++;
    this.empty();
  }

  dispose(): void {
    this.clear();
    this.grey?.dispose();
    this.grey = null;
    this.frames.dispose();
  }

  /** Show nothing; the canvas of a level may stay, for what comes in its place. */
  private empty(but?: Level): void {
    clearTimeout(this.later);
    const alone = but && this.levels.length === 1;
    this.levels = but ? [but] : [];
    if (!alone) this.element.replaceChildren(...this.levels.map((level) => level.canvas));
    this.tiles.clear();
    this.picture = null;
    this.table = null;
  }

  follow(view: View, ratio: number, screen: Size): void {
    this.view = view;
    this.ratio = ratio;
    this.screen = screen;
    this.place();
  }

  /** Show the picture, and those that come, in another tone. */
  useTone(tone: Tone): void {
    this.tone = tone;
    this.filter.use(tone);
    this.tiles.useTone(tone);
    this.element.style.filter = this.css;
    // Painted in the next frame, however often it changes until then.
    this.onPaint();
  }

  /** What the pixel at (x, y) holds, null outside. */
  pixel(x: number, y: number): Probe | null {
    const { picture } = this;
    if (!picture) return null;
    if (picture.kind !== "tiled") return this.look(picture, x, y);
    return this.tiles.pixel(x, y, (tile, px, py) => this.look(tile, px, py));
  }

  private look(picture: WholePicture, x: number, y: number): Probe | null {
    const { probe } = this;
    const { about = false } = picture;
    if (picture.kind === "grey") {
      const value = valueAt(picture, x, y);
      return value === null ? null : { kind: "value", value, about };
    }
    const { width, height, bitmap } = picture;
    if (!probe || x < 0 || y < 0 || x >= width || y >= height) return null;
    const column = Math.floor((Math.floor(x) + 0.5) * (bitmap.width / width));
    const row = Math.floor((Math.floor(y) + 0.5) * (bitmap.height / height));
    probe.clearRect(0, 0, 1, 1);
    probe.drawImage(bitmap, column, row, 1, 1, 0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data;
    return { kind: "colour", rgb: [red, green, blue], about };
  }

  /** Paint what a view shows into a small canvas; `view` carries the device's pixel ratio. */
  paintInto(context: CanvasRenderingContext2D, view: View): void {
    const { picture, tone } = this;
    if (!picture) return;
    if (picture.kind === "tiled") {
      this.tiles.paintInto(context, view);
      return;
    }
    if (picture.kind === "grey" && this.table?.tone !== tone) {
      this.table = { tone, shades: toneTable(65536, ...windowOf(picture, tone), tone) };
    }
    paintRegion(context, picture, view, this.table?.shades ?? null);
  }

  /** Values of the pixels in a box, clipped to the picture; null while there is none. */
  values(box: Box): Pixels | null {
    const { picture } = this;
    if (picture?.kind === "tiled") return this.tiles.values(box);
    return picture && valuesIn(picture, box);
  }

  /** Make the other sizes, while the first one is looked at. */
  private soon(): void {
    const { generation } = this;
    clearTimeout(this.later);
    // Making them takes the page's thread for a while: first let what is there be seen.
    this.later = setTimeout(async () => {
      const { picture } = this;
      for (const halvings of picture ? levelsOf(stored(picture)) : []) {
        if (generation !== this.generation) return;
        await this.add(halvings);
      }
    }, OTHERS_AFTER_MS);
  }

  /** Make a level, or make it anew in another tone; says when, unless at once. */
  private add(halvings: number): Promise<void> | undefined {
    const { tone, generation, picture } = this;
    const known = this.levels.find((level) => level.halvings === halvings);
    if (!picture || picture.kind === "tiled" || (known && !this.stale(known))) return undefined;
    const made = this.paint(picture, halvings);
    const put = (bitmap: ImageBitmap) => {
      if (generation === this.generation) this.put(bitmap, halvings, tone);
    };
    if (made instanceof ImageBitmap) put(made);
    else return this.unlessGone(made.then(put), generation);
    return undefined;
  }

  private async unlessGone(painted: Promise<void>, generation: number): Promise<void> {
    try {
      await painted;
    } catch (error) {
      // The picture was put away in the meantime, and its pixels with it.
      if (generation === this.generation) throw error;
    }
  }

  private put(bitmap: ImageBitmap, halvings: number, tone: Tone): void {
    const known = this.levels.find((level) => level.halvings === halvings);
    if (known) {
      fill(known.canvas, bitmap);
      known.tone = tone;
    } else {
      this.levels = [...this.levels, makeLevel(bitmap, halvings, tone)];
      this.levels.sort((a, b) => b.canvas.width - a.canvas.width);
      this.element.replaceChildren(...this.levels.map((level) => level.canvas));
    }
    this.place();
    this.onPaint();
  }

  private paint(picture: WholePicture, halvings: number): ImageBitmap | Promise<ImageBitmap> {
    if (picture.kind === "grey") {
      const made = this.painter.paint(picture, halvings, this.tone);
      const { overlay } = picture;
      if (!overlay) return made;
      if (made instanceof ImageBitmap) return covered(made, overlay);
      return made.then((bitmap) => covered(bitmap, overlay));
    }
    const { width, height } = sizeOf(stored(picture), halvings);
    const { turned } = picture;
    if (turned)
      return this.frames.take(turned, { width, height }) ?? paintFrame(turned, { width, height });
    const options = {
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: "medium",
    } as const;
    return createImageBitmap(picture.bitmap, options);
  }

  /** The level that is seen first. */
  private levelOf(picture: WholePicture): number {
    const ahead = picture.kind === "photo" && picture.turned && this.frames.has(picture.turned);
    return (ahead ? exactLevelFor : levelFor)(stored(picture), this.needed(picture));
  }

  private get painter(): GreyPainter {
    this.grey ??= new GreyPainter(() => this.repaint());
    return this.grey;
  }

  /** What was painted may be gone. */
  private repaint(): void {
    for (const level of this.levels) level.tone = null;
    this.tiles.repaint();
    this.onPaint();
  }

  /** Photographs are toned by the compositor; the values of grey ones become shades here. */
  private stale(level: Level): boolean {
    return this.picture?.kind === "grey" && level.tone !== this.tone;
  }

  private needed(picture: Picture | null): number {
    return (picture?.width ?? 0) * this.view.scale * this.ratio;
  }

  /** The smallest level that has the pixels that are needed. */
  private fitting(needed: number): Level | undefined {
    let chosen = this.levels[0];
    for (const level of this.levels) if (level.canvas.width >= needed) chosen = level;
    return chosen;
  }

  private place(): void {
    this.element.style.filter = this.css;
    if (this.picture?.kind === "tiled") {
      this.placeTiles(this.picture);
      return;
    }
    const chosen = this.fitting(this.needed(this.picture));
    for (const level of this.levels) {
      const visible = level === chosen;
      level.canvas.style.visibility = visible ? "visible" : "hidden";
      if (!visible) continue;
      const { scale, x, y } = this.view;
      const kx = ((this.picture?.width ?? 0) * scale) / level.canvas.width;
      const ky = ((this.picture?.height ?? 0) * scale) / level.canvas.height;
      level.canvas.style.transform = `translate(${x}px, ${y}px) scale(${kx}, ${ky})`;
      const squares = this.view.scale * this.ratio >= SQUARES_FROM;
      level.canvas.style.imageRendering = squares ? "pixelated" : "auto";
    }
    if (chosen && this.stale(chosen)) this.renew();
  }

  private placeTiles({ width, height }: Size): void {
    const { view, ratio, screen, tiles } = this;
    const [across, down] = [width * view.scale, height * view.scale];
    tiles.extent.style.transform = `translate(${view.x}px, ${view.y}px) scale(${across}, ${down})`;
    tiles.follow(
      { scale: view.scale * ratio, x: view.x * ratio, y: view.y * ratio },
      { width: Math.round(screen.width * ratio), height: Math.round(screen.height * ratio) },
      ratio,
    );
  }

  /** Paint the visible level again, one at a time: a slider moves on meanwhile. */
  private renew(): void {
    const level = this.fitting(this.needed(this.picture));
    if (this.painting || !level || !this.stale(level)) return;
    const later = this.add(level.halvings);
    if (!later) {
      this.soon();
      return;
    }
    this.painting = true;
    void later
      .finally(() => {
        this.painting = false;
      })
      .then(() => {
        this.place();
        this.soon();
      });
  }
}

/** The size that the decoded picture has, which may be another than that which it stands for. */
function stored(picture: Picture) {
  return picture.kind === "photo" && !picture.turned ? picture.bitmap : picture;
}

/** A painted picture with what lies above it. */
function covered(bitmap: ImageBitmap, overlay: OffscreenCanvas): ImageBitmap {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  context?.drawImage(overlay, 0, 0, width, height);
  bitmap.close();
  return canvas.transferToImageBitmap();
}

function makeLevel(bitmap: ImageBitmap, halvings: number, tone: Tone): Level {
  const canvas = document.createElement("canvas");
  fill(canvas, bitmap);
  return { canvas, halvings, tone };
}

function fill(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
  if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
}
