import type { XY } from "../document/types.ts";

/** The way back to a seed from each pixel of a window: `scissors_map` of the kernel. */
export interface ScissorsMap {
  /** Row by row: the code of the step to the pixel before it on the path, 0 at the seed. */
  readonly directions: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The window's first pixel in the image. */
  readonly x: number;
  readonly y: number;
}

/** Steps in x and y by their codes, as in labelwidgets/algorithms/scissors.py. */
const ACROSS = [0, -1, -1, 0, 1, 1, 1, 0, -1] as const;
const DOWN = [0, 0, -1, -1, -1, 0, 1, 1, 1] as const;

/**
 * The wire from the seed of a map to a point, through centres of pixels and only where it turns.
 * Outside of the window its nearest pixel counts; null where the map leads nowhere.
 */
export function trace(map: ScissorsMap, point: XY): XY[] | null {
  const { directions, width, height, x, y } = map;
  const within = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  let column = within(Math.floor(point[0]) - x, width);
  let row = within(Math.floor(point[1]) - y, height);
  const points: XY[] = [];
  let before = 0;
  for (let step = 0; step < width * height; step++) {
    const code = directions[row * width + column];
    if (code === undefined || code > 8) return null;
    if (code !== before || points.length === 0) points.push([column + x + 0.5, row + y + 0.5]);
    if (code === 0) return points.reverse();
    before = code;
    column += ACROSS[code] as number;
    row += DOWN[code] as number;
    if (column < 0 || row < 0 || column >= width || row >= height) return null;
  }
  return null;
}

/** Does the point lie on a pixel of the window? */
export function inWindow({ x, y, width, height }: ScissorsMap, [px, py]: XY): boolean {
  return px >= x && py >= y && px < x + width && py < y + height;
}
