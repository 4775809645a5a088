import { Clipboard } from "./clipboard.ts";
import type { Room } from "./room.ts";
import { several } from "./several.ts";

/** Copies what is selected, and selects what is put in. */
export class Copying {
  private readonly clipboard = new Clipboard();

  constructor(private readonly room: Room) {}

  copy(): void {
    const { labels, state, board } = this.room;
    if (!labels) return;
    const selected = state.selection.value;
    const count = this.clipboard.copy(labels, selected);
    if (count > 0) board.say(`${several(count, "object")} copied.`);
    else if (selected.length > 0) board.say("Nothing that is selected is in this picture.");
  }

  paste(): void {
    const { labels, viewport } = this.room;
    if (!labels) return;
    this.selectNew(this.clipboard.paste(labels, viewport.view.scale, viewport.imageSize));
  }

  duplicate(): void {
    const { labels, viewport, state } = this.room;
    if (!labels) return;
    const { scale } = viewport.view;
    const ids = state.selection.value;
    this.selectNew(this.clipboard.duplicate(labels, ids, scale, viewport.imageSize));
  }

  private selectNew(ids: readonly string[]): void {
    if (ids.length > 0) this.room.selection.select(ids);
  }
}
