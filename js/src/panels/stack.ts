import { signal } from "@preact/signals";
import { isAbort, textOf } from "../link/kernel.ts";
import { LOST_MS, MOST_AHEAD } from "../link/pictures.ts";
import { isVolume } from "../link/volumes.ts";
import type { ItemInfo } from "../link/wire.ts";
import type { Picture } from "../render/picture.ts";
import { aheadOf, firstSlice } from "./likely_slices.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";
import { WheelSteps } from "./wheel_steps.ts";

/** A slice that takes longer is told to be on its way, and no other is shown meanwhile. */
const LATE_MS = 150;
/** A hand that has not moved on for so long wants the slice it is at. */
const REST_MS = 50;

/**
 * Goes through the slices of the scan that a pane shows. Only the slice that was asked for last is
 * brought onto the screen, in one piece with its labels and its number: until it is here, another
 * stays for a moment, under its own number.
 */
export class Stack {
  /** The slice that was asked for and is not shown yet, null for none. */
  readonly wanted = signal<number | null>(null);
  private readonly wheel = new WheelSteps();
  private readonly places = new Map<string, number>();
  /** The item whose slices are read ahead. */
  private travelled: string | null = null;
  private way = 1;
  private frame = 0;
  /** The slice that is asked for. */
  private asked: number | null = null;
  private asking: AbortController | null = null;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private late: ReturnType<typeof setTimeout> | undefined;
  /** Slices are asked for faster than they come. */
  private hurried = false;
  /** Nothing is shown, as nothing of the slice that is wanted is here. */
  private bare = false;
  private landing: ReturnType<typeof setTimeout> | undefined;
  private showing = false;
  /** A small copy is on its way. */
  private sketching = false;
  /** The slice whose small copy is shown. */
  private sketched: number | null = null;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly room: Room,
    private readonly pane: Pane,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.leave());
  }

  /** How many slices there are; 0 where the pane shows no scan, or its slices are not known yet. */
  get count(): number {
    if (this.pane.across.cut.value) return this.pane.across.count;
    const { item } = this.room.panes.of(this.pane);
    return item && isVolume(item) ? (item.frames?.length ?? 0) : 0;
  }

  /** Where the hand is: the slice that is wanted, or that is shown. */
  get at(): number {
    if (this.pane.across.cut.value) return this.pane.across.at;
    return this.wanted.value ?? this.room.panes.of(this.pane).frame;
  }

  /** Turn the wheel by so many pixels. */
  turn(pixels: number): void {
    const steps = this.wheel.take(pixels, performance.now());
    if (steps !== 0) this.go(this.at + steps);
  }

  /** Show a slice, or the one next to it where there is none. */
  go(index: number): void {
    if (this.pane.across.cut.value) {
      this.pane.across.go(index);
      return;
    }
    const { count } = this;
    const to = Math.min(Math.max(0, index), count - 1);
    if (count === 0 || to === this.at) return;
    this.way = Math.sign(to - this.at);
    clearTimeout(this.landing);
    this.hurried = this.wanted.value !== null;
    this.wanted.value = to;
    this.room.linking.moved(this.pane);
    clearTimeout(this.resting);
    if (this.hurried) this.resting = setTimeout(() => this.rest(to), REST_MS);
    this.soon();
  }

  /** Resolves once a slice is shown, or another is wanted. */
  reach(index: number): Promise<void> {
    this.go(index);
    if (this.wanted.value === null) return Promise.resolve();
    return new Promise((done) => this.waiting.push(done));
  }

  /** Stay at what is shown: a hand works on it. */
  stay(): void {
    this.wanted.value = null;
    this.settle();
  }

  /** Another picture comes, perhaps of another item: of the one that was shown no more is read. */
  leave(): void {
    this.stay();
    clearTimeout(this.landing);
    const { panes, pictures } = this.room;
    const { travelled } = this;
    const shown = panes.all.value.some((pane) => panes.of(pane).item?.id === travelled);
    if (travelled && !shown) pictures.travel(travelled, []);
  }

  /** The slice that a scan begins with, when it is opened. */
  begin(): number {
    const { item, labels } = this.room.panes.of(this.pane);
    const known = this.places.get(item?.id ?? "");
    return known ?? firstSlice(this.count, labels?.document.all() ?? []);
  }

  /** A slice is on the screen: those that are likely to be next are made ready. */
  shown(): void {
    const { item, frame } = this.room.panes.of(this.pane);
    if (!item?.volume) return;
    this.places.set(item.id, frame);
    const [slices, rows, columns] = item.volume.shape;
    const most = Math.floor(MOST_AHEAD / (rows * columns * (item.volume.colour ? 4 : 2)));
    const likely = aheadOf(frame, slices, this.way, item.volume.near === true);
    this.travelled = item.id;
    this.room.pictures.travel(item.id, likely.slice(0, most));
  }

  private soon(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.step();
    });
  }

  /** The hand has come to rest, unless it was the page that did not hear of it. */
  private rest(at: number): void {
    const rest = () => {
      if (this.wanted.value !== at) return;
      this.hurried = false;
      this.step();
    };
    requestAnimationFrame(() => requestAnimationFrame(rest));
  }

  /** Bring the slice that is wanted onto the screen, or what is here of it. */
  private step(): void {
    const to = this.wanted.value;
    const { item } = this.room.panes.of(this.pane);
    if (to === null || !item || this.showing) return;
    const picture = this.room.pictures.ready(item.id, to);
    if (picture) return void this.show(to, picture);
    if (!this.hurried && this.asked !== to) this.ask(item.id, to);
    if (this.sketch(item, to)) return;
    if (this.bare) this.lay(to);
    else
      this.late ??= setTimeout(() => {
        this.strip();
        this.step();
      }, LATE_MS);
  }

  /** Show a small copy of a slice, or ask for it; false while there is none. */
  private sketch({ id, frames }: ItemInfo, to: number): boolean {
    const { coarse } = this.room;
    const size = frames?.[to]?.size;
    const small = size && coarse.ready(id, to, size);
    if (small) {
      if (this.sketched !== to) void this.show(to, small);
      return true;
    }
    // One at a time, and only where the slice itself lets one wait.
    if (this.sketching || !(this.hurried || this.bare)) return false;
    this.sketching = true;
    coarse
      .fetch(id, to, this.signal)
      .then((found) => found && this.soon())
      .catch(() => false)
      .finally(() => {
        this.sketching = false;
      });
    return false;
  }

  private ask(item: string, to: number): void {
    this.asking?.abort();
    clearTimeout(this.again);
    this.asked = to;
    this.again = setTimeout(() => this.ask(item, to), LOST_MS + 1);
    const asking = new AbortController();
    this.asking = asking;
    this.room.pictures.get(item, to, asking.signal).then(
      () => {
        if (this.asking !== asking) return;
        this.forget();
        this.soon();
      },
      (error) => {
        if (isAbort(error) || this.asking !== asking) return;
        this.forget();
        if (this.wanted.value !== to) return;
        this.strip();
        this.room.panes.say(this.pane, { kind: "broken", message: textOf(error) });
        this.stay();
      },
    );
  }

  /** Show nothing of a slice whose number is told. */
  private strip(): void {
    const to = this.wanted.value;
    // One that is on its way onto the screen would be taken off it again.
    if (to === null || this.showing) return;
    this.bare = true;
    this.pane.viewport.image.clear();
    this.pane.viewport.shapes.load();
    this.lay(to);
  }

  private lay(to: number): void {
    this.room.panes.turnTo(this.pane, to, { kind: "loading" });
  }

  private async show(to: number, picture: Picture): Promise<void> {
    const { room, pane } = this;
    const { item, labels } = room.panes.of(pane);
    this.showing = true;
    try {
      const later = pane.viewport.image.show(picture, true);
      if (later) await later;
    } finally {
      this.showing = false;
    }
    if (room.panes.of(pane).item?.id !== item?.id) return;
    const { hand } = room;
    if (pane.active && hand.busy && !hand.through) hand.handle({ type: "cancel" });
    const about = picture.kind !== "tiled" && picture.about === true;
    this.sketched = about ? to : null;
    room.panes.turnTo(pane, to, { kind: about ? "coarse" : "ready" });
    if (labels) pane.stage.load(labels.document, to, true);
    if (pane.active) room.selection.keepHere();
    pane.viewport.paintNow();
    this.bare = false;
    this.calm();
    if (this.wanted.value !== to) this.soon();
    else if (!about) this.stay();
    if (about) return;
    this.places.set(item?.id ?? "", to);
    // For a slice that a hand flies past nothing more is read from afar.
    if (item?.volume?.near) this.shown();
    else this.landing = setTimeout(() => this.shown(), REST_MS);
  }

  private forget(): void {
    this.asking = null;
    this.asked = null;
    clearTimeout(this.again);
  }

  /** Something is seen of what is wanted. */
  private calm(): void {
    clearTimeout(this.late);
    this.late = undefined;
  }

  private settle(): void {
    clearTimeout(this.resting);
    this.calm();
    this.hurried = false;
    this.asking?.abort();
    this.forget();
    for (const done of this.waiting.splice(0)) done();
  }
}
