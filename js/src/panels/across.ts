import { batch, signal } from "@preact/signals";
import { type Cut, cutSize, cutsOf, type Plane } from "../geometry/cut.ts";
import { isAbort, textOf } from "../link/kernel.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";
import { WheelSteps } from "./wheel_steps.ts";

/**
 * Shows cuts across the slices of a scan in a pane, instead of its slices. They are made by the
 * kernel: the cut that was asked for last is shown, coarse while slices are still being read.
 */
export class Across {
  /** The cut that is shown; null while slices are. */
  readonly cut = signal<Cut | null>(null);
  /** The cut that was asked for and is not shown yet. */
  readonly wanted = signal<number | null>(null);
  /** How many slices are not in the picture yet. */
  readonly missing = signal(0);
  private readonly wheel = new WheelSteps();
  private asking: AbortController | null = null;

  constructor(
    private readonly room: Room,
    private readonly pane: Pane,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.leave());
  }

  get count(): number {
    const volume = this.pane.volume;
    const { cut } = this;
    return volume && cut.value ? cutsOf(volume, cut.value.plane) : 0;
  }

  get at(): number {
    return this.wanted.value ?? this.cut.value?.index ?? 0;
  }

  turn(pixels: number): void {
    const steps = this.wheel.take(pixels, performance.now());
    if (steps !== 0) this.go(this.at + steps);
  }

  /** Show another cut of the same plane. */
  go(index: number): void {
    const to = Math.min(Math.max(0, index), this.count - 1);
    if (this.count === 0 || to === this.at || this.cut.value?.projected) return;
    this.wanted.value = to;
    this.room.linking.moved(this.pane);
    // What is on its way is shown, unless that takes long: then the newer one is what is asked for.
    if (!this.asking) void this.bring();
  }

  /** Show cuts of this plane, beginning with the one in the middle; null for the slices again. */
  use(plane: Plane, projected = false): void {
    const { volume } = this.pane;
    this.leave();
    if (plane === "slice" || !volume) {
      this.cut.value = null;
      return;
    }
    const index = Math.floor(cutsOf(volume, plane) / 2);
    this.cut.value = { plane, index, ...(projected && { projected }) };
  }

  /** Bring the first cut of a scan onto the pane. */
  async present(): Promise<void> {
    const { pane, room } = this;
    const { volume } = pane;
    const { cut } = this;
    if (!volume || !cut.value) return;
    this.leave();
    const { plane } = cut.value;
    const last = cutsOf(volume, plane) - 1;
    const index = room.linking.beginning(pane, plane) ?? cut.value.index;
    cut.value = { ...cut.value, index: Math.min(index, last) };
    pane.viewport.begin(cutSize(volume, plane));
    if (!pane.active && room.state.linked.value) room.panes.pose(pane, room.panes.active);
    await this.bring();
  }

  /** What is asked for is not wanted any more. */
  leave(): void {
    this.asking?.abort();
    this.asking = null;
    batch(() => {
      this.wanted.value = null;
      this.missing.value = 0;
    });
  }

  /** Show what is wanted until it is here, and whole. */
  private async bring(): Promise<void> {
    const { room, pane } = this;
    const asking = new AbortController();
    this.asking = asking;
    const { item } = room.panes.of(pane);
    try {
      for (;;) {
        const before = this.cut.value;
        const { volume } = pane;
        if (!item || !before || !volume) return;
        const cut = { ...before, index: this.wanted.value ?? before.index };
        const made = await room.reformats.get(item.id, cut, asking.signal);
        room.windows.prepare(pane);
        await pane.viewport.image.show(made.picture, true);
        if (asking.signal.aborted) return;
        batch(() => {
          this.cut.value = cut;
          this.missing.value = made.missing;
          if (this.wanted.value === cut.index) this.wanted.value = null;
          room.panes.say(pane, { kind: "ready" });
        });
        room.windows.settle(pane);
        room.linking.repaint();
        const { labels } = room.panes.of(pane);
        if (labels) pane.stage.load(labels.document, { cut, lattice: volume });
        if (made.lost > 0 && made.missing === 0)
          room.board.say(
            `${made.lost} of ${made.slices} slices cannot be read: their neighbours are shown in their place.`,
            "warning",
          );
        if (this.wanted.value === null && made.missing === 0) return;
      }
    } catch (error) {
      if (isAbort(error) || asking.signal.aborted) return;
      pane.viewport.image.clear();
      pane.viewport.shapes.load();
      room.panes.say(pane, { kind: "broken", message: textOf(error) });
      this.wanted.value = null;
    } finally {
      if (this.asking === asking) this.asking = null;
    }
  }
}
