import { signal } from "@preact/signals";
import type { XY } from "../document/types.ts";
import type { Cut } from "../geometry/cut.ts";
import { dragged, type Levels } from "../geometry/windowing.ts";
import { textOf } from "../link/kernel.ts";
import type { ItemInfo, TaskRow } from "../link/wire.ts";
import { PLAIN, type Tone } from "../render/tone.ts";
import { Viewport } from "../render/viewport.ts";
import { NOTHING } from "../tools/tool.ts";
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
  /** What it shows while it is not the active one, which the room's state tells. */
  readonly shown = signal<Shown>(EMPTY);
  /** A cut across the slices of a scan that is shown instead of one of them. */
  readonly across = signal<Cut | null>(null);
  /** How its picture is seen. */
  readonly tone = signal<Tone>(PLAIN);
  /** Of the view: pixels of the screen for each of the picture. */
  readonly scale = signal(1);
  /** Where its pictures come from; null until somebody chose. */
  folder: string | null = null;
  /** How many items it is ahead of the active pane. */
  ahead = 0;
  opening: AbortController | null = null;
  private readonly ended = new AbortController();
  /** The press that made this pane the active one draws nothing. */
  private waking = false;
  /** The window that is being dragged, as it was. */
  private held: Levels | null = null;

  constructor(
    private readonly room: Room,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.dispose());
    const { state } = room;
    this.viewport = new Viewport(
      {
        onTool: (event) => {
          if (!this.active && "at" in event && event.type === "down") {
            room.panes.activate(this);
            this.waking = true;
          }
          if (this.waking) {
            if (event.type === "up" || event.type === "cancel") this.waking = false;
            return;
          }
          if (this.active) room.use(event);
        },
        onPointer: (at) => room.point(this, at),
        onView: (view, hand) => {
          this.scale.value = view.scale;
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
        active: () => this.stage.active(),
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
      () => (this.active ? room.cast() : { ...room.cast(), ...ASIDE }),
    );
    this.stage.paintWith(state.ontology.value);
    this.stack = new Stack(room, this, this.ended.signal);
  }

  /** A hand drags the window of the picture. */
  private dragWindow(phase: "begin" | "move" | "reset", [dx, dy]: XY): void {
    const { windows, panes } = this.room;
    if (phase === "begin") {
      if (!this.active) panes.activate(this);
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
    return this.across.value ?? { plane: "slice", index: frame };
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
  preview: () => NOTHING,
  crosshair: null,
  reshaping: false,
};
