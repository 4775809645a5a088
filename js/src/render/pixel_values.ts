import type { Box } from "../geometry/box.ts";
import type { Pixels } from "../tools/tool.ts";
import type { GreyPicture, WholePicture } from "./picture.ts";

/** Values of the pixels in a box, clipped to the picture; null where there are none. */
export function valuesIn(picture: WholePicture, box: Box): Pixels | null {
  const x = Math.max(0, Math.floor(box.minX));
  const y = Math.max(0, Math.floor(box.minY));
  const width = Math.min(picture.width, Math.ceil(box.maxX)) - x;
  const height = Math.min(picture.height, Math.ceil(box.maxY)) - y;
  if (width <= 0 || height <= 0) return null;
  // A smaller copy has none of them.
  if (picture.about) return null;
  const place = { x, y, width, height };
  if (picture.kind === "grey") return greyIn(picture, place);
  const { bitmap } = picture;
  // A picture that browsers can only hold in a smaller size has no such pixels.
  if (bitmap.width !== picture.width) return null;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) return null;
  context.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const values = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < values.length; from += 4) {
    values[to++] = data[from] ?? 0;
    values[to++] = data[from + 1] ?? 0;
    values[to++] = data[from + 2] ?? 0;
  }
  return { ...place, channels: 3, values };
}

function greyIn(picture: GreyPicture, place: Pick<Pixels, "x" | "y" | "width" | "height">): Pixels {
  const { numbers, meaning } = picture;
  const { x, y, width, height } = place;
  const plain = meaning.scale === 1 && meaning.offset === 0 && !meaning.gaps;
  const values = plain ? new Uint16Array(width * height) : new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * picture.width + x;
    const line = numbers.subarray(from, from + width);
    if (plain) values.set(line, row * width);
    else {
      line.forEach((number, i) => {
        const gap = meaning.gaps && number === 0;
        values[row * width + i] = gap ? Number.NaN : number * meaning.scale + meaning.offset;
      });
    }
  }
  return { ...place, channels: 1, values };
}
