import { signal } from "@preact/signals";
import type { Annotation, Interval, ObjectClass } from "../document/types.ts";
import { between } from "../geometry/lane_edits.ts";
import { isEvent } from "../geometry/lanes.ts";
import { frameName } from "./frame_name.ts";
import { commandKey } from "./keys.ts";
import { isEventClass, offered } from "./offer.ts";
import type { Room } from "./room.ts";

/** Where something began that has not ended yet. */
interface Begun {
  readonly task: string;
  readonly frame: number;
}

/** What happens from one frame of a video to another: begun, ended, and moved. */
export class Events {
  /** By class. */
  private readonly begun = signal<ReadonlyMap<string, Begun>>(new Map());

  /** The notice that one began; it is not so any more once it ended. */
  private told = 0;

  constructor(private readonly room: Room) {}

  /** The classes of events that are offered. */
  get classes(): readonly ObjectClass[] {
    return this.room.onFrames ? offered(this.room.state.ontology.value).filter(isEventClass) : [];
  }

  /** The class that is begun and ended: the chosen one, else the first. */
  get current(): ObjectClass | undefined {
    const { classes } = this;
    const chosen = this.room.state.className.value;
    return classes.find((made) => made.name === chosen) ?? classes[0];
  }

  /** The frame on which an event of a class began that has not ended; null for none. */
  begunOn(className: string): number | null {
    const begun = this.begun.value.get(className);
    return begun && begun.task === this.room.state.task.value?.id ? begun.frame : null;
  }

  /** An event of the class begins on the frame that is shown, or ends on it. */
  toggle(): void {
    const { room, current } = this;
    if (room.state.readOnly.value || room.frame === null) return;
    if (!current) {
      if (room.onFrames) room.board.say("No class of this project is drawn as an interval.");
      return;
    }
    const { name } = current;
    const first = this.begunOn(name);
    const begun = new Map(this.begun.value);
    if (first === null) {
      begun.set(name, { task: room.state.task.value?.id ?? "", frame: room.frame });
      room.board.say(
        `“${name}” begins on frame ${frameName(room.frame)}. ${commandKey("event.toggle")} where it ends; Escape drops it.`,
      );
      this.told = room.board.latest;
    } else {
      room.board.dismiss(this.told);
      begun.delete(name);
      this.create(name, between(first, room.frame));
    }
    this.begun.value = begun;
  }

  /** Forget what has not ended; false where nothing was begun. */
  drop(): boolean {
    const mine = [...this.begun.value].filter(([name]) => this.begunOn(name) !== null);
    if (mine.length === 0) return false;
    this.begun.value = new Map();
    this.room.board.dismiss(this.told);
    this.room.board.say(`${mine.map(([name]) => `“${name}”`).join(", ")} not begun.`);
    return true;
  }

  create(className: string, event: Interval): void {
    const { room } = this;
    const id = room.labels?.create(className, event);
    if (id) room.selection.select([id]);
  }

  /** An event begins or ends elsewhere. */
  reshape(id: string, event: Interval): void {
    this.room.labels?.together([{ kind: "update", annotation: id, after: { geometry: event } }]);
  }

  /** What happens on the frame that is shown. */
  get here(): Annotation[] {
    void this.room.state.version.value;
    const frame = this.room.state.frame.value;
    if (!this.room.onFrames) return [];
    return (this.room.labels?.objects() ?? []).filter(
      (one) => isEvent(one) && one.geometry.first <= frame && frame <= one.geometry.last,
    );
  }
}
