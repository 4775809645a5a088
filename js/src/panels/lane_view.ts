import { signal } from "@preact/signals";
import { newId } from "../document/ids.ts";
import type { Geometry, Interval, Track } from "../document/types.ts";
import { Density } from "../geometry/density.ts";
import { between, movedKeyframe, shifted, withEdge } from "../geometry/lane_edits.ts";
import type { LaneHit } from "../geometry/lane_hits.ts";
import { type LaneRow, rowsOf, rowWith } from "../geometry/lanes.ts";
import { following, panned, type TimeWindow, wholeOf, zoomed } from "../geometry/time_window.ts";
import { keyed, unkeyed } from "../geometry/track_edits.ts";
import { nearestThere } from "../geometry/track_standing.ts";
import { LOCKED } from "./labels.ts";
import type { Room } from "./room.ts";

/** A drag on a lane, while it goes on. */
export interface LaneDrag {
  readonly hit: LaneHit;
  readonly row: number;
  /** The frame that it began on, and the one that it has come to. */
  readonly from: number;
  readonly to: number;
}

/** What of the lanes is in sight, and what is done to them. */
export class LaneView {
  /** The frames that are in sight; null for all. */
  readonly zoom = signal<TimeWindow | null>(null);
  readonly drag = signal<LaneDrag | null>(null);
  /** The lane that the keys are on. */
  readonly active = signal(0);
  /** What the ids of the rows begin with: no other annotator of the page has the same. */
  readonly tag = newId();
  private counted: { readonly task: string; readonly density: Density } | null = null;
  private seen = -1;

  constructor(private readonly room: Room) {}

  get length(): number {
    return this.room.state.item.value?.frames?.length ?? 0;
  }

  /** Are there lanes for what is open? A sequence has them where something of it goes through time. */
  get shown(): boolean {
    const { room } = this;
    if (!room.onFrames || this.length < 2 || room.state.mode.value === "classification")
      return room.onFrames && this.length > 1 && room.events.classes.length > 0;
    return room.state.item.value?.kind === "video" || room.makesTracks || this.rows.length > 0;
  }

  /** The frames that the task is about: all, or those of a clip. */
  get whole(): TimeWindow {
    const { film } = this.room.pane;
    if (film.count === 0) return wholeOf(this.length);
    const [first, last] = film.ends;
    return { start: first, end: last + 1 };
  }

  get window(): TimeWindow {
    const { zoom, whole } = this;
    const here = zoom.value && zoom.value.start >= whole.start && zoom.value.end <= whole.end;
    return here && zoom.value ? zoom.value : whole;
  }

  get rows(): LaneRow[] {
    void this.room.state.version.value;
    const names = this.room.events.classes.map((made) => made.name);
    return rowsOf(this.room.labels?.objects() ?? [], names);
  }

  /** The rows as they would be if the drag ended here. */
  get dragged(): LaneRow[] {
    const { rows } = this;
    const drag = this.drag.value;
    const made = drag && this.outcome(drag);
    if (!drag || !made) return rows;
    return rows.map((row, i): LaneRow => {
      if (i !== drag.row) return row;
      if (row.kind === "track")
        return made.type === "track"
          ? { ...row, annotation: { ...row.annotation, geometry: made } }
          : row;
      if (made.type !== "interval") return row;
      if (drag.hit.what === "empty") {
        const event = { id: "", revision: 0, class_name: row.className, geometry: made };
        return { ...row, events: [...row.events, event] };
      }
      const { hit } = drag;
      const events = row.events.map((event) =>
        "id" in hit && event.id === hit.id ? { ...event, geometry: made } : event,
      );
      return { ...row, events };
    });
  }

  /** How many objects are on each frame, as of now. */
  get density(): Density {
    const { state, labels } = this.room;
    const task = state.task.value?.id ?? "";
    const { length } = this;
    if (this.counted?.task !== task || this.counted.density.length !== length) {
      this.counted = { task, density: new Density(length) };
      this.seen = -1;
    }
    const { density } = this.counted;
    if (this.seen !== state.version.value) {
      density.update(labels?.objects() ?? []);
      this.seen = state.version.value;
    }
    return density;
  }

  zoomAt(frame: number, factor: number): void {
    this.see(zoomed(this.window, frame, factor, this.whole));
  }

  /** Zoom where the playhead is. */
  zoomBy(factor: number): void {
    this.zoomAt(this.room.state.frame.value + 0.5, factor);
  }

  pan(frames: number): void {
    this.see(panned(this.window, frames, this.whole));
  }

  /** Have a frame in sight. */
  follow(frame: number): void {
    if (this.zoom.value) this.see(following(this.window, frame, this.whole));
  }

  private see(window: TimeWindow): void {
    const { start, end } = this.whole;
    const all = window.end - window.start >= end - start;
    this.zoom.value = all ? null : window;
  }

  /** Select what is on a lane, and go to a frame of it. */
  async pick(id: string, frame: number | null): Promise<void> {
    const { room } = this;
    const annotation = room.labels?.document.get(id);
    if (!annotation) return;
    const { geometry } = annotation;
    const at = room.state.frame.value;
    const to =
      frame ??
      (geometry.type === "track"
        ? nearestThere(geometry, at)
        : geometry.type === "interval"
          ? Math.min(Math.max(at, geometry.first), geometry.last)
          : null);
    room.choice.chooseTool("select");
    room.selection.select([id]);
    if (to !== null && to !== at) await room.player.seek(to);
    room.selection.select([id]);
  }

  /** What a drag makes of what it began on; null where that is nothing. */
  outcome({ hit, from, to }: LaneDrag): Track | Interval | null {
    const last = this.length - 1;
    if (hit.what === "empty") return between(from, to);
    const geometry = this.room.labels?.document.get(hit.id)?.geometry;
    if (hit.what === "keyframe")
      return geometry?.type === "track" ? movedKeyframe(geometry, hit.frame, to, last) : null;
    if (geometry?.type !== "interval") return null;
    if (hit.what === "event") return from === to ? geometry : shifted(geometry, to - from, last);
    return hit.what === "track" ? null : withEdge(geometry, hit.what, to);
  }

  /** A drag ends: what it made is one edit, and one that went nowhere was a click. */
  drop(drag: LaneDrag): void {
    const { room } = this;
    this.drag.value = null;
    const { hit, from, to } = drag;
    if (from === to && hit.what !== "empty") {
      void this.pick(hit.id, hit.what === "keyframe" ? hit.frame : from);
      return;
    }
    if (from === to) {
      void room.player.seek(from);
      return;
    }
    const made = this.outcome(drag);
    if (!made) return;
    if (hit.what === "empty") {
      if (made.type === "interval") room.events.create(hit.className, made);
    } else if (made.type === "interval") {
      room.events.reshape(hit.id, made);
      room.selection.select([hit.id]);
    } else {
      this.put(hit.id, made);
      room.selection.select([hit.id]);
    }
  }

  /** May this be dragged? Of a track its keyframes; nothing of what is locked, or submitted. */
  isFree(hit: LaneHit): boolean {
    const { labels, state, board } = this.room;
    if (state.readOnly.value || hit.what === "track") return false;
    if (hit.what === "empty" || labels?.document.get(hit.id)?.state !== "locked") return true;
    board.say(LOCKED);
    return false;
  }

  /** Take away the keyframe that is pointed at, or make one on a frame of a track. */
  toggleKeyframe(hit: LaneHit, frame: number): void {
    const { room } = this;
    if (hit.what !== "keyframe" && hit.what !== "track") return;
    const geometry = room.labels?.document.get(hit.id)?.geometry;
    if (geometry?.type !== "track" || room.state.readOnly.value) return;
    if (hit.what === "keyframe") {
      const made = unkeyed(geometry, hit.frame);
      if (made) this.put(hit.id, made);
      else room.board.say("It is the only keyframe of its track: Shift+Delete deletes the track.");
      return;
    }
    const made = keyed(geometry, frame);
    if (made) this.put(hit.id, made);
    else room.board.say("It is not in the picture on that frame.");
  }

  private put(id: string, geometry: Geometry): void {
    this.room.labels?.together([{ kind: "update", annotation: id, after: { geometry } }]);
  }

  /** A key while the lanes have the focus; false where it means nothing to them. */
  press(key: string): boolean {
    const { active, rows, room } = this;
    const last = rows.length - 1;
    const at = Math.min(active.value, last);
    const row = rows[at];
    if (!row) return false;
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[key];
    if (to !== undefined) {
      active.value = Math.min(Math.max(0, to), last);
      return true;
    }
    const frame = room.state.frame.value;
    if (key === "Enter") {
      const id =
        row.kind === "track"
          ? row.annotation.id
          : (row.events.find(({ geometry }) => geometry.last >= frame)?.id ??
            row.events.at(-1)?.id);
      if (id) void this.pick(id, null);
      else if (row.kind === "events") room.choice.chooseClass(row.className);
      return true;
    }
    if (key === "+" || key === "-") {
      this.zoomBy(key === "+" ? 1.5 : 1 / 1.5);
      return true;
    }
    return false;
  }

  /** The lane of what was selected last; -1 for none. */
  get chosen(): number {
    const id = this.room.state.selection.value.at(-1);
    return id ? rowWith(this.rows, id) : -1;
  }
}
