import type { Picture, WholePicture } from "../render/picture.ts";
import type { FrameListener, FrameSource, Wish } from "./frame_source.ts";
import { bytesOf, isAbort, type Kernel } from "./kernel.ts";
import { decoded, type Pictures } from "./pictures.ts";
import type { VideoInfo } from "./wire.ts";

/** So many frames are asked for before their turn, and so many of them at once. */
const AHEAD = 12;
const AT_ONCE = 4;
const MOST_BYTES = 96e6;
const BESIDE = [1, 2, 3, -1] as const;

/**
 * Frames of a video that the kernel decodes: while they are gone past as JPEG of the size that is
 * seen, and without loss where one stays.
 */
export class SentFrames implements FrameSource {
  private readonly passing = new Map<number, WholePicture>();
  private readonly coming = new Map<number, AbortController>();
  private likely: readonly number[] = [];
  private bytes = 0;
  private exact: { readonly frame: number; readonly ending: AbortController } | null = null;

  constructor(
    private readonly item: string,
    private readonly video: VideoInfo,
    private readonly kernel: Pick<Kernel, "ask">,
    private readonly pictures: Pictures,
    private readonly listener: FrameListener,
    private readonly inUse: (picture: Picture) => boolean,
    /** Pixels of the screen for each of the frame. */
    private readonly scale: () => number,
  ) {}

  ready(frame: number): Picture | null {
    return this.pictures.ready(this.item, frame) ?? this.passing.get(frame) ?? null;
  }

  want(wish: Wish): void {
    const { frame, way, moving } = wish;
    if (!moving) {
      this.pass([]);
      this.stay(frame);
      const beside = BESIDE.map((step) => frame + way * step);
      this.pictures.travel(
        this.item,
        beside.filter((one) => one >= 0 && one < this.video.count),
      );
      return;
    }
    this.leave();
    this.pictures.travel(this.item, []);
    const most = Math.min(AHEAD, this.video.count - frame);
    this.pass(Array.from({ length: most }, (_, i) => frame + i));
  }

  /** Nothing is wanted of here for now. */
  rest(): void {
    if (this.likely.length > 0 || this.exact) {
      this.pass([]);
      this.leave();
      this.pictures.travel(this.item, []);
    }
  }

  close(): void {
    this.rest();
    for (const one of this.passing.values()) if (one.kind === "photo") one.bitmap.close();
    this.passing.clear();
  }

  private stay(frame: number): void {
    if (this.exact?.frame === frame) return;
    this.leave();
    if (this.pictures.ready(this.item, frame)) {
      this.listener.onReady(frame);
      return;
    }
    const ending = new AbortController();
    const exact = { frame, ending };
    this.exact = exact;
    const over = () => {
      if (this.exact === exact) this.exact = null;
    };
    this.pictures.get(this.item, frame, ending.signal).then(
      () => {
        over();
        if (!ending.signal.aborted) this.listener.onReady(frame);
      },
      (error) => {
        over();
        if (!isAbort(error)) this.listener.onFailure(frame, error);
      },
    );
  }

  private leave(): void {
    this.exact?.ending.abort();
    this.exact = null;
  }

  private pass(frames: readonly number[]): void {
    this.likely = frames;
    for (const [frame, ending] of this.coming) {
      if (frames.includes(frame)) continue;
      this.coming.delete(frame);
      ending.abort();
    }
    this.pump();
  }

  private pump(): void {
    for (const frame of this.likely) {
      if (this.coming.size >= AT_ONCE) return;
      if (!this.coming.has(frame) && !this.ready(frame)) void this.fetch(frame);
    }
  }

  private async fetch(frame: number): Promise<void> {
    const ending = new AbortController();
    this.coming.set(frame, ending);
    const { width, height } = this.video;
    const edge = Math.ceil(Math.max(width, height) * Math.min(1, this.scale()));
    const asked = { type: "glimpse", item: this.item, frame, edge: Math.min(edge, 4096) } as const;
    try {
      const { message, buffers } = await this.kernel.ask(asked, ["glimpse"], ending.signal);
      const made = await decoded(message, bytesOf(buffers[0]));
      if (made.kind !== "photo" || ending.signal.aborted) return;
      this.keep(frame, { ...made, width, height, about: true });
      this.listener.onReady(frame);
    } catch (error) {
      if (isAbort(error)) return;
      this.likely = this.likely.filter((one) => one !== frame);
      this.listener.onFailure(frame, error);
    } finally {
      if (this.coming.get(frame) === ending) this.coming.delete(frame);
      this.pump();
    }
  }

  private keep(frame: number, picture: WholePicture): void {
    this.passing.set(frame, picture);
    this.bytes += sizeOf(picture);
    for (const [old, gone] of this.passing) {
      if (this.bytes <= MOST_BYTES) return;
      if (this.likely.includes(old) || this.inUse(gone)) continue;
      this.passing.delete(old);
      this.bytes -= sizeOf(gone);
      if (gone.kind === "photo") gone.bitmap.close();
    }
  }
}

function sizeOf(picture: WholePicture): number {
  return picture.kind === "photo" ? picture.bitmap.width * picture.bitmap.height * 4 : 0;
}
