import { type Box, overlaps } from "../geometry/box.ts";
import { changedBox } from "../geometry/changed_box.ts";
import { spansOf } from "../geometry/columns.ts";
import { PaintedMask } from "../geometry/painted_mask.ts";
import { type Runs, runsBounds } from "../geometry/runs.ts";
import type { View } from "../geometry/view.ts";
import { paintEdge } from "./mask_edge.ts";
import { type Ink, type MaskSource, packed, shade } from "./mask_shade.ts";
import type { Context2D } from "./paint.ts";

/** Pixels along the side of a tile. */
const SIDE = 256;
/** Coarser than this, nothing is told apart any more; and 4 ** 7 is what a cover can count. */
const COARSEST = 7;
/** From this zoom on, the edge of a mask is a thin line around its pixels, which are seen whole. */
const LINE_FROM = 6;
const DEFAULT_BYTES = 96 * 2 ** 20;
/** More masks than this are not remembered, seen or not. */
const MOST = 20_000;

/** A mask may be on the screen twice, when it is selected and hovered: with another edge. */
const plain = (id: string) => `${id} `;
const edged = (id: string) => `${id} edged`;

interface Tile {
  readonly mask: Entry;
  readonly key: number;
  readonly level: number;
  /** Pixels at the mask's edge stand out. */
  readonly edges: boolean;
  /** The whole tile, in pixels of its level. */
  readonly whole: Box;
  /** The part of it that the canvas holds; the rest is empty. */
  held: Box;
  canvas: OffscreenCanvas | null;
  /** What has to be painted again. */
  stale: Box | null;
}

interface Entry {
  readonly ink: Ink;
  readonly color: string;
  source: Runs | PaintedMask;
  /** Where it may have pixels. */
  extent: Box;
  readonly tiles: Map<number, Tile>;
}

/**
 * Masks as bitmaps, in tiles and at the zoom at which they are seen: what is kept goes with the
 * screen and not with the mask. A mask that changes keeps its tiles; only the box in which it
 * differs from what it was is painted again. The tiles longest unseen go first.
 */
export class MaskTiles {
  private readonly masks = new Map<string, Entry>();
  /** All tiles that have a canvas, the one seen last at the end. */
  private readonly seen = new Set<Tile>();
  private bytes = 0;

  constructor(private readonly limit = DEFAULT_BYTES) {}

  /** Paint what of a mask lies in an area of the canvas (its own clip applies too). */
  paint(
    context: Context2D,
    id: string,
    source: Runs | PaintedMask,
    color: string,
    edge: string,
    opacity: number,
    view: View,
    area: Box,
  ): void {
    const entry = this.entryOf(id, source, color, edge);
    const level = levelOf(view.scale);
    const lined = view.scale >= LINE_FROM;
    const scale = view.scale * 2 ** level;
    const [height, width] = source.size;
    const columns = Math.ceil(width / 2 ** level);
    const rows = Math.ceil(height / 2 ** level);
    const seen = {
      minX: Math.max(0, Math.floor((area.minX - view.x) / scale) - 1),
      minY: Math.max(0, Math.floor((area.minY - view.y) / scale) - 1),
      maxX: Math.min(columns, Math.ceil((area.maxX - view.x) / scale) + 1),
      maxY: Math.min(rows, Math.ceil((area.maxY - view.y) / scale) + 1),
    };
    const smoothed = context.imageSmoothingEnabled;
    context.imageSmoothingEnabled = view.scale < 1;
    context.globalAlpha = opacity;
    for (let y = Math.floor(seen.minY / SIDE); y * SIDE < seen.maxY; y++) {
      for (let x = Math.floor(seen.minX / SIDE); x * SIDE < seen.maxX; x++) {
        const tile = this.tileOf(entry, level, lined, x, y, columns, rows);
        if (!tile.canvas) continue;
        const { held, whole } = tile;
        const left = Math.max(seen.minX, held.minX);
        const top = Math.max(seen.minY, held.minY);
        const right = Math.min(seen.maxX, held.maxX);
        const bottom = Math.min(seen.maxY, held.maxY);
        if (right <= left || bottom <= top) continue;
        // Tiles begin and end on whole pixels of the screen, so that no seam is seen between them;
        // a pixel lies at the same place however much of its tile is held.
        const x0 = Math.round(whole.minX * scale + view.x);
        const y0 = Math.round(whole.minY * scale + view.y);
        const across = Math.round(whole.maxX * scale + view.x) - x0;
        const down = Math.round(whole.maxY * scale + view.y) - y0;
        const scaleX = across / (whole.maxX - whole.minX);
        const scaleY = down / (whole.maxY - whole.minY);
        context.drawImage(
          tile.canvas,
          left - held.minX,
          top - held.minY,
          right - left,
          bottom - top,
          x0 + (left - whole.minX) * scaleX,
          y0 + (top - whole.minY) * scaleY,
          (right - left) * scaleX,
          (bottom - top) * scaleY,
        );
      }
    }
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = smoothed;
    if (lined) paintEdge(context, sourceOf(source), seen, view, edge);
  }

  drop(ids: Iterable<string>): void {
    for (const id of ids) {
      this.remove(plain(id));
      this.remove(edged(id));
    }
  }

  clear(): void {
    this.masks.clear();
    this.seen.clear();
    this.bytes = 0;
  }

  private remove(key: string): void {
    for (const tile of this.masks.get(key)?.tiles.values() ?? []) this.forget(tile);
    this.masks.delete(key);
  }

  private entryOf(id: string, source: Runs | PaintedMask, color: string, edge: string): Entry {
    const key = edge === color ? plain(id) : edged(id);
    let entry = this.masks.get(key);
    const same =
      entry &&
      entry.color === color + edge &&
      entry.source.size[0] === source.size[0] &&
      entry.source.size[1] === source.size[1];
    if (!entry || !same) {
      this.remove(key);
      if (this.masks.size >= MOST) this.clear();
      entry = {
        color: color + edge,
        ink: { fill: packed(color), edge: packed(edge) },
        source,
        extent: extentOf(source),
        tiles: new Map(),
      };
      this.masks.set(key, entry);
    }
    if (entry.source !== source) {
      this.change(entry, changedBox(runsOf(entry.source), baseOf(source)));
      entry.source = source;
      entry.extent = extentOf(source);
    }
    if (source instanceof PaintedMask) this.change(entry, source.takeDirty());
    return entry;
  }

  private change(entry: Entry, box: Box | null): void {
    if (!box) return;
    for (const tile of entry.tiles.values()) {
      const changed = coarse(box, tile.level);
      if (!overlaps(changed, tile.whole)) continue;
      const part = clip(changed, tile.whole);
      tile.stale = tile.stale ? around(tile.stale, part) : part;
    }
  }

  private tileOf(
    entry: Entry,
    level: number,
    lined: boolean,
    x: number,
    y: number,
    columns: number,
    rows: number,
  ): Tile {
    const key = (lined ? COARSEST + 1 : level) + 16 * (x + y * 2 ** 16);
    let tile = entry.tiles.get(key);
    if (!tile) {
      const whole = {
        minX: x * SIDE,
        minY: y * SIDE,
        maxX: Math.min(columns, (x + 1) * SIDE),
        maxY: Math.min(rows, (y + 1) * SIDE),
      };
      const nothing = { ...whole, maxX: whole.minX, maxY: whole.minY };
      const stale = clip(coarse(entry.extent, level), whole);
      tile = { mask: entry, key, level, edges: !lined, whole, held: nothing, canvas: null, stale };
      entry.tiles.set(key, tile);
    }
    if (tile.stale) this.freshen(tile, tile.stale);
    if (tile.canvas) {
      this.seen.delete(tile);
      this.seen.add(tile);
    }
    return tile;
  }

  private freshen(tile: Tile, stale: Box): void {
    tile.stale = null;
    const width = stale.maxX - stale.minX;
    const height = stale.maxY - stale.minY;
    if (width <= 0 || height <= 0) return;
    const pixels = new Uint32Array(width * height);
    const { source, ink } = tile.mask;
    const any = shade(sourceOf(source), tile.level, stale, ink, pixels, tile.edges);
    if (!any && !tile.canvas) return;
    this.hold(tile, stale);
    const data = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
    const context = tile.canvas?.getContext("2d");
    context?.putImageData(data, stale.minX - tile.held.minX, stale.minY - tile.held.minY);
  }

  /** See to it that the canvas holds a box: at first just that, later the whole tile. */
  private hold(tile: Tile, box: Box): void {
    const { canvas, held, whole } = tile;
    const inside =
      canvas &&
      box.minX >= held.minX &&
      box.minY >= held.minY &&
      box.maxX <= held.maxX &&
      box.maxY <= held.maxY;
    if (inside) return;
    const wanted = canvas ? whole : box;
    const made = new OffscreenCanvas(wanted.maxX - wanted.minX, wanted.maxY - wanted.minY);
    if (canvas) {
      made.getContext("2d")?.drawImage(canvas, held.minX - wanted.minX, held.minY - wanted.minY);
    }
    this.forget(tile);
    tile.canvas = made;
    tile.held = wanted;
    this.seen.add(tile);
    this.bytes += 4 * made.width * made.height;
    for (const oldest of this.seen) {
      if (this.bytes <= this.limit || oldest === tile) break;
      oldest.mask.tiles.delete(oldest.key);
      this.forget(oldest);
    }
  }

  private forget(tile: Tile): void {
    if (this.seen.delete(tile) && tile.canvas) {
      this.bytes -= 4 * tile.canvas.width * tile.canvas.height;
    }
  }
}

/** The level at which a pixel is one to two of the screen; pixels of the image are the finest. */
export function levelOf(scale: number): number {
  return Math.min(Math.max(Math.floor(Math.log2(1 / scale)), 0), COARSEST);
}

function sourceOf(mask: Runs | PaintedMask): MaskSource {
  if (mask instanceof PaintedMask) return mask;
  return { size: mask.size, spans: (column) => spansOf(mask, column) };
}

function runsOf(mask: Runs | PaintedMask): Runs {
  return mask instanceof PaintedMask ? mask.runs() : mask;
}

/** What a mask was before anything was painted that it has yet to tell of. */
function baseOf(mask: Runs | PaintedMask): Runs {
  return mask instanceof PaintedMask ? mask.base : mask;
}

/** Where a mask may have pixels; one that is being painted anywhere. */
function extentOf(mask: Runs | PaintedMask): Box {
  const [height, width] = mask.size;
  const whole = { minX: 0, minY: 0, maxX: width, maxY: height };
  if (mask instanceof PaintedMask) return whole;
  return runsBounds(mask) ?? { ...whole, maxX: 0, maxY: 0 };
}

/**
 * The pixels of a level that a box of the image touches, and those beside them: they may become an
 * edge or no longer be one, and an empty one around what is held keeps its border sharp.
 */
function coarse(box: Box, level: number): Box {
  const scale = 2 ** level;
  return {
    minX: Math.floor(box.minX / scale) - 1,
    minY: Math.floor(box.minY / scale) - 1,
    maxX: Math.ceil(box.maxX / scale) + 1,
    maxY: Math.ceil(box.maxY / scale) + 1,
  };
}

function clip(box: Box, to: Box): Box {
  return {
    minX: Math.max(box.minX, to.minX),
    minY: Math.max(box.minY, to.minY),
    maxX: Math.min(box.maxX, to.maxX),
    maxY: Math.min(box.maxY, to.maxY),
  };
}

function around(a: Box, b: Box): Box {
  return {
    minX: Math.min(a.minX, b.minX),
    minY: Math.min(a.minY, b.minY),
    maxX: Math.max(a.maxX, b.maxX),
    maxY: Math.max(a.maxY, b.maxY),
  };
}
