import type { VideoInfo } from "./wire.ts";

/** When the frames of a video are shown, in seconds from its first one. */
export class FrameTimes {
  private readonly first: bigint;

  constructor(private readonly video: Pick<VideoInfo, "pts" | "timeBase">) {
    this.first = video.pts[0] ?? 0n;
  }

  get count(): number {
    return this.video.pts.length;
  }

  /** When a frame is shown first. */
  seconds(frame: number): number {
    const [numerator, denominator] = this.video.timeBase;
    const ticks = Number((this.video.pts[frame] ?? this.first) - this.first);
    return (ticks * numerator) / denominator;
  }

  /** How long a frame is shown; the last one as long as frames are on average. */
  lasts(frame: number): number {
    const last = this.count - 1;
    if (frame < last) return this.seconds(frame + 1) - this.seconds(frame);
    return last > 0 ? this.seconds(last) / last : 0;
  }

  pts(frame: number): bigint {
    return this.video.pts[frame] ?? this.first;
  }

  /** The frame that is seen at a time: the last one that is shown by then. */
  at(seconds: number): number {
    const [numerator, denominator] = this.video.timeBase;
    // Half a tick: a time that was written down was rounded.
    const ticks = Math.floor((seconds * denominator) / numerator + 0.5);
    return this.upTo(this.first + BigInt(ticks));
  }

  /** The last frame whose timestamp is not above another; 0 where all are. */
  upTo(pts: bigint): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.video.pts[middle] as bigint) <= pts) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
