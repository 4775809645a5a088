import { signal } from "@preact/signals";
import { inTime } from "../link/videos.ts";
import { isVolume } from "../link/volumes.ts";
import type { Room } from "./room.ts";

/** Pictures a second, where nothing else was chosen. */
export const RATES = [2, 5, 10, 15, 25, 30] as const;
/** So many pictures are fetched and decoded before their turn. */
const AHEAD = 6;

/** Shows the pictures of a sequence one after the other; none is left out, however long it takes. */
export class Player {
  readonly playing = signal(false);
  readonly rate = signal<number>(10);
  private turn = 0;

  constructor(
    private readonly room: Room,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.stop());
  }

  /** How many pictures the open sequence has; 0 where none is open. */
  get length(): number {
    const { item } = this.room.state;
    const inOrder = item.value && (inTime(item.value) || isVolume(item.value));
    return inOrder ? (item.value?.frames?.length ?? 0) : 0;
  }

  toggle(): void {
    if (this.playing.value || this.room.pane.across.cut.value) this.stop();
    else void this.play();
  }

  stop(): void {
    this.turn++;
    this.playing.value = false;
  }

  /** Show one picture of the sequence, and go on to play no further. */
  async seek(frame: number): Promise<void> {
    this.stop();
    const { stack } = this.room.pane;
    if (stack.count > 0) {
      stack.go(frame);
      return;
    }
    await this.show(Math.min(Math.max(0, frame), this.length - 1));
  }

  private async play(): Promise<void> {
    const { state } = this.room;
    if (this.length < 2) return;
    const turn = ++this.turn;
    const item = state.item.value?.id;
    const mine = () => turn === this.turn && state.item.value?.id === item;
    this.playing.value = true;
    let due = performance.now();
    let next = state.frame.value + 1 < this.length ? state.frame.value + 1 : 0;
    try {
      for (; mine() && next < this.length; next++) {
        due = Math.max(due + 1000 / this.rate.value, performance.now());
        this.fetchFrom(next);
        await Promise.all([this.picture(next), until(due)]);
        if (!mine()) return;
        await this.show(next);
      }
    } catch (error) {
      this.room.complain(error);
    } finally {
      if (turn === this.turn) this.stop();
    }
  }

  private async show(frame: number): Promise<void> {
    if (this.length > 0 && frame !== this.room.state.frame.value)
      await this.room.panes.showFrame(frame);
  }

  /** What is shown soon is asked for now. */
  private fetchFrom(frame: number): void {
    const end = Math.min(frame + AHEAD, this.length);
    for (let at = frame; at < end; at++) void this.picture(at)?.catch(() => undefined);
  }

  private picture(frame: number) {
    const { state, pictures } = this.room;
    return state.item.value ? pictures.get(state.item.value.id, frame) : undefined;
  }
}

function until(moment: number): Promise<void> {
  const wait = moment - performance.now();
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
}
