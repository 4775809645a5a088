import type { Annotation } from "../document/types.ts";
import { nextGap, nextKey, nextLabelled, numbersOf, type Way } from "../geometry/jumps.ts";
import type { Room } from "./room.ts";

/** From frame to frame where there is something to see or to do: of the selection, else of all. */
export class Jumps {
  constructor(private readonly room: Room) {}

  /** Do what a key stands for; false where it stands for nothing here. */
  run(command: string): boolean {
    const way = command.endsWith(".next") ? 1 : -1;
    if (!this.room.onFrames) return false;
    if (command.startsWith("key.")) this.key(way);
    else if (command.startsWith("gap.")) this.gap(way);
    else if (command.startsWith("labelled.")) this.labelled(way);
    else return false;
    return true;
  }

  key(way: Way): void {
    const { room, selected } = this;
    const all = selected.length > 0 ? selected : (room.labels?.objects() ?? []);
    this.go(
      nextKey(all, this.frame, way),
      way > 0 ? "No keyframe comes later." : "No keyframe is before this one.",
    );
  }

  gap(way: Way): void {
    const { room, selected } = this;
    const there = numbersOf(room.lanes.density, selected);
    // Not that there are labels on all of them: this frame may be in the last gap.
    const whose = selected.length > 0 ? "of what is selected " : "";
    this.go(
      nextGap(there, this.frame, way),
      `No gap ${whose}begins ${way > 0 ? "after" : "before"} this frame.`,
    );
  }

  labelled(way: Way): void {
    const there = this.room.lanes.density.counts;
    this.go(
      nextLabelled(there, this.frame, way),
      `No frame ${way > 0 ? "after" : "before"} this one has labels.`,
    );
  }

  private get frame(): number {
    return this.room.state.frame.value;
  }

  /** What is selected and goes through frames. */
  private get selected(): Annotation[] {
    const { labels, state } = this.room;
    return state.selection.value.flatMap((id) => {
      const one = labels?.document.get(id);
      return one && ["track", "interval"].includes(one.geometry.type) ? [one] : [];
    });
  }

  private go(frame: number | null, otherwise: string): void {
    if (frame === null) this.room.board.say(otherwise);
    else void this.room.player.seek(frame);
  }
}
