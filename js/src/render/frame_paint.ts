import type { Size } from "../geometry/transform.ts";

/** A decoded frame, and by how many degrees it is turned to be seen: clockwise. */
export interface TurnedFrame {
  readonly frame: VideoFrame;
  readonly rotation: number;
}

/** Paint a frame at a size, as it is to be seen. */
export function paintFrame({ frame, rotation }: TurnedFrame, { width, height }: Size): ImageBitmap {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  if (context) {
    const lying = rotation % 180 !== 0;
    const [across, down] = lying ? [height, width] : [width, height];
    // At half the size the quick way is the mean of four pixels, as it should be.
    context.imageSmoothingQuality = 2 * across < frame.displayWidth ? "medium" : "low";
    if (rotation) {
      context.translate(width / 2, height / 2);
      context.rotate((rotation * Math.PI) / 180);
      context.translate(-across / 2, -down / 2);
    }
    context.drawImage(frame, 0, 0, across, down);
  }
  return canvas.transferToImageBitmap();
}
