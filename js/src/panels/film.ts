import { signal } from "@preact/signals";
import type { FrameListener, Wish } from "../link/frame_source.ts";
import { FrameTimes } from "../link/frame_times.ts";
import { Frames } from "../link/frames.ts";
import { textOf } from "../link/kernel.ts";
import { isVideo } from "../link/videos.ts";
import type { ItemInfo, VideoInfo } from "../link/wire.ts";
import type { Picture } from "../render/picture.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";

/** So many frames are painted before their turn. */
const PAINTED_AHEAD = 4;

/** The frames of one video, while it is shown. */
interface Reel {
  readonly item: string;
  readonly video: VideoInfo;
  readonly times: FrameTimes;
  readonly frames: Frames;
}

/**
 * Goes through the frames of the video that a pane shows. Only the frame that was asked for last is
 * brought onto the screen, in one piece with its labels and its number: until it is here, another
 * stays, under its own number.
 */
export class Film {
  /** The frame that was asked for and is not shown yet, null for none. */
  readonly wanted = signal<number | null>(null);
  private reel: Reel | null = null;
  private readonly places = new Map<string, number>();
  private way: 1 | -1 = 1;
  private frame = 0;
  private showing = false;
  private moving = false;
  private waiting: (() => void)[] = [];
  private opening: { readonly frame: number; settle(error?: unknown): void } | null = null;

  constructor(
    private readonly room: Room,
    private readonly pane: Pane,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.leave());
  }

  /** How many frames there are; 0 where the pane shows no video, or it is not opened yet. */
  get count(): number {
    const { item } = this.room.panes.of(this.pane);
    return item && isVideo(item) ? (item.video?.count ?? 0) : 0;
  }

  /** The frames that the task is about: all, or those of a clip, numbered as in the whole file. */
  get ends(): readonly [number, number] {
    const { video } = this.room.panes.of(this.pane).item ?? {};
    return video ? [video.first, video.last] : [0, 0];
  }

  /** Where the hand is: the frame that is wanted, or that is shown. */
  get at(): number {
    return this.wanted.value ?? this.shown;
  }

  /** The frame whose pixels are on the screen. */
  get shown(): number {
    return this.room.panes.of(this.pane).frame;
  }

  /** When frames are shown; null where there is no video. */
  get times(): FrameTimes | null {
    return this.reel?.times ?? null;
  }

  /** Where one was in a video, when it is opened again; else where it begins. */
  begin({ id, video }: ItemInfo): number {
    const { first = 0, last = 0 } = video ?? {};
    return Math.min(Math.max(first, this.places.get(id) ?? first), last);
  }

  /** Where a video that is not open yet is going to be opened. */
  startAt(item: string, frame: number): void {
    this.places.set(item, frame);
  }

  /** Open a video at a frame, whose picture comes first. */
  open(item: string, video: VideoInfo, frame: number, signal?: AbortSignal): Promise<Picture> {
    if (this.reel?.item !== item) this.load(item, video);
    this.want({ frame, way: 1, moving: false });
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown) => {
        if (this.opening === opening) this.opening = null;
        const picture = this.reel?.item === item ? this.reel.frames.ready(frame) : null;
        if (picture) resolve(picture);
        else reject(error ?? new DOMException("left", "AbortError"));
      };
      const opening = { frame, settle };
      this.opening?.settle();
      this.opening = opening;
      signal?.addEventListener("abort", () => settle(signal.reason), { once: true });
      if (this.reel?.frames.ready(frame)) settle();
    });
  }

  /** Show a frame, or the one next to it where there is none. */
  go(index: number): void {
    const [first, last] = this.ends;
    const to = Math.min(Math.max(first, index), last);
    if (!this.reel || to === this.at) return;
    this.way = to < this.at ? -1 : 1;
    this.wanted.value = to;
    this.want({ frame: to, way: this.way, moving: false });
    this.soon();
  }

  /** Resolves once a frame is shown, or another is wanted. */
  reach(index: number): Promise<void> {
    this.go(index);
    if (this.wanted.value === null) return Promise.resolve();
    return new Promise((done) => this.waiting.push(done));
  }

  /** Stay at what is shown: a hand works on it, or plays from there. */
  stay(): void {
    if (this.wanted.value === null && !this.moving) return;
    this.settle();
    this.want({ frame: this.shown, way: this.way, moving: false });
    this.soon();
  }

  /** Another item comes: of this one no more is read. */
  leave(): void {
    this.settle();
    this.opening?.settle();
    // Nothing is to be painted any more of frames that are closed.
    this.moving = false;
    this.pane.viewport.image.expect([], []);
    this.reel?.frames.close();
    this.reel = null;
  }

  /** Is a frame here, to be shown at once? */
  has(frame: number): boolean {
    const picture = this.reel?.frames.ready(frame);
    return picture != null && this.pane.viewport.image.isPainted(picture);
  }

  /** Where one has to begin, to come to a frame. */
  begins(frame: number): number {
    return this.reel?.frames.begins(frame) ?? frame;
  }

  /**
   * Make frames ready from one on: they are about to be played. Those after the one that is due are
   * painted; for itself it would be too late.
   */
  ahead(frame: number, due = frame - 1): void {
    this.wanted.value = null;
    this.want({ frame, way: 1, moving: true });
    const { image } = this.pane.viewport;
    const ready = (from: number, to: number) =>
      Array.from({ length: Math.max(0, to - from) }, (_, i) =>
        this.reel?.frames.ready(from + i),
      ).filter((picture) => picture != null);
    image.expect(ready(due + 1, due + 1 + PAINTED_AHEAD), ready(frame, due + 1));
  }

  /** Bring a frame that is here onto the screen; false where it is not, or another is on its way. */
  play(frame: number): boolean {
    const picture = this.showing ? null : this.reel?.frames.ready(frame);
    if (!picture) return false;
    void this.show(frame, picture);
    return true;
  }

  private load(item: string, video: VideoInfo): void {
    this.leave();
    const { kernel, groups, pictures } = this.room;
    const { viewport } = this.pane;
    const listener: FrameListener = {
      onReady: (frame) => this.ready(frame),
      onFailure: (frame, error) => this.fail(frame, error),
    };
    const frames = new Frames(
      item,
      video,
      { kernel, groups, pictures },
      listener,
      (picture) => viewport.image.shown === picture,
      () => viewport.view.scale * (window.devicePixelRatio || 1),
    );
    this.reel = { item, video, times: new FrameTimes(video), frames };
  }

  private want(wish: Wish): void {
    const stops = this.moving && !wish.moving;
    this.moving = wish.moving;
    if (stops) {
      this.pane.viewport.image.expect([], []);
      this.pane.viewport.image.rest();
    }
    this.reel?.frames.want(wish);
  }

  private ready(frame: number): void {
    if (this.opening?.frame === frame) this.opening.settle();
    const rests = this.wanted.value === null && !this.moving && frame === this.shown;
    if (frame === this.wanted.value || rests) this.soon();
  }

  private fail(frame: number, error: unknown): void {
    if (this.opening?.frame === frame) {
      this.opening.settle(error);
      return;
    }
    if (this.moving) {
      // What cannot be played is shown as what it is.
      if (frame !== this.shown + 1) return;
      this.room.player.stop();
    } else if (frame !== this.wanted.value) return;
    const { panes } = this.room;
    this.pane.viewport.image.clear();
    this.pane.viewport.shapes.load();
    panes.turnTo(this.pane, frame, { kind: "broken", message: textOf(error) });
    this.settle();
  }

  private soon(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.step();
    });
  }

  /** Bring what is wanted onto the screen, or what is better than the copy that is shown. */
  private step(): void {
    const { reel } = this;
    if (!reel || this.showing) return;
    const to = this.wanted.value ?? this.shown;
    const picture = reel.frames.ready(to);
    const { image } = this.pane.viewport;
    const seen = this.wanted.value === null && (this.moving || picture === image.shown);
    // Of a frame that cannot be read nothing is shown.
    if (picture && !seen && (image.shown || this.wanted.value !== null))
      void this.show(to, picture);
  }

  private async show(to: number, picture: Picture): Promise<void> {
    const { room, pane, reel } = this;
    const { labels } = room.panes.of(pane);
    this.showing = true;
    try {
      const later = pane.viewport.image.show(picture, true);
      if (later) await later;
    } finally {
      this.showing = false;
    }
    if (!reel || this.reel !== reel || room.panes.of(pane).item?.id !== reel.item) return;
    const turned = to !== this.shown;
    if (turned && pane.active && room.hand.busy && !room.hand.through)
      room.hand.handle({ type: "cancel" });
    room.panes.turnTo(pane, to, { kind: "ready" });
    if (labels) pane.stage.load(labels.document, to, true);
    if (turned && pane.active) room.selection.keepHere();
    pane.viewport.paintNow();
    this.places.set(reel.item, to);
    if (this.wanted.value === to) this.settle();
    else this.soon();
  }

  private settle(): void {
    this.wanted.value = null;
    for (const done of this.waiting.splice(0)) done();
  }
}
