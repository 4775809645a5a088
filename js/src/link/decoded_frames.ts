import { Decoder } from "../render/decoder.ts";
import { FramePicture } from "../render/frame_picture.ts";
import type { Picture } from "../render/picture.ts";
import type { FrameListener, FrameSource, Wish } from "./frame_source.ts";
import type { Group, Groups } from "./groups.ts";
import { isAbort } from "./kernel.ts";
import type { VideoInfo } from "./wire.ts";

/** So much is held decoded: some forty frames of 1080p. */
const MOST_BYTES = 128e6;
const [LEAST, MOST] = [6, 150];
/**
 * So many frames beyond those that were wanted may still come out of the decoder: what was let go of
 * would have to be decoded from the beginning of its group again.
 */
const IN_FLIGHT = 16;
/** After so many groups that cannot be decoded here, no other is tried. */
const MOST_BAD = 3;
const GROUPS_AHEAD = 4;
/** A longer group would have to be sent whole for any frame of it. */
const LONGEST = 600;

/** A group on its way through the decoder. */
interface Run {
  readonly first: number;
  readonly group: Group;
  /** The packet that is fed next, and where its bytes begin. */
  next: number;
  at: number;
  /** Frames that have come out. */
  readonly out: Set<number>;
  over: boolean;
}

/** Frames of a video that the page decodes: some about the one that was wanted last are held. */
export class DecodedFrames implements FrameSource {
  private readonly held = new Map<number, FramePicture>();
  private readonly decoder: Decoder;
  private readonly most: number;
  private readonly bad = new Set<number>();
  private readonly lost = new Set<number>();
  private wish: Wish | null = null;
  private run: Run | null = null;
  private asking: { readonly first: number; readonly ending: AbortController } | null = null;
  private working = false;
  private closed = false;

  constructor(
    private readonly item: string,
    private readonly video: VideoInfo,
    config: VideoDecoderConfig,
    private readonly groups: Groups,
    private readonly listener: FrameListener,
    private readonly inUse: (picture: Picture) => boolean,
  ) {
    const bytes = video.width * video.height * 1.5;
    this.most = Math.min(Math.max(LEAST, Math.floor(MOST_BYTES / bytes)), MOST);
    this.decoder = new Decoder(config, {
      onFrame: (number, frame) => this.take(number, frame),
      onFailure: () => this.fail(),
    });
  }

  ready(frame: number): Picture | null {
    return this.held.get(frame) ?? null;
  }

  /** Is this a frame that the page cannot decode? */
  lacks(frame: number): boolean {
    if (this.bad.size >= MOST_BAD || this.lost.has(frame)) return true;
    const first = this.begins(frame);
    return this.bad.has(first) || this.end(first) - first > LONGEST;
  }

  /** The frame that decoding begins with, to come to another. */
  begins(frame: number): number {
    const { keys } = this.video;
    return keys[lastUpTo(keys, frame)] ?? 0;
  }

  want(wish: Wish): void {
    this.wish = wish;
    this.trim();
    const next = this.missing();
    if (this.asking && (next === null || this.begins(next) !== this.asking.first))
      this.asking.ending.abort();
    this.expect(wish);
    void this.work();
  }

  close(): void {
    this.closed = true;
    this.asking?.ending.abort();
    this.decoder.close();
    for (const one of this.held.values()) one.close();
    this.held.clear();
  }

  private end(first: number): number {
    const { keys, count } = this.video;
    return keys[lastUpTo(keys, first) + 1] ?? count;
  }

  /** The first and the last frame that are worth holding. */
  private span(): readonly [number, number] {
    if (!this.wish) return [0, -1];
    const { frame, moving } = this.wish;
    const back = moving ? 0 : this.most >> 1;
    const ahead = this.most - back - 2;
    return [Math.max(0, frame - back), Math.min(this.video.count - 1, frame + ahead)];
  }

  /** Is a frame worth holding? */
  private isNear(frame: number): boolean {
    const [low, high] = this.span();
    return frame >= low && frame <= high + IN_FLIGHT;
  }

  /** The frame to decode next, null where all that is likely is here. */
  private missing(): number | null {
    if (!this.wish || this.closed) return null;
    const { frame, way, moving } = this.wish;
    const has = (one: number) => this.held.has(one) || this.lacks(one);
    const first = (from: number, to: number) => {
      for (let one = from; one <= to; one++) if (!has(one)) return one;
      return null;
    };
    if (!has(frame)) return frame;
    const [low, high] = this.span();
    const ahead = first(frame + 1, high);
    let here = frame;
    while (here > low && has(here - 1)) here--;
    // Backwards a group is decoded anew for many frames at a time, not for each.
    const near = !moving && here > low && frame - here < (frame - low) / 2;
    const behind = near ? first(low, here - 1) : null;
    return way > 0 ? (ahead ?? behind) : (behind ?? ahead);
  }

  private expect({ frame, way, moving }: Wish): void {
    const { keys } = this.video;
    const at = lastUpTo(keys, frame);
    const ahead = Array.from({ length: GROUPS_AHEAD }, (_, i) => at + i + 1);
    const places = moving ? ahead : way > 0 ? [at + 1, at - 1] : [at - 1, at + 1];
    const firsts = places.flatMap((place) => keys[place] ?? []);
    this.groups.expect(
      this.item,
      firsts.filter((first) => !this.lacks(first)),
    );
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    try {
      for (let next = this.missing(); next !== null; next = this.missing()) {
        try {
          const run = await this.towards(next);
          if (run && !this.closed) await this.advance(run);
        } catch (error) {
          if (!isAbort(error) && !this.closed) this.fail(this.begins(next));
        }
      }
    } finally {
      this.working = false;
    }
  }

  /** The group that a frame is in, where the frame is still to come out of the decoder. */
  private async towards(frame: number): Promise<Run | null> {
    const first = this.begins(frame);
    const { run } = this;
    if (run && run.first === first && !run.over && !run.out.has(frame)) return run;
    const ending = new AbortController();
    this.asking = { first, ending };
    try {
      const group = await this.groups.get(this.item, first, ending.signal);
      if (this.closed) return null;
      this.decoder.restart();
      this.run = { first, group, next: 0, at: 0, out: new Set(), over: false };
      return this.run;
    } finally {
      this.asking = null;
    }
  }

  private async advance(run: Run): Promise<void> {
    const { packets, bytes } = run.group;
    const packet = packets[run.next];
    if (packet) {
      const [, , , key, length] = packet;
      const data = bytes.subarray(run.at, run.at + length);
      run.at += length;
      await this.decoder.feed(run.next++, key, data);
      return;
    }
    await this.decoder.flush();
    run.over = true;
    if (this.run !== run) return;
    for (let frame = run.first; frame < this.end(run.first); frame++)
      if (!run.out.has(frame)) this.lose(frame);
  }

  private take(number: number, decoded: VideoFrame): void {
    const frame = this.run?.group.packets[number]?.[0] ?? -1;
    this.run?.out.add(frame);
    if (!this.isNear(frame) || this.held.has(frame)) {
      decoded.close();
      return;
    }
    const { width, height, rotation } = this.video;
    this.held.set(frame, new FramePicture(decoded, width, height, rotation));
    this.listener.onReady(frame);
  }

  /** What the decoder kept for itself comes from elsewhere. */
  private lose(frame: number): void {
    this.lost.add(frame);
    this.listener.onFailure(frame, null);
  }

  private fail(first = this.run?.first): void {
    this.run = null;
    if (first === undefined) return;
    this.bad.add(first);
    this.listener.onFailure(first, null);
  }

  private trim(): void {
    for (const [frame, picture] of this.held) {
      if (this.isNear(frame) || this.inUse(picture)) continue;
      picture.close();
      this.held.delete(frame);
    }
  }
}

/** The index of the last of rising numbers that is not above another; 0 where all are. */
export function lastUpTo(numbers: Int32Array, most: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) <= most) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
