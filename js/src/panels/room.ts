import type { ReadonlySignal } from "@preact/signals";
import { renamed } from "../document/renames.ts";
import type { Annotation, ObjectClass, Ontology, XY } from "../document/types.ts";
import { isThere, nearestThere } from "../geometry/track_standing.ts";
import { middleSlice } from "../geometry/volume_patch.ts";
import { CoarseCopies } from "../link/coarse.ts";
import { Glimpses } from "../link/glimpses.ts";
import { Groups } from "../link/groups.ts";
import { type Channel, isAbort, Kernel, textOf } from "../link/kernel.ts";
import { Pictures } from "../link/pictures.ts";
import { Reformats } from "../link/reformats.ts";
import { Thumbnails } from "../link/thumbnails.ts";
import { inTime, Videos } from "../link/videos.ts";
import { isVolume, Volumes } from "../link/volumes.ts";
import type { Tone } from "../render/tone.ts";
import type { Viewport } from "../render/viewport.ts";
import type { KernelToolSpec } from "../tools/kernel_tool.ts";
import { type Setting, type Settings, settingOf, settingsOf } from "../tools/option.ts";
import type { ToolEvent } from "../tools/tool.ts";
import { Adjudication } from "./adjudication.ts";
import { Asking } from "./answering.ts";
import { Clipboard } from "./clipboard.ts";
import { Crosshair } from "./crosshair.ts";
import { Desk } from "./desk.ts";
import { Events } from "./events.ts";
import type { GuideNode } from "./guide.tsx";
import { Hand } from "./hand.ts";
import { Jumps } from "./jumps.ts";
import { KeySlices } from "./key_slices.ts";
import { commandKey } from "./keys.ts";
import type { Labels } from "./labels.ts";
import { LaneView } from "./lane_view.ts";
import { Linking } from "./linking.ts";
import { Makers } from "./makers.ts";
import { MaskEdits } from "./mask_edits.ts";
import { NoticeBoard } from "./notice_board.ts";
import {
  drawnAs,
  isEventClass,
  isTag,
  keeping,
  type Mode,
  offered,
  type Scope,
  scoped,
  withdrawn,
  within,
} from "./offer.ts";
import { Outcomes } from "./outcomes.ts";
import { Painting } from "./painting.ts";
import type { Pane } from "./pane.ts";
import { Panes } from "./panes.ts";
import { Player } from "./player.ts";
import { rested } from "./rested.ts";
import { Review } from "./review.ts";
import { Saving } from "./saving.ts";
import { seenAt } from "./seen.ts";
import { ShapesAtOnce } from "./shapes_at_once.ts";
import type { Cast, Stage } from "./stage.ts";
import { createState, type Layout, type Place, type State } from "./state.ts";
import { TaskList } from "./task_list.ts";
import { Toolbox } from "./toolbox.ts";
import { TrackEdits } from "./track_edits.ts";
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
  /** What may be said in the project, of whatever task. */
  private whole: Ontology = {};
  /** The pane that the pointer was over last. */
  pointed: Pane | null = null;
  /** The element that has the keys. */
  root: HTMLElement | null = null;
  private readonly clipboard = new Clipboard();
  private stepping = false;
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
      target: this.currentClass,
      settings: this.settings,
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

  useLayout(layout: Layout): void {
    const { sides } = this.panes;
    this.state.layout.value = layout;
    this.review.beside.value = false;
    for (const pane of this.panes.all.value) pane.folder = null;
    // Scans that come side by side go together, until somebody parts them.
    const [rows, columns] = this.panes.grid;
    if (this.onScan && sides.length === 0 && rows * columns > 1) this.state.linked.value = true;
    this.panes.seeSlices();
    void this.panes.arrange();
  }

  /** Whether the panes zoom and go on together. */
  link(linked: boolean): void {
    this.state.linked.value = linked;
    if (!linked) return;
    this.panes.follow(this.pane);
    void this.panes.arrange();
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

  /** Is it on the picture of the active pane? */
  isHere(annotation: Annotation, shown = this.frame): boolean {
    const { geometry } = annotation;
    const frame = shown ?? 0;
    if (geometry.type === "track") return isThere(geometry, frame);
    if (geometry.type === "interval") return geometry.first <= frame && frame <= geometry.last;
    return seenAt(annotation, shown) !== null;
  }

  /** Another picture is shown: what is on it too, or goes through the stack, stays selected. */
  keepHere(): void {
    const ids = this.state.selection.value;
    this.select(
      ids.filter((id) => {
        const annotation = this.labels?.document.get(id);
        if (!annotation) return false;
        return (
          ["volumemask", "track", "interval"].includes(annotation.geometry.type) ||
          this.isHere(annotation)
        );
      }),
    );
  }

  /** The picture of the group on which a label that is not here is to be seen. */
  frameOf({ geometry, frame }: Annotation): number {
    const there =
      geometry.type === "volumemask"
        ? middleSlice(geometry)
        : geometry.type === "track"
          ? nearestThere(geometry, this.frame ?? 0)
          : geometry.type === "interval"
            ? geometry.first
            : frame;
    return there ?? 0;
  }

  /** Go to the picture of the group that an object is on, and select it there. */
  goTo(id: string): void {
    const annotation = this.labels?.document.get(id);
    if (!annotation || this.isHere(annotation)) return;
    this.panes.showFrame(this.frameOf(annotation));
    this.select([id]);
  }

  /** Offer what the task that is shown now is about. */
  useScope(before: Scope | null | undefined): void {
    const now = this.state.task.value?.scope;
    if (JSON.stringify(before ?? null) !== JSON.stringify(now ?? null))
      this.useOntology(this.whole, true);
  }

  useOntology(ontology: Ontology, rescoped = false): void {
    const { state } = this;
    this.whole = ontology;
    const before = state.ontology.value;
    const used = new Set((this.labels?.objects() ?? []).map((one) => one.class_name ?? ""));
    const drawn = state.className.value;
    if (this.hand.busy && this.hand.makes.length > 0 && drawn) used.add(drawn);
    const asked = scoped(within(ontology, state.mode.value), state.task.value?.scope);
    const now = keeping(before, asked, used);
    state.ontology.value = now;
    const current = renamed(now, { class_name: drawn }).class_name ?? null;
    const classes = offered(now);
    // What is half drawn is finished with the class that it was begun with.
    const stays = classes.some((made) => made.name === current) || used.has(drawn ?? "");
    state.className.value = stays && current ? current : (classes[0]?.name ?? null);
    for (const pane of this.panes.all.value) pane.stage.paintWith(now);
    this.labels?.document.rename((one) => renamed(now, one, one));
    if (rescoped) return;
    const gone = withdrawn(before, now, used).map((name) => `“${name}”`);
    if (gone.length > 0) {
      this.board.say(
        `${gone.join(", ")} ${gone.length > 1 ? "are" : "is"} no longer offered. ` +
          "What is labelled so stays, and can be reshaped.",
      );
    }
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

  useMode(mode: Mode, advance: boolean): void {
    this.state.mode.value = mode;
    this.state.advance.value = advance;
    if (mode === "classification") this.chooseTool("select");
  }

  get currentClass() {
    return this.state.ontology.value.classes?.find(
      (made) => made.name === this.state.className.value,
    );
  }

  /** The tools of this ontology: only those that can draw something of it. */
  get tools() {
    const { ontology, mode } = this.state;
    const { classes = [], image_attributes = [] } = ontology.value;
    const asked =
      mode.value === "classification"
        ? { classes: classes.filter(isTag), image_attributes }
        : ontology.value;
    return this.toolbox.of(asked, this.onScan, inTime(this.state.item.value));
  }

  useKernelTools(specs: readonly KernelToolSpec[]): void {
    this.toolbox.useKernelTools(specs);
    this.hand.refresh();
    this.state.tool.value = this.hand.tool;
    this.state.toolsVersion.value++;
  }

  chooseTool(name: string): void {
    if (!this.hand.take(name)) return;
    this.state.tool.value = this.hand.tool;
    this.state.crosshair.value = null;
    this.outcomes.prepare();
    if (this.hand.atOnce && this.state.selection.value.length === 1)
      this.hand.handle({ type: "finish" });
    if (this.hand.makes.length === 0 || this.draws(this.currentClass)) return;
    const other = offered(this.state.ontology.value).find((made) => this.draws(made));
    if (other) this.state.className.value = other.name;
  }

  /** Can the tool in hand draw something of a class? */
  draws(made: ObjectClass | undefined): boolean {
    return drawnAs(made, this.onScan).some((type) => this.hand.makes.includes(type));
  }

  /** Choosing a class takes its tool; one in hand that can draw it stays. */
  chooseClass(name: string): void {
    const { state } = this;
    const made = state.ontology.value.classes?.find((one) => one.name === name);
    if (!made) return;
    if (isTag(made)) {
      this.toggleTag(name);
      return;
    }
    if (state.mode.value === "classification") return;
    state.className.value = name;
    this.select([]);
    if (this.draws(made)) {
      this.hand.handle({ type: "cancel" });
      return;
    }
    const tool = this.toolbox.for(made, this.onScan);
    this.chooseTool(tool?.name ?? "select");
    if (isEventClass(made)) {
      state.className.value = name;
      this.board.say(
        this.onFrames
          ? `${commandKey("event.toggle")} where “${name}” begins, and again where it ends; or drag on its lane.`
          : `“${name}” happens through the frames of a video, and this is none.`,
      );
    } else if (!tool) {
      this.board.say(`“${made.name}” is drawn on scans, through their slices, and this is none.`);
    }
  }

  /** A class without a shape is not drawn: the image has it or not. */
  private toggleTag(name: string): void {
    const { labels, state } = this;
    if (!labels || state.status.value.kind !== "ready") return;
    const made = labels.toggleTag(name);
    if (made) this.select([made]);
    const has = labels.tagsOf(name).length > 0;
    this.board.say(has ? `“${name}” is said of this image.` : `“${name}” is taken back.`);
  }

  /** The values of the options of the tool in hand. */
  get settings(): Settings {
    return settingsOf(this.hand.options, this.state.settings.value[this.hand.group] ?? {});
  }

  setOption(name: string, value: Setting): void {
    const option = this.hand.options.find((one) => one.name === name);
    if (!option) return;
    const { state } = this;
    const { group } = this.hand;
    const now = settingOf(option, value);
    if (this.settings[name] === now) return;
    const before = state.settings.value;
    state.settings.value = { ...before, [group]: { ...before[group], [name]: now } };
    this.hand.handle({ type: "settings" });
  }

  /** Select from outside of the picture: the tool lets go of the vertex it may have in hand. */
  select(ids: readonly string[]): void {
    this.selectQuietly(ids);
    if (this.hand.tool === "select" && this.hand.busy) this.hand.reset();
  }

  /** Select as the tool in hand wishes, which knows of it. */
  selectQuietly(ids: readonly string[]): void {
    const { state } = this;
    const known = ids.filter((id) => this.labels?.document.has(id));
    if (known.join() === state.selection.value.join()) return;
    state.selection.value = known;
    state.asked.value = null;
    this.stage.refresh();
  }

  hover(id: string | null): void {
    if (this.state.hovered.value === id) return;
    this.state.hovered.value = id;
    this.viewport.repaint();
  }

  setHidden(ids: readonly string[], hide: boolean): void {
    const hidden = new Set(this.state.hidden.value);
    for (const id of ids) hide ? hidden.add(id) : hidden.delete(id);
    this.state.hidden.value = hidden;
    this.stage.refresh();
  }

  /** See the picture of the active pane in another tone. */
  useTone(tone: Tone): void {
    this.windows.use(this.pane, tone);
  }

  /** How much of the picture labels cover, from 0 to 1. */
  useFill(fill: number): void {
    this.state.fill.value = fill;
    for (const { viewport } of this.panes.all.value) {
      viewport.shapes.fill(fill);
      viewport.repaint();
    }
  }

  setPeek(peek: boolean): void {
    for (const { viewport } of this.panes.all.value)
      viewport.element.classList.toggle("lw-peek", peek);
  }

  copy(): void {
    if (!this.labels) return;
    const count = this.clipboard.copy(this.labels, this.state.selection.value);
    if (count > 0) this.board.say(count === 1 ? "1 object copied." : `${count} objects copied.`);
    else if (this.state.selection.value.length > 0)
      this.board.say("Nothing that is selected is in this picture.");
  }

  paste(): void {
    const { labels, viewport } = this;
    if (!labels) return;
    this.selectNew(this.clipboard.paste(labels, viewport.view.scale, viewport.imageSize));
  }

  duplicate(): void {
    const { labels, viewport, state } = this;
    if (!labels) return;
    const { scale } = viewport.view;
    const ids = state.selection.value;
    this.selectNew(this.clipboard.duplicate(labels, ids, scale, viewport.imageSize));
  }

  undo(): void {
    // While something is being drawn, undo takes back its last point.
    if (this.hand.busy && this.hand.tool !== "select") this.hand.handle({ type: "back" });
    else void this.step("undo");
  }

  redo(): void {
    void this.step("redo");
  }

  /** Give the keys back to the picture. */
  focus(): void {
    this.root?.focus({ preventScroll: true });
  }

  get pictureFocused(): boolean {
    const active = this.root?.ownerDocument.activeElement;
    return !active || active === this.root || !this.root?.contains(active);
  }

  toggleFull(): void {
    const { root } = this;
    if (!root) return;
    if (root.ownerDocument.fullscreenElement) void root.ownerDocument.exitFullscreen();
    else
      void root
        .requestFullscreen()
        .catch(() => this.board.say("This browser does not allow full screen here."));
  }

  private async step(way: "undo" | "redo"): Promise<void> {
    const { labels } = this;
    if (!labels) return;
    const done = labels[way]();
    if (!("past" in done)) return this.afterStep(done);
    if (this.stepping || this.state.readOnly.value) return;
    this.stepping = true;
    try {
      const { task } = labels.document;
      // The store takes back the last gesture that it has: all of them have to be there.
      if (!(await this.saving.settled(task))) return;
      const { message } = await this.kernel.ask({ type: way, task, gesture: done.past }, [
        "stepped",
      ]);
      this.afterStep(message.annotations);
    } catch (error) {
      this.complain(error);
    } finally {
      this.stepping = false;
    }
  }

  private afterStep(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.tracks.untell();
    const shapes = ids.filter((id) => this.labels?.document.get(id)?.class_name != null);
    this.select(shapes);
    const box = shapes.length === 1 && shapes[0] ? this.stage.box(shapes[0]) : undefined;
    if (box) this.viewport.reveal(box);
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
    this.hover(over);
  }

  complain(error: unknown): void {
    if (!isAbort(error)) this.board.say(textOf(error), "warning");
  }

  private selectNew(ids: readonly string[]): void {
    if (ids.length > 0) this.select(ids);
  }
}

function accentOf(element: Element): string {
  return getComputedStyle(element).getPropertyValue("--lw-accent").trim() || "#1976d2";
}
