import { paintFrame, type TurnedFrame } from "./frame_paint.ts";

/**
 * A decoded frame of a video as a picture, turned as the file says. Its bitmap is made when somebody
 * wants its pixels; to be seen, it is painted right away.
 */
export class FramePicture {
  readonly kind = "photo";
  readonly turned: TurnedFrame;
  private made: ImageBitmap | null = null;

  constructor(
    frame: VideoFrame,
    readonly width: number,
    readonly height: number,
    rotation: number,
  ) {
    this.turned = { frame, rotation };
  }

  get bitmap(): ImageBitmap {
    this.made ??= paintFrame(this.turned, this);
    return this.made;
  }

  close(): void {
    this.turned.frame.close();
    this.made?.close();
  }
}
