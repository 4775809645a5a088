import { signal } from "@preact/signals";
import type { XY } from "../document/types.ts";
import type { Cut } from "../geometry/cut.ts";
import { slackAt } from "../geometry/view.ts";
import { dragged, type Levels } from "../geometry/windowing.ts";
import { textOf } from "../link/kernel.ts";
import type { ItemInfo, TaskRow, VolumeInfo } from "../link/wire.ts";
import { PLAIN, type Tone } from "../render/tone.ts";
import { Viewport } from "../render/viewport.ts";
import type { ShownCut } from "../tools/scan_prompt.ts";
import { NOTHING, type Preview, type ToolEvent } from "../tools/tool.ts";
import { Across } from "./across.ts";
import { Film } from "./film.ts";
import type { Labels } from "./labels.ts";
import type { Room } from "./room.ts";
import { Stack } from "./stack.ts";
import { Stage } from "./stage.ts";
import type { Status } from "./state.ts";

/** What a pane shows. */
export interface Shown {
  readonly task: TaskRow | null;
  readonly item: ItemInfo | null;
  readonly index: number;
  readonly total: number;
  /** Which picture of a group. */
  readonly frame: number;
  readonly status: Status;
  readonly labels: Labels | null;
}

export const EMPTY: Shown = {
  task: null,
  item: null,
  index: 0,
  total: 0,
  frame: 0,
  status: { kind: "loading" },
  labels: null,
};

let made = 0;

/** One picture on the screen, with its labels. Of several panes one is active: tools are about it. */
export class Pane {
  readonly id = ++made;
  readonly viewport: Viewport;
  readonly stage: Stage;
  /** Goes through the slices of a scan. */
  readonly stack: Stack;
  /** Goes through the frames of a video. */
  readonly film: Film;
  /** What it shows while it is not the active one, which the room's state tells. */
  readonly shown = signal<Shown>(EMPTY);
  /** How its picture is seen. */
  readonly tone = signal<Tone>(PLAIN);
  /** Of the view: pixels of the screen for each of the picture. */
  readonly scale = signal(1);
  /** Goes up by one with each change of the view. */
  readonly moved = signal(0);
  /** Shows cuts across the slices of a scan instead of them. */
  readonly across: Across;
  /** Where its pictures come from; null until somebody chose. */
  folder: string | null = null;
  /** Whose labels it shows beside those that are worked on; null for no maker's. */
  maker: string | null = null;
  /** How many items it is ahead of the active pane. */
  ahead = 0;
  opening: AbortController | null = null;
  private readonly ended = new AbortController();
  /** The press that made this pane the active one draws nothing. */
  private waking = false;
  /** The window that is being dragged, as it was. */
  private held: Levels | null = null;
  private dragging: "line" | "place" | null = null;

  constructor(
    private readonly room: Room,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.dispose());
    const { state } = room;
    this.viewport = new Viewport(
      {
        onTool: (event) => {
          if (this.points(event)) return;
          if (!this.active && "at" in event && event.type === "down") {
            if (this.maker !== null) this.pickMade(event.at);
            else room.panes.activate(this);
            this.waking = true;
          }
          if (this.waking) {
            if (event.type === "up" || event.type === "cancel") this.waking = false;
            return;
          }
          if (this.active) room.use(event);
        },
        onPointer: (at) => {
          room.point(this, at);
          this.viewport.element.classList.toggle(
            "lw-on-line",
            at !== null && this.movesLines && room.linking.isLine(this, at),
          );
        },
        onView: (view, hand) => {
          this.scale.value = this.viewport.across;
          this.moved.value++;
          if (this.active) state.scale.value = view.scale;
          if (hand) room.panes.follow(this);
        },
        onScroll: (pixels) => {
          if (this.stack.count === 0) return false;
          room.player.stop();
          this.stack.turn(pixels);
          return true;
        },
        onWindow: (phase, way) => this.dragWindow(phase, way),
        windows: () => this.active && room.hand.tool === "windowing",
        onTrouble: (error) =>
          room.board.say(`A part of the picture cannot be shown: ${textOf(error)}`, "warning"),
        active: () => ({ ...this.stage.active(), lines: room.linking.lines(this) }),
        settled: (box) => this.stage.settled(box),
        onRest: () => room.readAccent(this.viewport.element),
      },
      this.ended.signal,
    );
    this.tone.value = state.tone.value;
    this.viewport.image.useTone(state.tone.value);
    this.viewport.shapes.fill(state.fill.value);
    this.stage = new Stage(
      () => this.viewport,
      () => ({
        ...room.cast(),
        ...(!this.active && {
          ...ASIDE,
          selection: room.makers.lookedAt(this),
          preview: () => this.aside(),
        }),
        cut: this.shownCut,
      }),
    );
    this.stage.paintWith(state.ontology.value);
    this.stack = new Stack(room, this, this.ended.signal);
    this.film = new Film(room, this, this.ended.signal);
    this.across = new Across(room, this, this.ended.signal);
  }

  /** A hand points at what a maker made. */
  private pickMade(at: XY): void {
    const id = this.stage.scene().pick(at, slackAt(this.viewport.view.scale, false));
    if (id) this.room.makers.pick(this, id);
  }

  /** A hand drags the window of the picture. */
  private dragWindow(phase: "begin" | "move" | "reset", [dx, dy]: XY): void {
    const { windows, panes } = this.room;
    if (phase === "begin") {
      if (!this.active && !this.across.cut.value) panes.activate(this);
      this.held = windows.levels(this);
    } else if (phase === "reset") windows.reset(this);
    else if (this.held) windows.setLevels(this, dragged(this.held, dx, dy));
  }

  get active(): boolean {
    return this.room.pane === this;
  }

  /** Which flat piece of a scan it shows; null where it shows none. */
  get cut(): Cut | null {
    const { item, frame } = this.room.panes.of(this);
    if (!item?.volume) return null;
    return this.across.cut.value ?? { plane: "slice", index: frame };
  }

  /** The cut that it goes to, or shows. */
  get going(): Cut | null {
    const { cut } = this;
    return cut && { ...cut, index: this.stack.at };
  }

  /** What is known of the scan that it shows. */
  get volume(): VolumeInfo | null {
    return this.room.panes.of(this).item?.volume ?? null;
  }

  /** Go to another cut of the same plane. */
  go(index: number): void {
    this.stack.go(index);
  }

  /** Does a press on a line drag it? While something is drawn it does not. */
  private get movesLines(): boolean {
    const { tool, hovered } = this.room.state;
    if (this.across.cut.value || tool.value === "crosshair") return true;
    return tool.value === "select" && !(this.active && hovered.value !== null);
  }

  /**
   * Does a hand move the cross-hair? It drags lines where nothing is drawn, and across the slices
   * it brings all panes to the place that it points at: there labels are looked at.
   */
  private points(event: ToolEvent): boolean {
    const { linking, state, hand, board } = this.room;
    if (!("at" in event) || !this.volume) return false;
    const across = this.across.cut.value !== null;
    // What works on the whole scan works on all cuts of it.
    if (hand.through && !this.dragging) return false;
    if (event.type === "down" && (across || this.movesLines)) {
      if (this.movesLines && linking.grab(this, event.at)) this.dragging = "line";
      else if (across && hand.makes.length > 0) {
        board.say("A reformat is for looking: labels are drawn on the slices as they were taken.");
        return true;
      } else if (across || (state.tool.value === "crosshair" && !this.active))
        this.dragging = "place";
    }
    if (!this.dragging) return across;
    if (this.dragging === "line") linking.drag(this, event.at);
    else if (event.type !== "up") linking.centre(this, event.at);
    if (event.type === "up") {
      this.dragging = null;
      linking.drop();
    }
    return true;
  }

  private get shownCut(): ShownCut | null {
    const { cut } = this;
    const lattice = this.room.panes.of(this).item?.volume;
    return cut && lattice ? { cut, lattice } : null;
  }

  /** What is proposed for a scan is seen on all cuts of it. */
  private aside(): Preview {
    const { hand, state, panes } = this.room;
    const same = hand.through && panes.of(this).item?.id === state.item.value?.id;
    return same ? hand.preview(this.stage.scene()) : NOTHING;
  }

  dispose(): void {
    this.opening?.abort();
    this.ended.abort();
    this.viewport.element.remove();
  }
}

/** Beside the active pane nothing is selected or drawn. */
const ASIDE = {
  selection: [],
  hovered: null,
  crosshair: null,
  reshaping: false,
};
