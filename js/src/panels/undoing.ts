import type { Room } from "./room.ts";

/** Takes gestures back, and brings them again: those of this page, and those before it. */
export class Undoing {
  private stepping = false;

  constructor(private readonly room: Room) {}

  undo(): void {
    const { hand } = this.room;
    // While something is being drawn, undo takes back its last point.
    if (hand.busy && hand.tool !== "select") hand.handle({ type: "back" });
    else void this.step("undo");
  }

  redo(): void {
    void this.step("redo");
  }

  private async step(way: "undo" | "redo"): Promise<void> {
    const { labels } = this.room;
    if (!labels) return;
    const done = labels[way]();
    if (!("past" in done)) return this.afterStep(done);
    if (this.stepping || this.room.state.readOnly.value) return;
    this.stepping = true;
    try {
      const { task } = labels.document;
      // The store takes back the last gesture that it has: all of them have to be there.
      if (!(await this.room.saving.settled(task))) return;
      const { message } = await this.room.kernel.ask({ type: way, task, gesture: done.past }, [
        "stepped",
      ]);
      this.afterStep(message.annotations);
    } catch (error) {
      this.room.complain(error);
    } finally {
      this.stepping = false;
    }
  }

  private afterStep(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.room.tracks.untell();
    const shapes = ids.filter((id) => this.room.labels?.document.get(id)?.class_name != null);
    this.room.selection.select(shapes);
    const box = shapes.length === 1 && shapes[0] ? this.room.stage.box(shapes[0]) : undefined;
    if (box) this.room.viewport.reveal(box);
  }
}
