import type { Size } from "../geometry/transform.ts";

/**
 * A decoded frame of a video as a picture, turned as the file says. Its bitmap is made when somebody
 * wants its pixels; to be seen, it is painted right away.
 */
export class FramePicture {
  readonly kind = "photo";
  private made: ImageBitmap | null = null;

  constructor(
    private readonly frame: VideoFrame,
    readonly width: number,
    readonly height: number,
    /** Degrees, clockwise. */
    private readonly rotation: number,
  ) {}

  get bitmap(): ImageBitmap {
    if (!this.made) {
      const canvas = new OffscreenCanvas(this.width, this.height);
      const context = canvas.getContext("2d", { alpha: false });
      if (context) this.draw(context, this);
      this.made = canvas.transferToImageBitmap();
    }
    return this.made;
  }

  readonly draw = (context: OffscreenCanvasRenderingContext2D, { width, height }: Size): void => {
    const { rotation, frame } = this;
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
  };

  close(): void {
    this.frame.close();
    this.made?.close();
  }
}
