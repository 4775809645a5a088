import { effect, untracked } from "@preact/signals";
import type { Opinion } from "../link/review_wire.ts";
import { isVideo } from "../link/videos.ts";
import { isVolume } from "../link/volumes.ts";
import { Labels } from "./labels.ts";
import { EMPTY, type Pane } from "./pane.ts";
import type { Room } from "./room.ts";

/** More panes would show too little each. */
const MOST = 4;
/** Rows and columns for the labels that are worked on and so many makers'. */
const GRIDS = [
  [1, 1],
  [1, 2],
  [1, 3],
  [2, 2],
  [2, 3],
] as const satisfies readonly (readonly [number, number])[];
const NOBODY = {
  onEdits: () => undefined,
  onHistory: () => undefined,
  onMissed: () => undefined,
  say: () => undefined,
};

/** Resolves once panes have their place on the page, which views are fitted into. */
async function laidOut(panes: readonly Pane[]): Promise<void> {
  for (let frame = 0; frame < 20; frame++) {
    if (panes.every(({ viewport }) => viewport.element.clientWidth > 0)) break;
    await new Promise(requestAnimationFrame);
  }
  // By then they have heard of their size.
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
}

/** Makers side by side: a pane each beside the labels that are worked on, of the same picture. */
export class Makers {
  constructor(
    private readonly room: Room,
    signal: AbortSignal,
  ) {
    const { review, state } = room;
    const stops = [
      // Other makers, other panes.
      effect(() => {
        const many = review.beside.value && review.makers.length > 0;
        untracked(() => {
          const there = room.panes.sides.some(({ maker }) => maker !== null);
          if (many || there) void room.panes.arrange();
        });
      }),
      effect(() => {
        void state.frame.value;
        untracked(() => this.follow(false));
      }),
      effect(() => {
        void room.restedFrame.value;
        untracked(() => this.follow(true));
      }),
    ];
    signal.addEventListener("abort", () => {
      for (const stop of stops) stop();
    });
  }

  /** Those that are seen in a pane of their own. */
  private get shown(): readonly Opinion[] {
    const { review } = this.room;
    return review.beside.value ? review.makers.slice(0, MOST) : [];
  }

  get count(): number {
    return this.shown.length;
  }

  get grid(): readonly [number, number] {
    return GRIDS[this.count] ?? GRIDS[0];
  }

  /** Show each maker's labels in a pane, on the picture that is looked at. */
  async arrange(): Promise<void> {
    const { panes, state } = this.room;
    const { item } = state;
    if (!item.value) return;
    // The labels that are worked on come first.
    if (panes.all.value[0] !== panes.active) panes.all.value = [panes.active, ...panes.sides];
    const all = panes.all.value;
    for (const [index, pane] of panes.sides.entries()) {
      pane.maker = this.shown[index]?.author ?? null;
      pane.shown.value = EMPTY;
    }
    await laidOut(all);
    if (all !== panes.all.value) return;
    for (const [index, { author, annotations }] of this.shown.entries()) {
      const pane = panes.sides[index];
      if (!pane) continue;
      pane.opening?.abort();
      pane.across.use("slice");
      const body = { annotations, undo: [], redo: [], deleted: {} };
      const labels = new Labels(
        `${state.task.value?.id} of ${author}`,
        body,
        NOBODY,
        () => true,
        () => state.ontology.value,
      );
      pane.shown.value = { ...panes.of(panes.active), labels, status: { kind: "loading" } };
      void this.room.desk.present(pane);
    }
    const { adjudication } = this.room;
    // The panes have become narrower.
    if (adjudication.on && adjudication.current) void adjudication.go(adjudication.current);
  }

  /** Who works on goes through slices or frames: the makers' panes go along. */
  private follow(rested: boolean): void {
    const { panes, state, desk } = this.room;
    const frame = state.frame.value;
    for (const pane of panes.sides) {
      const { item, frame: before, status } = pane.shown.value;
      if (pane.maker === null || !item || item.id !== state.item.value?.id) continue;
      if (before === frame && status.kind === "ready") continue;
      if (isVolume(item)) pane.stack.go(frame);
      else if (isVideo(item)) pane.film.go(frame);
      else if (rested && item.frames && before !== frame) {
        pane.shown.value = { ...pane.shown.value, frame };
        void desk.present(pane);
      }
    }
  }

  /** What is pointed at in a maker's pane becomes what is looked at. */
  pick(pane: Pane, id: string): void {
    if (pane.maker !== null && this.room.adjudication.on) this.room.adjudication.goToLabel(id);
  }

  /** The label of a pane's maker that is looked at. */
  lookedAt(pane: Pane): readonly string[] {
    const { current } = this.room.adjudication;
    const id = pane.maker === null ? undefined : current?.versions[pane.maker];
    return id ? [id] : [];
  }
}
