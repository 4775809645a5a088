import type { XY } from "../document/types.ts";
import type { Box } from "./box.ts";
import type { Size } from "./transform.ts";

/** From image to screen: screen = image * scale + (x, y), in CSS pixels. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const MAX_SCALE = 64;
const MOUSE_SLACK = 7;
const TOUCH_SLACK = 22;

/** How far off a pointer may be and still mean a thing, in pixels of the image. */
export function slackAt(scale: number, touch: boolean): number {
  return (touch ? TOUCH_SLACK : MOUSE_SLACK) / scale;
}

export function toScreen(view: View, [x, y]: XY): XY {
  return [x * view.scale + view.x, y * view.scale + view.y];
}

export function toImage(view: View, [x, y]: XY): XY {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

/** The view that shows the whole picture, in the middle, with a small margin. */
export function fit(image: Size, screen: Size, margin = 8): View {
  const width = Math.max(1, screen.width - 2 * margin);
  const height = Math.max(1, screen.height - 2 * margin);
  const scale = Math.min(width / image.width, height / image.height, MAX_SCALE);
  return centred(image, screen, scale);
}

function centred(image: Size, screen: Size, scale: number): View {
  return {
    scale,
    x: (screen.width - image.width * scale) / 2,
    y: (screen.height - image.height * scale) / 2,
  };
}

/** The view zoomed by `factor` so that the screen point `at` keeps its place. */
export function zoomAt(view: View, at: XY, factor: number, image: Size, screen: Size): View {
  const least = Math.min(fit(image, screen).scale, 1) / 4;
  const scale = Math.min(Math.max(view.scale * factor, least), MAX_SCALE);
  const k = scale / view.scale;
  return { scale, x: at[0] - (at[0] - view.x) * k, y: at[1] - (at[1] - view.y) * k };
}

/** The view with at least a strip of the picture left on the screen. */
export function keepInSight(view: View, image: Size, screen: Size): View {
  const strip = Math.min(64, screen.width / 4, screen.height / 4);
  return {
    scale: view.scale,
    x: Math.min(Math.max(view.x, strip - image.width * view.scale), screen.width - strip),
    y: Math.min(Math.max(view.y, strip - image.height * view.scale), screen.height - strip),
  };
}

/** The view moved (and, if need be, zoomed out) so that `box` is on the screen. */
export function reveal(view: View, box: Box, image: Size, screen: Size): View {
  const [left, top] = toScreen(view, [box.minX, box.minY]);
  const [right, bottom] = toScreen(view, [box.maxX, box.maxY]);
  if (left >= 0 && top >= 0 && right <= screen.width && bottom <= screen.height) return view;
  const width = Math.max(box.maxX - box.minX, 1);
  const height = Math.max(box.maxY - box.minY, 1);
  const scale = Math.min(view.scale, (0.8 * screen.width) / width, (0.8 * screen.height) / height);
  const centre: XY = [(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2];
  const made = {
    scale,
    x: screen.width / 2 - centre[0] * scale,
    y: screen.height / 2 - centre[1] * scale,
  };
  return keepInSight(made, image, screen);
}

/** The view in which a box is in the middle, and takes up a good part of the screen. */
export function closeUp(box: Box, image: Size, screen: Size, part = 0.45): View {
  const width = Math.max(box.maxX - box.minX, 1);
  const height = Math.max(box.maxY - box.minY, 1);
  const whole = fit(image, screen).scale;
  const scale = Math.min(
    Math.max(Math.min((part * screen.width) / width, (part * screen.height) / height), whole),
    Math.max(whole, 8),
  );
  const x = (box.minX + box.maxX) / 2;
  const y = (box.minY + box.maxY) / 2;
  const made = { scale, x: screen.width / 2 - x * scale, y: screen.height / 2 - y * scale };
  return keepInSight(made, image, screen);
}
