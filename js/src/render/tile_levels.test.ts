import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fromMiddle,
  gridOf,
  levelAt,
  over,
  placesIn,
  type TileLevel,
  tileSize,
  tilesIn,
} from "./tile_levels.ts";

function pyramid(width: number, height: number, side = 512): TileLevel[] {
  const levels: TileLevel[] = [];
  for (let scale = 1; scale === 1 || Math.max(width, height) / scale > 512; scale *= 2) {
    const size = { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
    levels.push({ ...size, tileWidth: side, tileHeight: side, scale });
  }
  return levels;
}

const LEVELS = pyramid(12288, 16384);

test("a level is sharp enough, and the next coarser one would not be", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 64, noNaN: true }), (scale) => {
      const level = levelAt(LEVELS, scale);
      const pixels = (at: number) => (LEVELS[at]?.scale ?? Number.POSITIVE_INFINITY) * scale;
      if (level > 0) expect(pixels(level)).toBeLessThanOrEqual(1.25);
      expect(pixels(level + 1)).toBeGreaterThan(1.25);
    }),
  );
});

test("every pixel of the screen that shows the picture has a tile", () => {
  const screen = { width: 900, height: 700 };
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      fc.double({ min: -20_000, max: 800, noNaN: true }),
      fc.double({ min: -20_000, max: 600, noNaN: true }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (scale, x, y, across, down) => {
        const view = { scale, x, y };
        const at = levelAt(LEVELS, scale);
        const level = LEVELS[at] as TileLevel;
        const px = (across * screen.width - x) / scale;
        const py = (down * screen.height - y) / scale;
        if (px < 0 || py < 0 || px >= 12288 || py >= 16384) return;
        const range = tilesIn(level, view, screen);
        const column = Math.floor(px / level.scale / 512);
        const row = Math.floor(py / level.scale / 512);
        expect(placesIn(at, range)).toContainEqual({ level: at, column, row });
      },
    ),
  );
});

test("tiles beyond the picture are not asked for", () => {
  const level = LEVELS[0] as TileLevel;
  const view = { scale: 1, x: 5000, y: 5000 };
  expect(placesIn(0, tilesIn(level, view, { width: 900, height: 700 }))).toEqual([]);
  const grid = gridOf(level);
  expect(tilesIn(level, { scale: 0.01, x: 0, y: 0 }, { width: 900, height: 700 }, 1)).toEqual(grid);
});

test("the tile of a coarser level lies over the finer one", () => {
  fc.assert(
    fc.property(fc.nat(23), fc.nat(31), fc.integer({ min: 1, max: 4 }), (column, row, level) => {
      const found = over(LEVELS, { level: 0, column, row }, level);
      expect([found.column, found.row]).toEqual([column >> level, row >> level]);
    }),
  );
});

test("what is in the middle comes first", () => {
  const level = LEVELS[0] as TileLevel;
  const screen = { width: 1024, height: 1024 };
  const view = { scale: 1, x: -512, y: -512 };
  const sorted = fromMiddle(placesIn(0, tilesIn(level, view, screen, 1)), level, view, screen);
  expect(new Set(sorted.slice(0, 4).map(({ column, row }) => `${column} ${row}`))).toEqual(
    new Set(["1 1", "2 1", "1 2", "2 2"]),
  );
});

test("the last tiles are as large as what is left", () => {
  const level = { width: 1100, height: 700, tileWidth: 512, tileHeight: 512, scale: 1 };
  expect(tileSize(level, { level: 0, column: 2, row: 1 })).toEqual({ width: 76, height: 188 });
});
