import type { View } from "../geometry/view.ts";
import type { GreyPicture, WholePicture } from "./picture.ts";

/** From this zoom on, pixels are shown as squares. */
export const SQUARES_FROM = 4;

/**
 * Paint the part of a picture that a small canvas shows, in full resolution. `view` is in pixels of
 * the canvas; `table` gives the shade of each number of a grey picture.
 */
export function paintRegion(
  context: CanvasRenderingContext2D,
  picture: WholePicture,
  view: View,
  table: Uint8Array | null,
): void {
  const { canvas } = context;
  const left = Math.max(0, Math.floor(-view.x / view.scale));
  const top = Math.max(0, Math.floor(-view.y / view.scale));
  const right = Math.min(picture.width, Math.ceil((canvas.width - view.x) / view.scale));
  const bottom = Math.min(picture.height, Math.ceil((canvas.height - view.y) / view.scale));
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0) return;
  const [x, y] = [left * view.scale + view.x, top * view.scale + view.y];
  context.imageSmoothingEnabled = view.scale < SQUARES_FROM;
  const place = [x, y, width * view.scale, height * view.scale] as const;
  if (picture.kind === "grey") {
    const part = shaded(picture, left, top, width, height, table);
    if (part) context.drawImage(part, ...place);
    return;
  }
  const { bitmap } = picture;
  const [kx, ky] = [bitmap.width / picture.width, bitmap.height / picture.height];
  context.drawImage(bitmap, left * kx, top * ky, width * kx, height * ky, ...place);
}

function shaded(
  { numbers, width: across }: GreyPicture,
  left: number,
  top: number,
  width: number,
  height: number,
  table: Uint8Array | null,
): OffscreenCanvas | null {
  if (!table) return null;
  const image = new ImageData(width, height);
  let to = 0;
  for (let row = top; row < top + height; row++) {
    for (let at = row * across + left; at < row * across + left + width; at++) {
      const shade = table[numbers[at] as number] as number;
      image.data[to++] = shade;
      image.data[to++] = shade;
      image.data[to++] = shade;
      image.data[to++] = 255;
    }
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}
