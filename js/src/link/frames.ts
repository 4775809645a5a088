import { configOf } from "../render/decoder.ts";
import type { Picture } from "../render/picture.ts";
import { DecodedFrames } from "./decoded_frames.ts";
import type { FrameListener, FrameSource, Wish } from "./frame_source.ts";
import type { Groups } from "./groups.ts";
import type { Kernel } from "./kernel.ts";
import type { Pictures } from "./pictures.ts";
import { SentFrames } from "./sent_frames.ts";
import type { VideoInfo } from "./wire.ts";

/** What the frames of a video are made with. */
export interface Sources {
  readonly kernel: Pick<Kernel, "ask">;
  readonly groups: Groups;
  readonly pictures: Pictures;
}

/** The frames of one video: decoded in the page where it can, else in the kernel. */
export class Frames implements FrameSource {
  private decoded: DecodedFrames | null = null;
  private readonly sent: SentFrames;
  private wish: Wish | null = null;
  private deciding = true;
  private closed = false;

  constructor(
    item: string,
    video: VideoInfo,
    { kernel, groups, pictures }: Sources,
    private readonly listener: FrameListener,
    inUse: (picture: Picture) => boolean,
    scale: () => number,
  ) {
    this.sent = new SentFrames(item, video, kernel, pictures, listener, inUse, scale);
    // What the page cannot decode is asked for in another place, and nobody need hear of it.
    const own: FrameListener = {
      onReady: (frame) => this.listener.onReady(frame),
      onFailure: () => this.again(),
    };
    void configOf(video).then((config) => {
      if (this.closed) return;
      this.deciding = false;
      if (config) this.decoded = new DecodedFrames(item, video, config, groups, own, inUse);
      this.again();
    });
  }

  ready(frame: number): Picture | null {
    return this.decoded?.ready(frame) ?? this.sent.ready(frame);
  }

  /** The frame that one has to begin with, to come to another. */
  begins(frame: number): number {
    return this.decoded && !this.decoded.lacks(frame) ? this.decoded.begins(frame) : frame;
  }

  want(wish: Wish): void {
    this.wish = wish;
    if (this.deciding || this.closed) return;
    const { decoded, sent } = this;
    decoded?.want(wish);
    if (!decoded || decoded.lacks(wish.frame)) sent.want(wish);
    else sent.rest();
  }

  close(): void {
    this.closed = true;
    this.decoded?.close();
    this.sent.close();
  }

  private again(): void {
    if (this.wish) this.want(this.wish);
  }
}
