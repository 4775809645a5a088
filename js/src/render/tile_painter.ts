import type { Size } from "../geometry/transform.ts";
import type { View } from "../geometry/view.ts";
import type { GreyPicture } from "./picture.ts";
import { SQUARES_FROM } from "./region.ts";
import {
  keyOf,
  levelAt,
  over,
  placesIn,
  type TileLevel,
  type TilePlace,
  tileSize,
  tilesIn,
} from "./tile_levels.ts";
import type { TileStore } from "./tile_store.ts";
import { PLAIN, type Tone, toneTable } from "./tone.ts";

/** Shading tiles anew may take so long in one frame; the rest comes in the next ones. */
const SHADING_MS = 8;

interface Shaded {
  readonly image: OffscreenCanvas | ImageBitmap;
  readonly tone: Tone;
}

/** Paints what a view shows of a large picture, from the tiles that are here. */
export class TilePainter {
  tone: Tone = PLAIN;
  private shaded = new WeakMap<GreyPicture, Shaded>();
  private readonly tables = new Map<string, Uint32Array>();
  private tablesOf: Tone | null = null;
  private deadline = 0;
  private late = false;

  constructor(
    /** A tile in a tone, where the graphics card makes it; else null. */
    private readonly atOnce: (tile: GreyPicture, tone: Tone) => ImageBitmap | null = () => null,
  ) {}

  /** What was shaded may be gone. */
  forget(): void {
    this.shaded = new WeakMap();
  }

  /**
   * Paint into a canvas, with a view in its pixels. Where the tiles of the right level are missing,
   * coarser or finer ones are shown. Says whether all is painted in the tone that is wanted.
   */
  paint(context: CanvasRenderingContext2D, tiles: TileStore, view: View): boolean {
    const { canvas } = context;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = view.scale < SQUARES_FROM;
    this.deadline = performance.now() + SHADING_MS;
    this.late = false;
    const level = levelAt(tiles.levels, view.scale);
    const range = tilesIn(tiles.levels[level] as TileLevel, view, canvas);
    const there: TilePlace[] = [];
    const missing: TilePlace[] = [];
    for (const place of placesIn(level, range)) {
      (tiles.get(place) ? there : missing).push(place);
    }
    for (const place of standIns(tiles, missing, view, canvas))
      this.one(context, tiles, place, view);
    for (const place of there) this.one(context, tiles, place, view);
    return !this.late;
  }

  private one(
    context: CanvasRenderingContext2D,
    tiles: TileStore,
    place: TilePlace,
    view: View,
  ): void {
    const tile = tiles.get(place);
    const level = tiles.levels[place.level];
    if (!tile || !level) return;
    const { width, height } = tileSize(level, place);
    const k = level.scale * view.scale;
    // On whole pixels of the screen, or the background would shine through between tiles.
    const left = Math.round(view.x + place.column * level.tileWidth * k);
    const top = Math.round(view.y + place.row * level.tileHeight * k);
    const right = Math.round(view.x + (place.column * level.tileWidth + width) * k);
    const bottom = Math.round(view.y + (place.row * level.tileHeight + height) * k);
    const image = tile.kind === "photo" ? tile.bitmap : this.shade(tile);
    if (!image || right <= left || bottom <= top) return;
    context.drawImage(image, 0, 0, width, height, left, top, right - left, bottom - top);
  }

  private shade(tile: GreyPicture): OffscreenCanvas | ImageBitmap {
    const { tone } = this;
    const known = this.shaded.get(tile);
    if (known?.tone === tone) return known.image;
    if (performance.now() > this.deadline) {
      this.late = true;
      // In the tone that it had before.
      if (known) return known.image;
    }
    const image = this.atOnce(tile, tone) ?? this.shadeHere(tile);
    this.shaded.set(tile, { image, tone });
    if (known && "close" in known.image) known.image.close();
    return image;
  }

  private shadeHere(tile: GreyPicture): OffscreenCanvas {
    const table = this.table(tile);
    const canvas = new OffscreenCanvas(tile.width, tile.height);
    const image = new ImageData(tile.width, tile.height);
    const out = new Uint32Array(image.data.buffer);
    const { numbers } = tile;
    for (let at = 0; at < out.length; at++) out[at] = table[numbers[at] as number] as number;
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    return canvas;
  }

  /** The colours of all numbers of a tile; tiles whose numbers mean the same share them. */
  private table({ meaning }: GreyPicture): Uint32Array {
    if (this.tablesOf !== this.tone) {
      this.tables.clear();
      this.tablesOf = this.tone;
    }
    const { low, high, scale, offset } = meaning;
    const [black, white] = this.tone.window ?? [low, high];
    const key = `${black} ${white} ${scale} ${offset}`;
    const known = this.tables.get(key);
    if (known) return known;
    const shades = toneTable(65536, (black - offset) / scale, (white - offset) / scale, this.tone);
    const bytes = new Uint8ClampedArray(4 * 65536);
    for (let number = 0; number < 65536; number++) {
      bytes.fill(shades[number] as number, 4 * number, 4 * number + 3);
      bytes[4 * number + 3] = 255;
    }
    const table = new Uint32Array(bytes.buffer);
    this.tables.set(key, table);
    return table;
  }
}

/** Tiles of other levels to be painted where tiles are missing: coarse ones first. */
function standIns(
  tiles: TileStore,
  missing: readonly TilePlace[],
  view: View,
  screen: Size,
): TilePlace[] {
  if (missing.length === 0) return [];
  const found = new Map<string, TilePlace>();
  const take = (place: TilePlace) => found.set(keyOf(place), place);
  for (const place of tiles.coarsest) if (tiles.get(place)) take(place);
  for (const place of missing) {
    for (let level = place.level + 1; level < tiles.levels.length; level++) {
      const coarser = over(tiles.levels, place, level);
      if (!tiles.get(coarser)) continue;
      take(coarser);
      break;
    }
  }
  const coarse = [...found.values()].sort((a, b) => b.level - a.level);
  const finer = (missing[0] as TilePlace).level - 1;
  const level = tiles.levels[finer];
  if (!level) return coarse;
  const gaps = new Set(missing.map(keyOf));
  // Zooming out: what was sharp stays sharp until the level that is wanted is here.
  const fine = placesIn(finer, tilesIn(level, view, screen)).filter(
    (place) => gaps.has(keyOf(over(tiles.levels, place, finer + 1))) && tiles.get(place),
  );
  return [...coarse, ...fine];
}
