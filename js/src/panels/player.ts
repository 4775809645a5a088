import { signal } from "@preact/signals";
import { inTime } from "../link/videos.ts";
import { isVolume } from "../link/volumes.ts";
import type { Film } from "./film.ts";
import { Pace } from "./pace.ts";
import type { Room } from "./room.ts";

/** Pictures a second, where nothing else was chosen. */
export const RATES = [2, 5, 10, 15, 25, 30] as const;
/** Of videos: times their own rate. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4] as const;
/** So many pictures are fetched and decoded before their turn. */
const AHEAD = 6;
/** Later than this, what can be skipped is. */
const LATE_S = 0.25;
/** Later than this, the clock waits: there is nothing that could be skipped. */
const TOO_LATE_S = 1;

/**
 * Shows pictures one after the other. Of a sequence or a scan none is left out, however long it
 * takes; a video keeps to its clock, and what could not be shown in time is counted.
 */
export class Player {
  readonly playing = signal(false);
  readonly rate = signal<number>(10);
  readonly speed = signal<number>(1);
  /** Frames that were not ready when they were due, since a video was played last. */
  readonly dropped = signal(0);
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
    const { pane } = this.room;
    if (this.playing.value || pane.across.cut.value) this.stop();
    else if (pane.film.count > 0) void this.playFilm(pane.film);
    else void this.play();
  }

  stop(): void {
    this.turn++;
    if (!this.playing.value) return;
    this.playing.value = false;
    this.room.pane.film.stay();
  }

  /** Show one picture of the sequence, and go on to play no further. */
  async seek(frame: number): Promise<void> {
    this.stop();
    const { stack, film } = this.room.pane;
    if (stack.count > 0) {
      stack.go(frame);
      return;
    }
    if (film.count > 0) {
      film.go(frame);
      return;
    }
    await this.show(Math.min(Math.max(0, frame), this.length - 1));
  }

  /** Go on by so many pictures. */
  step(frames: number): void {
    const { film } = this.room.pane;
    const at = film.count > 0 && !this.playing.value ? film.at : this.room.state.frame.value;
    void this.seek(at + frames);
  }

  private async playFilm(film: Film): Promise<void> {
    const { times } = film;
    if (!times || times.count < 2) return;
    const turn = ++this.turn;
    const mine = () => turn === this.turn && film.times === times;
    this.dropped.value = 0;
    this.playing.value = true;
    const [first, last] = film.ends;
    if (film.at === last) await film.reach(first);
    else await film.reach(film.at);
    let speed = this.speed.value;
    const pace = new Pace(times, speed);
    let before = await nextFrame();
    pace.begin(film.shown, before);
    while (mine() && film.shown < last) {
      const now = await nextFrame();
      if (!mine()) return;
      if (speed !== this.speed.value) {
        speed = this.speed.value;
        pace.use(speed, before);
      }
      // A page that was hidden has not shown anything meanwhile.
      if (now - before > 1000) pace.begin(film.shown, now);
      before = now;
      this.showDue(film, pace, now);
    }
    if (mine()) this.stop();
  }

  /** Show the newest frame that is due and here, and have those ready that are due next. */
  private showDue(film: Film, pace: Pace, now: number): void {
    const { shown } = film;
    const due = pace.due(now);
    let next = due;
    while (next > shown && !film.has(next)) next--;
    if (next > shown && film.play(next)) this.dropped.value += pace.dropped(shown, next);
    const at = film.shown;
    const late = at < due ? pace.late(at, now) : 0;
    const begins = film.begins(due);
    if (late > LATE_S && begins > at + 1) film.ahead(begins);
    else {
      if (late > TOO_LATE_S) pace.begin(at, now);
      film.ahead(Math.min(at + 1, film.count - 1), due);
    }
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

/** The next time that the screen is painted, by the page's clock. */
function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
