/** When frames are shown, in seconds. */
export interface Times {
  readonly count: number;
  seconds(frame: number): number;
  at(seconds: number): number;
}

/** A frame that is on the screen for a shorter time may be left out: screens show no more. */
const SHORTEST_S = 0.016;

/** Says which frame is due at a time of the clock, by the timestamps of the frames. */
export class Pace {
  /** What the clock says, in milliseconds, when the frame `from` is due. */
  private since = 0;
  private from = 0;

  constructor(
    private readonly times: Times,
    private speed: number,
  ) {}

  /** The frame is due now. */
  begin(frame: number, now: number): void {
    this.from = frame;
    this.since = now;
  }

  /** Go on faster or slower, from where it is. */
  use(speed: number, now: number): void {
    const at = this.position(now);
    this.speed = speed;
    const gone = at - this.times.seconds(this.from);
    this.since = now - (gone / speed) * 1000;
  }

  due(now: number): number {
    return Math.max(this.from, this.times.at(this.position(now)));
  }

  /** How late a frame is, in seconds of the clock. */
  late(frame: number, now: number): number {
    const next = Math.min(frame + 1, this.times.count - 1);
    return (this.position(now) - this.times.seconds(next)) / this.speed;
  }

  /** How many frames between two that were shown should have been seen, and were not. */
  dropped(before: number, after: number): number {
    let count = 0;
    for (let frame = before + 1; frame < after; frame++) {
      const lasts = this.times.seconds(frame + 1) - this.times.seconds(frame);
      if (lasts / this.speed >= SHORTEST_S) count++;
    }
    return count;
  }

  /** The time of the video, in seconds, that is now. */
  private position(now: number): number {
    return this.times.seconds(this.from) + ((now - this.since) / 1000) * this.speed;
  }
}
