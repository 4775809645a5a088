import type { Box } from "../geometry/box.ts";
import type { Size } from "../geometry/transform.ts";
import type { View } from "../geometry/view.ts";
import type { Pixels } from "../tools/tool.ts";
import type { GreyPicture, Probe, TiledPicture, WholePicture } from "./picture.ts";
import { valuesIn } from "./pixel_values.ts";
import {
  fromMiddle,
  levelAt,
  placesIn,
  type TileLevel,
  type TilePlace,
  tilesIn,
} from "./tile_levels.ts";
import { TilePainter } from "./tile_painter.ts";
import type { TileViewer } from "./tile_store.ts";
import type { Tone } from "./tone.ts";

/** While the view moves, what it wants is said so often: levels that fly past are not asked for. */
const ASK_MS = 60;
/** Pixels that are painted beyond each side of the screen: so far it pans without painting anew. */
const MARGIN = 256;
/** While one zooms, the canvas is shown so much larger or smaller before it is painted anew. */
const STRETCH = 1.5;
const SHARP_AFTER_MS = 80;
/** Tiles around those in sight that are read too, once these are here. */
const AROUND = 1;

export interface TileLayerListener {
  /** Something came that is to be painted. */
  onPaint(): void;
  /** A part of the picture cannot be read. */
  onTrouble(error: unknown): void;
  /** A tile in a tone, where the graphics card makes it; else null. */
  shade(tile: GreyPicture, tone: Tone): ImageBitmap | null;
}

/**
 * A large picture: a canvas a little larger than the screen, painted from the tiles that are in
 * sight. While the view moves, so does the canvas, which is painted anew when it rests.
 */
export class TileLayer implements TileViewer {
  readonly canvas = document.createElement("canvas");
  /** Where the picture lies, for what of it is not here yet. */
  readonly extent = document.createElement("div");
  private readonly painter: TilePainter;
  private readonly context = this.canvas.getContext("2d");
  private picture: TiledPicture | null = null;
  private view: View = { scale: 1, x: 0, y: 0 };
  private screen: Size = { width: 1, height: 1 };
  /** The view that was painted. */
  private painted: View = { scale: 0, x: 0, y: 0 };
  private fresh = false;
  private unasked = false;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private sharpening: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly listener: TileLayerListener) {
    this.painter = new TilePainter((tile, tone) => listener.shade(tile, tone));
    this.canvas.className = "lw-tiles";
    this.extent.className = "lw-extent";
  }

  /** Show a picture from the next `follow` on. */
  show(picture: TiledPicture): void {
    this.clear();
    this.picture = picture;
    this.fresh = false;
    this.unasked = true;
  }

  clear(): void {
    clearTimeout(this.asking);
    this.asking = undefined;
    clearTimeout(this.sharpening);
    this.picture?.tiles.leave(this);
    this.picture = null;
    this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Show what a view shows; both are in pixels of the screen, of which `ratio` are one of CSS. */
  follow(view: View, screen: Size, ratio: number): void {
    const { view: before } = this;
    const still = before.scale === view.scale && before.x === view.x && before.y === view.y;
    const { canvas } = this;
    const [width, height] = [screen.width + 2 * MARGIN, screen.height + 2 * MARGIN];
    const same = canvas.width === width && canvas.height === height;
    if (!same) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width / ratio}px`;
      canvas.style.height = `${height / ratio}px`;
      this.fresh = false;
    }
    this.view = view;
    this.screen = screen;
    if (!still || !same || this.unasked) this.askSoon();
    clearTimeout(this.sharpening);
    if (!this.fresh || !this.covers()) this.paint();
    else if (!this.isSharp()) this.sharpening = setTimeout(() => this.sharpen(), SHARP_AFTER_MS);
    const k = view.scale / this.painted.scale;
    const [x, y] = this.corner(k);
    canvas.style.transform = `translate(${x / ratio}px, ${y / ratio}px) scale(${k})`;
  }

  useTone(tone: Tone): void {
    this.painter.tone = tone;
    this.fresh = false;
  }

  /** What was painted may be gone. */
  repaint(): void {
    this.painter.forget();
    this.fresh = false;
  }

  onTile(): void {
    this.fresh = false;
    this.listener.onPaint();
  }

  onTrouble(error: unknown): void {
    this.listener.onTrouble(error);
  }

  /** Paint what a view shows into another canvas. */
  paintInto(context: CanvasRenderingContext2D, view: View): void {
    if (this.picture) this.painter.paint(context, this.picture.tiles, view);
  }

  /** What the pixel at (x, y) holds, in the finest level that is here; null outside. */
  pixel(x: number, y: number, look: (tile: WholePicture, x: number, y: number) => Probe | null) {
    const { picture } = this;
    if (!picture || x < 0 || y < 0 || x >= picture.width || y >= picture.height) return null;
    const { tiles } = picture;
    for (const [level, made] of tiles.levels.entries()) {
      const [ox, oy] = [x / made.scale, y / made.scale];
      // Sizes of smaller copies are rounded, so that the last pixels may lie beyond them.
      const [px, py] = [Math.min(ox, made.width - 0.5), Math.min(oy, made.height - 0.5)];
      const column = Math.floor(px / made.tileWidth);
      const row = Math.floor(py / made.tileHeight);
      const tile = tiles.get({ level, column, row });
      if (!tile) continue;
      const probe = look(tile, px - column * made.tileWidth, py - row * made.tileHeight);
      return probe && level > 0 ? { ...probe, about: true } : probe;
    }
    return null;
  }

  /** Values of the pixels in a box, null where some of them are not here in full resolution. */
  values(box: Box): Pixels | null {
    const { picture } = this;
    const level = picture?.tiles.levels[0];
    if (!picture || !level) return null;
    const x = Math.max(0, Math.floor(box.minX));
    const y = Math.max(0, Math.floor(box.minY));
    const width = Math.min(picture.width, Math.ceil(box.maxX)) - x;
    const height = Math.min(picture.height, Math.ceil(box.maxY)) - y;
    if (width <= 0 || height <= 0) return null;
    const { tileWidth, tileHeight } = level;
    const range = {
      left: Math.floor(x / tileWidth),
      top: Math.floor(y / tileHeight),
      right: Math.floor((x + width - 1) / tileWidth) + 1,
      bottom: Math.floor((y + height - 1) / tileHeight) + 1,
    };
    let whole: Pixels | null = null;
    for (const place of placesIn(0, range)) {
      const tile = picture.tiles.get(place);
      const [left, top] = [place.column * tileWidth, place.row * tileHeight];
      const part = tile && valuesIn(tile, within(box, left, top, tileWidth, tileHeight));
      if (!part) return null;
      whole ??= {
        x,
        y,
        width,
        height,
        channels: part.channels,
        values: like(part, width * height),
      };
      put(part, left - x, top - y, whole);
    }
    return whole;
  }

  /** Where the corner of the canvas lies on the screen, when it is shown `k` times as large. */
  private corner(k: number): [number, number] {
    const { view, painted } = this;
    return [view.x - (painted.x + MARGIN) * k, view.y - (painted.y + MARGIN) * k];
  }

  /** Has the canvas all that the view shows, at a zoom that is not far from it? */
  private covers(): boolean {
    const { view, painted, canvas, screen } = this;
    const k = view.scale / painted.scale;
    if (!(k > 1 / STRETCH && k < STRETCH)) return false;
    const [x, y] = this.corner(k);
    const [right, bottom] = [x + canvas.width * k, y + canvas.height * k];
    return x <= 0 && y <= 0 && right >= screen.width && bottom >= screen.height;
  }

  /** Do its pixels lie on those of the screen? */
  private isSharp(): boolean {
    const { view, painted } = this;
    if (view.scale !== painted.scale) return false;
    return this.corner(1).every((at) => Math.abs(at - Math.round(at)) < 1e-3);
  }

  private sharpen(): void {
    this.fresh = false;
    this.listener.onPaint();
  }

  private paint(): void {
    const { picture, context, view } = this;
    if (!picture || !context) return;
    const within = { scale: view.scale, x: view.x + MARGIN, y: view.y + MARGIN };
    this.fresh = this.painter.paint(context, picture.tiles, within);
    this.painted = view;
    if (!this.fresh) this.listener.onPaint();
  }

  private askSoon(): void {
    if (!this.picture || this.asking !== undefined) return;
    const wait = Math.max(0, this.asked + ASK_MS - performance.now());
    this.asking = setTimeout(() => {
      this.asking = undefined;
      this.ask();
    }, wait);
  }

  private ask(): void {
    const { picture, view, screen } = this;
    if (!picture) return;
    this.asked = performance.now();
    this.unasked = false;
    const { tiles } = picture;
    const level = levelAt(tiles.levels, view.scale);
    const made = tiles.levels[level] as TileLevel;
    const inSight = tilesIn(made, view, screen);
    const more = tilesIn(made, view, screen, AROUND);
    const middle = (places: TilePlace[]) => fromMiddle(places, made, view, screen);
    const beyond = placesIn(level, more).filter(
      ({ column, row }) =>
        column < inSight.left ||
        column >= inSight.right ||
        row < inSight.top ||
        row >= inSight.bottom,
    );
    tiles.want(this, [
      ...tiles.coarsest,
      ...middle(placesIn(level, inSight)),
      ...this.nextLevel(level),
      ...middle(beyond),
    ]);
  }

  /** Of the next coarser level what is in sight: it is there at once when one zooms out. */
  private nextLevel(level: number): TilePlace[] {
    const { picture, view, screen } = this;
    const made = picture?.tiles.levels[level + 1];
    return made ? placesIn(level + 1, tilesIn(made, view, screen)) : [];
  }
}

function within(box: Box, left: number, top: number, width: number, height: number): Box {
  return {
    minX: Math.max(0, box.minX - left),
    minY: Math.max(0, box.minY - top),
    maxX: Math.min(width, box.maxX - left),
    maxY: Math.min(height, box.maxY - top),
  };
}

function like({ values, channels }: Pixels, pixels: number): Pixels["values"] {
  const Kind = values.constructor as new (length: number) => Pixels["values"];
  return new Kind(pixels * channels);
}

/** Copy a part, of a tile that begins at (left, top) of the whole, to its place. */
function put(part: Pixels, left: number, top: number, whole: Pixels): void {
  const { channels } = whole;
  for (let row = 0; row < part.height; row++) {
    const from = row * part.width * channels;
    const at = ((top + part.y + row) * whole.width + left + part.x) * channels;
    whole.values.set(part.values.subarray(from, from + part.width * channels), at);
  }
}
