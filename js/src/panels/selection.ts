import type { Room } from "./room.ts";

/** Which labels are selected, pointed at and hidden. */
export class Selection {
  constructor(private readonly room: Room) {}

  /** Select from outside of the picture: the tool lets go of the vertex it may have in hand. */
  select(ids: readonly string[]): void {
    this.selectQuietly(ids);
    if (this.room.hand.tool === "select" && this.room.hand.busy) this.room.hand.reset();
  }

  /** Select as the tool in hand wishes, which knows of it. */
  selectQuietly(ids: readonly string[]): void {
    const { state } = this.room;
    const known = ids.filter((id) => this.room.labels?.document.has(id));
    if (known.join() === state.selection.value.join()) return;
    state.selection.value = known;
    state.asked.value = null;
    this.room.stage.refresh();
  }

  hover(id: string | null): void {
    if (this.room.state.hovered.value === id) return;
    this.room.state.hovered.value = id;
    this.room.viewport.repaint();
  }

  setHidden(ids: readonly string[], hide: boolean): void {
    const hidden = new Set(this.room.state.hidden.value);
    for (const id of ids) hide ? hidden.add(id) : hidden.delete(id);
    this.room.state.hidden.value = hidden;
    this.room.stage.refresh();
  }

  /** Another picture is shown: what is on it too, or goes through the stack, stays selected. */
  keepHere(): void {
    const ids = this.room.state.selection.value;
    this.select(
      ids.filter((id) => {
        const annotation = this.room.labels?.document.get(id);
        if (!annotation) return false;
        return (
          ["volumemask", "track", "interval"].includes(annotation.geometry.type) ||
          this.room.presence.isHere(annotation)
        );
      }),
    );
  }
}
