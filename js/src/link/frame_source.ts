import type { Picture } from "../render/picture.ts";

/** Which frame is wanted, and where a hand or the clock goes from there. */
export interface Wish {
  readonly frame: number;
  /** 1 forwards, -1 backwards. */
  readonly way: 1 | -1;
  /** Frames are gone past: those ahead are wanted, those on either side are not. */
  readonly moving: boolean;
}

export interface FrameListener {
  /** A frame is ready that was not, or better than it was. */
  onReady(frame: number): void;
  onFailure(frame: number, error: unknown): void;
}

/** Where the frames of a video come from. */
export interface FrameSource {
  /** A frame that is here; it may be shown until another is asked for. */
  ready(frame: number): Picture | null;
  /** Make a frame ready, and those that are likely to be next; all else is given up. */
  want(wish: Wish): void;
  /** Nothing of the video is wanted any more. */
  close(): void;
}
