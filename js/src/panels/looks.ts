import type { Tone } from "../render/tone.ts";
import type { Room } from "./room.ts";
import type { Layout } from "./state.ts";

/** How the pictures are seen: in how many panes, in which tone, under how much of the labels. */
export class Looks {
  constructor(private readonly room: Room) {}

  useLayout(layout: Layout): void {
    const { panes, state, review, onScan } = this.room;
    const { sides } = panes;
    state.layout.value = layout;
    review.beside.value = false;
    for (const pane of panes.all.value) pane.folder = null;
    // Scans that come side by side go together, until somebody parts them.
    const [rows, columns] = panes.grid;
    if (onScan && sides.length === 0 && rows * columns > 1) state.linked.value = true;
    panes.seeSlices();
    void panes.arrange();
  }

  /** Whether the panes zoom and go on together. */
  link(linked: boolean): void {
    const { state, panes, pane } = this.room;
    state.linked.value = linked;
    if (!linked) return;
    panes.follow(pane);
    void panes.arrange();
  }

  /** See the picture of the active pane in another tone. */
  useTone(tone: Tone): void {
    this.room.windows.use(this.room.pane, tone);
  }

  /** How much of the picture labels cover, from 0 to 1. */
  useFill(fill: number): void {
    this.room.state.fill.value = fill;
    for (const { viewport } of this.room.panes.all.value) {
      viewport.shapes.fill(fill);
      viewport.repaint();
    }
  }

  setPeek(peek: boolean): void {
    for (const { viewport } of this.room.panes.all.value)
      viewport.element.classList.toggle("lw-peek", peek);
  }

  toggleFull(): void {
    const { root, board } = this.room;
    if (!root) return;
    if (root.ownerDocument.fullscreenElement) void root.ownerDocument.exitFullscreen();
    else
      void root
        .requestFullscreen()
        .catch(() => board.say("This browser does not allow full screen here."));
  }
}
