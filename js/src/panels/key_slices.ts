import { isKeySlice, KEY_SLICE } from "../document/key_slices.ts";
import type { Room } from "./room.ts";

/** The slices that somebody marked as worth another look: each is a tag on its slice. */
export class KeySlices {
  constructor(private readonly room: Room) {}

  /** Their places in the stack, in its order. */
  get all(): readonly number[] {
    void this.room.state.version.value;
    const marks = [...(this.room.labels?.document.all() ?? [])].filter(isKeySlice);
    return [...new Set(marks.map((one) => one.frame ?? 0))].sort((a, b) => a - b);
  }

  /** Is the slice that is shown one of them? */
  get here(): boolean {
    const { frame } = this.room;
    return frame !== null && this.all.includes(frame);
  }

  toggle(): void {
    const { frame, labels, state, board } = this.room;
    if (frame === null || !labels || state.status.value.kind !== "ready") return;
    const marks = [...labels.document.all()].filter(
      (one) => isKeySlice(one) && (one.frame ?? 0) === frame,
    );
    if (marks.length > 0) labels.remove(marks.map((one) => one.id));
    else labels.mark(KEY_SLICE, frame);
    board.say(
      marks.length > 0
        ? `Slice ${frame + 1} is no longer a key slice.`
        : `Slice ${frame + 1} is a key slice.`,
    );
  }

  /** Go to the next one, or the one before. */
  go(way: 1 | -1): void {
    const { board, pane } = this.room;
    if (pane.stack.count === 0) return;
    const { all } = this;
    // Where the hand is already: the slice may still be on its way.
    const frame = pane.stack.at;
    const to =
      way > 0 ? all.find((one) => one > frame) : [...all].reverse().find((one) => one < frame);
    if (to !== undefined) pane.stack.go(to);
    else if (all.length === 0) board.say("No slice is marked as a key slice yet (Alt+K).");
    else board.say(way > 0 ? "This is the last key slice." : "This is the first key slice.");
  }
}
