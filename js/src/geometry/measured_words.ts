import type { Geometry, XY } from "../document/types.ts";
import {
  angleBetween,
  ellipseArea,
  ellipseStatistics,
  pathLength,
  twoAxes,
  type ValueBox,
} from "./measuring.ts";

const PIXELS: XY = [1, 1];

/** What a measurement says, short enough to stand beside it; "" for what measures nothing. */
export function measuredWords(
  kind: string,
  geometry: Geometry,
  spacing: XY | null,
  /** Values around an ellipse, where the picture has some, and their unit. */
  values: ValueBox | null = null,
  unit = "",
): string {
  const scale = spacing ?? PIXELS;
  const length = spacing ? "mm" : "px";
  if (geometry.type === "polyline") {
    if (kind === "angle") return number(angleBetween(geometry.points, scale), "°");
    return number(pathLength(geometry.points, scale), ` ${length}`);
  }
  if (geometry.type === "keypoints") {
    const ends = geometry.points.filter((one) => one[2] > 0).map(([x, y]): XY => [x, y]);
    const [long, short] = twoAxes(ends, scale);
    return Number.isNaN(long) ? "" : `${long.toFixed(1)} × ${short.toFixed(1)} ${length}`;
  }
  if (geometry.type !== "ellipse") return "";
  const area = number(ellipseArea(geometry, scale), ` ${length}²`);
  const { count, mean, sd, least, most } = values
    ? ellipseStatistics(geometry, values)
    : { count: 0, mean: 0, sd: 0, least: 0, most: 0 };
  if (count === 0) return area;
  const range = `${value(least)} … ${value(most)}`;
  return `${area}   ${value(mean)} ± ${value(sd)}${unit && ` ${unit}`}   (${range})`;
}

function number(value: number, unit: string): string {
  return Number.isNaN(value) ? "" : `${value.toFixed(1)}${unit}`;
}

function value(value: number): string {
  const text = Number.isInteger(value)
    ? String(value)
    : value.toFixed(Math.abs(value) < 10 ? 2 : 1);
  return text.replace("-", "\u2212");
}

/** Where the words about a measurement stand: at its last point, or at the right of an ellipse. */
export function wordsAt(geometry: Geometry): XY | null {
  switch (geometry.type) {
    case "polyline":
      return geometry.points.at(-1) ?? null;
    case "keypoints": {
      const end = geometry.points[1] ?? geometry.points[0];
      return end ? [end[0], end[1]] : null;
    }
    case "ellipse":
      return [geometry.x + Math.max(geometry.rx, geometry.ry), geometry.y];
    default:
      return null;
  }
}
