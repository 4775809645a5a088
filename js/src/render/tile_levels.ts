import type { Size } from "../geometry/transform.ts";
import type { View } from "../geometry/view.ts";

/** One size of a large picture, cut into tiles; those at the right and the bottom may be smaller. */
export interface TileLevel {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Pixels of full resolution to one of this level. */
  readonly scale: number;
}

/** Which tile: of which level, counted from the largest, and where in it. */
export interface TilePlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** Pixels of a level may be this much larger than those of the screen before a finer one is shown. */
const COARSE = 1.25;

/** The coarsest level that is sharp enough at a scale, in pixels of the screen to one of the image. */
export function levelAt(levels: readonly TileLevel[], scale: number): number {
  for (let level = levels.length - 1; level > 0; level--) {
    if ((levels[level] as TileLevel).scale * scale <= COARSE) return level;
  }
  return 0;
}

/** Tiles from one column and row up to (not including) others. */
export interface TileRange {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function gridOf({ width, height, tileWidth, tileHeight }: TileLevel): TileRange {
  const right = Math.ceil(width / tileWidth);
  return { left: 0, top: 0, right, bottom: Math.ceil(height / tileHeight) };
}

/** The tiles of a level that a view shows, and so many more around them. */
export function tilesIn(level: TileLevel, view: View, screen: Size, more = 0): TileRange {
  const across = level.tileWidth * level.scale * view.scale;
  const down = level.tileHeight * level.scale * view.scale;
  const grid = gridOf(level);
  return {
    left: Math.max(0, Math.floor(-view.x / across) - more),
    top: Math.max(0, Math.floor(-view.y / down) - more),
    right: Math.min(grid.right, Math.ceil((screen.width - view.x) / across) + more),
    bottom: Math.min(grid.bottom, Math.ceil((screen.height - view.y) / down) + more),
  };
}

export function placesIn(level: number, range: TileRange): TilePlace[] {
  const places: TilePlace[] = [];
  for (let row = range.top; row < range.bottom; row++)
    for (let column = range.left; column < range.right; column++)
      places.push({ level, column, row });
  return places;
}

/** Sorted so that those nearest to the middle of the screen come first. */
export function fromMiddle(
  places: readonly TilePlace[],
  level: TileLevel,
  view: View,
  screen: Size,
): TilePlace[] {
  const k = level.scale * view.scale;
  const x = (screen.width / 2 - view.x) / (level.tileWidth * k) - 0.5;
  const y = (screen.height / 2 - view.y) / (level.tileHeight * k) - 0.5;
  const far = ({ column, row }: TilePlace) => (column - x) ** 2 + (row - y) ** 2;
  return [...places].sort((a, b) => far(a) - far(b));
}

/** How large a tile is, without what may fill it up beyond the picture's edge. */
export function tileSize(level: TileLevel, { column, row }: TilePlace): Size {
  return {
    width: Math.min(level.tileWidth, level.width - column * level.tileWidth),
    height: Math.min(level.tileHeight, level.height - row * level.tileHeight),
  };
}

/** The tile of another level that has the middle of this one. */
export function over(levels: readonly TileLevel[], place: TilePlace, level: number): TilePlace {
  const from = levels[place.level] as TileLevel;
  const to = levels[level] as TileLevel;
  const { width, height } = tileSize(from, place);
  const k = from.scale / to.scale;
  const { right, bottom } = gridOf(to);
  const x = (place.column * from.tileWidth + width / 2) * k;
  const y = (place.row * from.tileHeight + height / 2) * k;
  return {
    level,
    column: Math.min(right - 1, Math.floor(x / to.tileWidth)),
    row: Math.min(bottom - 1, Math.floor(y / to.tileHeight)),
  };
}

export function keyOf({ level, column, row }: TilePlace): string {
  return `${level}/${column}/${row}`;
}
