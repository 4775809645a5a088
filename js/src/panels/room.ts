import type { ReadonlySignal } from "@preact/signals";
import type { XY } from "../document/types.ts";
import { CoarseCopies } from "../link/coarse.ts";
import { Glimpses } from "../link/glimpses.ts";
import { Groups } from "../link/groups.ts";
import { type Channel, isAbort, Kernel, textOf } from "../link/kernel.ts";
import { Pictures } from "../link/pictures.ts";
import { Reformats } from "../link/reformats.ts";
import { Thumbnails } from "../link/thumbnails.ts";
import { inTime, Videos } from "../link/videos.ts";
import { isVolume, Volumes } from "../link/volumes.ts";
import type { Viewport } from "../render/viewport.ts";
import type { ToolEvent } from "../tools/tool.ts";
import { Adjudication } from "./adjudication.ts";
import { Asking } from "./answering.ts";
import { Choice } from "./choice.ts";
import { Copying } from "./copying.ts";
import { Crosshair } from "./crosshair.ts";
import { Desk } from "./desk.ts";
import { Events } from "./events.ts";
import type { GuideNode } from "./guide.tsx";
import { Hand } from "./hand.ts";
import { Jumps } from "./jumps.ts";
import { KeySlices } from "./key_slices.ts";
import type { Labels } from "./labels.ts";
import { LaneView } from "./lane_view.ts";
import { Linking } from "./linking.ts";
import { Looks } from "./looks.ts";
import { Makers } from "./makers.ts";
import { MaskEdits } from "./mask_edits.ts";
import { NoticeBoard } from "./notice_board.ts";
import { Outcomes } from "./outcomes.ts";
import { Painting } from "./painting.ts";
import type { Pane } from "./pane.ts";
import { Panes } from "./panes.ts";
import { Player } from "./player.ts";
import { Presence } from "./presence.ts";
import { rested } from "./rested.ts";
import { Review } from "./review.ts";
import { Saving } from "./saving.ts";
import { Selection } from "./selection.ts";
import { ShapesAtOnce } from "./shapes_at_once.ts";
import type { Cast, Stage } from "./stage.ts";
import { createState, type Place, type State } from "./state.ts";
import { TaskList } from "./task_list.ts";
import { Toolbox } from "./toolbox.ts";
import { TrackEdits } from "./track_edits.ts";
import { Undoing } from "./undoing.ts";
import { VolumeEdits } from "./volume_edits.ts";
import { Waiting } from "./waiting.ts";
import { Windows } from "./windows.ts";

/** The annotator without its furniture: what is open, what is in hand, and what may be done. */
export class Room {
  readonly state: State = createState();
  readonly kernel: Kernel;
  readonly pictures: Pictures;
  readonly volumes: Volumes;
  readonly videos: Videos;
  readonly groups: Groups;
  readonly glimpses: Glimpses;
  readonly coarse: CoarseCopies;
  readonly thumbnails: Thumbnails;
  readonly tasks: TaskList;
  readonly toolbox = new Toolbox();
  readonly hand: Hand;
  readonly outcomes: Outcomes;
  readonly painting: Painting;
  readonly choice = new Choice(this);
  readonly selection = new Selection(this);
  readonly presence = new Presence(this);
  readonly undoing = new Undoing(this);
  readonly looks = new Looks(this);
  readonly copying = new Copying(this);
  readonly shapes = new ShapesAtOnce(this);
  readonly masks = new MaskEdits(this);
  readonly volumeMasks = new VolumeEdits(this);
  readonly tracks = new TrackEdits(this);
  readonly events = new Events(this);
  readonly lanes = new LaneView(this);
  readonly jumps = new Jumps(this);
  readonly panes: Panes;
  readonly windows = new Windows(this);
  readonly keySlices = new KeySlices(this);
  readonly linking = new Linking(this);
  readonly reformats: Reformats;
  readonly player: Player;
  readonly crosshair: Crosshair;
  readonly saving: Saving;
  readonly board: NoticeBoard;
  /** The frame that is shown, once it has come to rest. */
  readonly restedFrame: ReadonlySignal<number>;
  readonly desk: Desk;
  readonly review: Review;
  readonly adjudication = new Adjudication(this);
  readonly makers: Makers;
  readonly asking: Asking;
  readonly waiting: Waiting;
  /** Who works. */
  readonly user: string;
  labels: Labels | null = null;
  /** The pane that the pointer was over last. */
  pointed: Pane | null = null;
  /** The element that has the keys. */
  root: HTMLElement | null = null;
  private accent = "";

  constructor(channel: Channel, place: Place, signal: AbortSignal) {
    const { state } = this;
    this.restedFrame = rested(state.frame, signal);
    state.project.value = place.name;
    this.user = place.user;
    this.board = new NoticeBoard(state);
    this.kernel = new Kernel(channel, signal, () => this.saving.disconnected());
    this.saving = new Saving(
      this.kernel,
      place,
      state,
      this.board,
      () => this.panes.labels,
      () => void this.desk.open(state.task.value?.id ?? null),
    );
    this.pictures = new Pictures(
      this.kernel,
      (one) => this.panes.all.value.some((pane) => pane.viewport.image.shown === one),
      (text) => this.board.say(text),
    );
    this.volumes = new Volumes(this.kernel);
    this.videos = new Videos(this.kernel);
    this.groups = new Groups(this.kernel);
    this.glimpses = new Glimpses(this.kernel);
    this.reformats = new Reformats(this.kernel);
    this.coarse = new CoarseCopies(this.kernel);
    this.thumbnails = new Thumbnails(this.kernel, () => {
      state.thumbnails.value++;
    });
    this.tasks = new TaskList(this.kernel, state);
    this.outcomes = new Outcomes(this);
    this.painting = new Painting(this);
    this.hand = new Hand(this.toolbox, () => this.stage.scene(), {
      onEffects: (effects) => this.outcomes.take(effects),
      onChange: () => {
        state.handVersion.value++;
        if (!this.hand.through) this.stage.refresh();
        else for (const { stage } of this.panes.all.value) stage.refresh();
      },
    });
    this.panes = new Panes(this, signal);
    this.panes.begin();
    this.player = new Player(this, signal);
    this.crosshair = new Crosshair(state, () => this.viewport, this.hand);
    this.desk = new Desk(this);
    this.review = new Review(this, signal);
    this.makers = new Makers(this, signal);
    this.asking = new Asking(this);
    this.waiting = new Waiting(this.kernel, state, document, signal);
    signal.addEventListener("abort", () => {
      this.saving.dispose();
      this.pictures.dispose();
      this.thumbnails.dispose();
      this.glimpses.dispose();
      this.desk.dispose();
    });
  }

  /** The pane that tools, panels and keys are about. */
  get pane(): Pane {
    return this.panes.active;
  }

  get viewport(): Viewport {
    return this.pane.viewport;
  }

  get stage(): Stage {
    return this.pane.stage;
  }

  /** What the stage of the active pane is told. */
  cast(): Cast {
    const { state } = this;
    return {
      selection: state.selection.value,
      hovered: state.hovered.value,
      hidden: state.hidden.value,
      preview: () => this.hand.preview(),
      inRange: (range) => this.painting.inRange(range),
      filling: this.volumeMasks.filling.value?.added ?? null,
      paint: (stroke) => this.painting.preview(stroke),
      accent: this.accent,
      target: this.choice.currentClass,
      settings: this.choice.settings,
      crosshair: state.crosshair.value,
      cut: null,
      spacing: state.item.value?.spacing ?? null,
      unit: state.item.value?.volume?.unit ?? null,
      fill: state.fill.value,
      reshaping: this.hand.tool === "select" && !state.readOnly.value,
      pointer: state.pointer.value,
    };
  }

  /** A hand does something on the active pane. */
  use(event: ToolEvent): void {
    const { state } = this;
    if (state.status.value.kind !== "ready") return;
    if (event.type === "down") {
      state.asked.value = null;
      this.player.stop();
      this.pane.stack.stay();
      this.pane.film.stay();
    }
    this.hand.handle(event);
  }

  readAccent(element: Element): void {
    this.accent = accentOf(element);
  }

  /** The picture of a group that new labels are on; null for single pictures. */
  get frame(): number | null {
    return this.state.item.value?.frames ? this.state.frame.value : null;
  }

  /** Does the active pane show slices of a scan? */
  get onScan(): boolean {
    const { item } = this.state;
    return item.value !== null && isVolume(item.value);
  }

  /** Does what is drawn here begin a track? */
  get makesTracks(): boolean {
    const { kind } = this.state.item.value ?? {};
    const { tracking } = this.state;
    return kind === "video" || kind === "image_sequence" ? tracking.value[kind] : false;
  }

  /** From now on what is drawn begins a track, or is on its frame alone. */
  useTracks(tracks: boolean): void {
    const { item, tracking } = this.state;
    const { kind } = item.value ?? {};
    if (kind === "video" || kind === "image_sequence")
      tracking.value = { ...tracking.value, [kind]: tracks };
  }

  /** Are the pictures of the active pane frames, one after the other in time? */
  get onFrames(): boolean {
    return inTime(this.state.item.value);
  }

  /** The last frame of what is open. */
  get lastFrame(): number {
    const { video, frames } = this.state.item.value ?? {};
    return video?.last ?? Math.max(0, (frames?.length ?? 1) - 1);
  }

  /** Show what the project tells its labellers: by itself where this person has not seen it yet. */
  useGuide(nodes: readonly GuideNode[], seen: boolean): void {
    const { state } = this;
    state.guide.value = nodes;
    if (nodes.length === 0) state.guideOpen.value = false;
    else if (!seen) state.guideOpen.value = true;
  }

  closeGuide(): void {
    this.state.guideOpen.value = false;
    this.focus();
  }

  /** Give the keys back to the picture. */
  focus(): void {
    this.root?.focus({ preventScroll: true });
  }

  get pictureFocused(): boolean {
    const active = this.root?.ownerDocument.activeElement;
    return !active || active === this.root || !this.root?.contains(active);
  }

  /** The pointer is over a place of a pane; null when it left. */
  point(pane: Pane, at: XY | null): void {
    const { state } = this;
    this.pointed = pane;
    state.pointer.value = at;
    // While a video plays nobody reads them, and each would have to be got out of a frame.
    const read = at && !(this.player.playing.value && pane.film.count > 0);
    state.probe.value = read ? pane.viewport.image.pixel(at[0], at[1]) : null;
    if (pane !== this.pane) return;
    state.crosshair.value = null;
    if (state.status.value.kind !== "ready" || this.hand.busy) return;
    const over =
      at && state.tool.value === "select"
        ? this.stage.scene().pick(at, 7 / this.viewport.view.scale)
        : null;
    this.selection.hover(over);
  }

  complain(error: unknown): void {
    if (!isAbort(error)) this.board.say(textOf(error), "warning");
  }
}

function accentOf(element: Element): string {
  return getComputedStyle(element).getPropertyValue("--lw-accent").trim() || "#1976d2";
}
