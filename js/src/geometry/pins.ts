import type { XY } from "../document/types.ts";
import type { Box } from "./box.ts";

/** What has no width counts as one pixel wide, so that points have pins too. */
const sizeOf = ({ minX, minY, maxX, maxY }: Box): XY => [
  Math.max(maxX - minX, 1),
  Math.max(maxY - minY, 1),
];

/** The place in the picture of what is at x, y in a box: (0.5, 0.5) is its middle. */
export function placeIn(box: Box, [x, y]: XY): XY {
  const [width, height] = sizeOf(box);
  return [box.minX + x * width, box.minY + y * height];
}

/** Where in a box a place of the picture is: what `placeIn` takes back. */
export function pinTo(box: Box, [x, y]: XY): XY {
  const [width, height] = sizeOf(box);
  return [(x - box.minX) / width, (y - box.minY) / height];
}
