import { batch } from "@preact/signals";
import type { Geometry, Ontology } from "../document/types.ts";
import { type Channel, jsonOf, Kernel } from "../link/kernel.ts";
import { Pictures } from "../link/pictures.ts";
import { Thumbnails } from "../link/thumbnails.ts";
import type { FromKernel, OpenedBody, ToKernel } from "../link/wire.ts";
import { Viewport } from "../render/viewport.ts";
import { TOOLS } from "../tools/index.ts";
import type { Effect } from "../tools/tool.ts";
import { Clipboard } from "./clipboard.ts";
import { missingAnswers, sentence } from "./completion.ts";
import { Crosshair } from "./crosshair.ts";
import { Hand } from "./hand.ts";
import { Labels } from "./labels.ts";
import { NoticeBoard } from "./notice_board.ts";
import { Saving } from "./saving.ts";
import { Stage } from "./stage.ts";
import { createState, type Missing, type Place, type State } from "./state.ts";
import { TaskList } from "./task_list.ts";

/** The annotator without its furniture: what is open, what is in hand, and what may be done. */
export class Room {
  readonly state: State = createState();
  readonly kernel: Kernel;
  readonly pictures: Pictures;
  readonly thumbnails: Thumbnails;
  readonly tasks: TaskList;
  readonly viewport: Viewport;
  readonly hand: Hand;
  readonly stage: Stage;
  readonly crosshair: Crosshair;
  readonly saving: Saving;
  readonly board: NoticeBoard;
  labels: Labels | null = null;
  /** The element that has the keys. */
  root: HTMLElement | null = null;
  private readonly clipboard = new Clipboard();
  private opening: AbortController | null = null;
  private stepping = false;
  private accent = "";

  constructor(channel: Channel, place: Place, signal: AbortSignal) {
    const { state } = this;
    state.project.value = place.name;
    this.board = new NoticeBoard(state);
    this.kernel = new Kernel(channel, signal, () => this.saving.disconnected());
    this.saving = new Saving(
      this.kernel,
      place,
      state,
      this.board,
      () => this.labels,
      () => void this.open(state.task.value?.id ?? null),
    );
    this.pictures = new Pictures(this.kernel);
    this.thumbnails = new Thumbnails(this.kernel, () => {
      state.thumbnails.value++;
    });
    this.tasks = new TaskList(this.kernel, state);
    this.hand = new Hand(() => this.stage.scene(), {
      onEffect: (effect) => this.take(effect),
      onChange: () => {
        state.busy.value = this.hand.busy;
        this.stage.refresh();
      },
    });
    this.viewport = new Viewport(
      {
        onTool: (event) => {
          if (state.status.value.kind !== "ready") return;
          if (event.type === "down") state.asked.value = null;
          this.hand.handle(event);
        },
        onPointer: (at) => this.point(at),
        onView: (view) => {
          state.scale.value = view.scale;
        },
        active: () => this.stage.active(),
        onRest: () => {
          this.accent = accentOf(this.viewport.element);
        },
      },
      signal,
    );
    this.stage = new Stage(
      () => this.viewport,
      () => ({
        selection: state.selection.value,
        hovered: state.hovered.value,
        hidden: state.hidden.value,
        preview: () => this.hand.preview(),
        accent: this.accent,
        draftColor: this.currentClass?.color ?? "#ffffff",
        crosshair: state.crosshair.value,
      }),
    );
    this.crosshair = new Crosshair(state, this.viewport, this.hand);
    this.kernel.listen((message) => this.hear(message));
    signal.addEventListener("abort", () => {
      this.saving.dispose();
      this.pictures.dispose();
      this.thumbnails.dispose();
      this.opening?.abort();
    });
  }

  /** Open the first task, and send what an earlier life of this page could not. */
  async start(task: string | null): Promise<void> {
    await this.open(task);
    await this.saving.recover();
    this.replay();
  }

  useOntology(ontology: Ontology): void {
    const { state } = this;
    state.ontology.value = ontology;
    const classes = ontology.classes ?? [];
    if (!classes.some((made) => made.name === state.className.value)) {
      state.className.value = classes[0]?.name ?? null;
    }
    this.stage.paintWith(ontology);
  }

  get currentClass() {
    return this.state.ontology.value.classes?.find(
      (made) => made.name === this.state.className.value,
    );
  }

  /** The tools of this ontology: only those that some class is drawn with. */
  get toolNames(): string[] {
    const drawn = new Set(
      (this.state.ontology.value.classes ?? []).map((made) => made.tool ?? "rectangle"),
    );
    return Object.keys(TOOLS).filter((name) => name === "select" || drawn.has(name));
  }

  async open(task: string | null, step = 0): Promise<void> {
    const { state } = this;
    this.opening?.abort();
    const opening = new AbortController();
    this.opening = opening;
    try {
      const { message, buffers } = await this.kernel.ask(
        { type: "open", task, ...(step ? { step } : {}) },
        ["opened"],
        opening.signal,
      );
      if (!message.task || !message.item) {
        batch(() => {
          state.status.value = { kind: "done" };
          state.task.value = null;
          state.total.value = message.total;
        });
        this.labels = null;
        this.viewport.image.clear();
        this.viewport.shapes.load([]);
        return;
      }
      const { task: row, item } = message;
      const body = jsonOf<OpenedBody>(buffers[0]);
      const samePicture = state.item.value?.id === item.id && state.status.value.kind === "ready";
      const sameTask = this.labels?.document.task === row.id;
      this.labels = this.takeUp(row.id, body);
      batch(() => {
        state.task.value = row;
        state.item.value = item;
        state.index.value = message.index;
        state.total.value = message.total;
        state.missing.value = [];
        if (!sameTask) state.hidden.value = new Set();
        state.hovered.value = null;
        state.asked.value = null;
        state.selection.value = sameTask
          ? state.selection.value.filter((id) => this.labels?.document.has(id))
          : [];
        if (!samePicture) state.status.value = { kind: "loading" };
      });
      this.replay();
      this.tasks.follow(row);
      this.hand.reset();
      if (samePicture) this.stage.load(this.labels.document);
      else await this.showPicture(item.id, opening.signal);
    } catch (error) {
      if (isAbort(error)) return;
      state.status.value = { kind: "lost", message: textOf(error) };
    }
  }

  async showPicture(item: string, signal?: AbortSignal): Promise<void> {
    const { state } = this;
    this.viewport.shapes.load([]);
    this.viewport.image.clear();
    state.status.value = { kind: "loading" };
    try {
      const picture = await this.pictures.get(item, signal);
      if (signal?.aborted || state.item.value?.id !== item) return;
      this.viewport.begin({ width: picture.width, height: picture.height });
      await this.viewport.image.show(picture.bitmap, picture.width, picture.height);
      state.status.value = { kind: "ready" };
      if (this.labels) this.stage.load(this.labels.document);
      for (const neighbour of this.tasks.neighbours())
        void this.pictures.get(neighbour).catch(() => undefined);
    } catch (error) {
      if (isAbort(error) || state.item.value?.id !== item) return;
      state.status.value = { kind: "broken", message: textOf(error) };
    }
  }

  chooseTool(name: string): void {
    this.hand.take(name);
    this.state.tool.value = this.hand.tool;
    this.state.crosshair.value = null;
    if (name !== "select") {
      const fits = (this.currentClass?.tool ?? "rectangle") === name;
      const other = this.state.ontology.value.classes?.find(
        (made) => (made.tool ?? "rectangle") === name,
      );
      if (!fits && other) this.state.className.value = other.name;
    }
  }

  /** Choosing a class takes its tool. */
  chooseClass(name: string): void {
    const { state } = this;
    const made = state.ontology.value.classes?.find((one) => one.name === name);
    if (!made) return;
    state.className.value = name;
    this.select([]);
    const tool = made.tool ?? "rectangle";
    if (tool in TOOLS) this.chooseTool(tool);
    else
      this.board.say(
        `There is no tool yet that draws a ${tool}; such objects can be seen, moved and deleted.`,
      );
  }

  /** Select from outside of the picture: the tool lets go of the vertex it may have in hand. */
  select(ids: readonly string[]): void {
    this.setSelection(ids);
    if (this.hand.tool === "select" && this.hand.busy) this.hand.reset();
  }

  private setSelection(ids: readonly string[]): void {
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
    if (hide) this.select(this.state.selection.value.filter((id) => !hidden.has(id)));
    this.stage.refresh();
  }

  setPeek(peek: boolean): void {
    this.state.peek.value = peek;
    this.viewport.element.classList.toggle("lw-peek", peek);
  }

  copy(): void {
    if (!this.labels) return;
    const count = this.clipboard.copy(this.labels, this.state.selection.value);
    if (count > 0) this.board.say(count === 1 ? "1 object copied." : `${count} objects copied.`);
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

  async submit(): Promise<void> {
    const { state, labels } = this;
    const task = state.task.value;
    if (!task || !labels || state.readOnly.value) return;
    const open = missingAnswers(labels, state.ontology.value);
    if (open.length > 0) return this.incomplete(labels, open);
    if (await this.saving.settled(task.id)) {
      await this.move({ type: "submit", task: task.id });
      return;
    }
    const text = "Not submitted: some labels are not saved yet. They are kept in this browser.";
    this.board.say(text, "warning");
  }

  async skip(reason: string): Promise<void> {
    const task = this.state.task.value;
    if (task) await this.move({ type: "skip", task: task.id, reason });
  }

  async reopen(): Promise<void> {
    const task = this.state.task.value;
    if (task) await this.move({ type: "reopen", task: task.id });
  }

  openFirst(): void {
    void this.tasks.first().then((task) => (task ? this.open(task) : undefined));
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

  private takeUp(task: string, body: OpenedBody): Labels {
    const { state } = this;
    const labels = new Labels(
      task,
      body,
      {
        onEdits: (edits) => this.saving.add(edits),
        onHistory: () => this.showHistory(labels),
        say: (text) => this.board.say(text),
      },
      () => state.readOnly.value,
    );
    labels.document.subscribe((change) => {
      if (this.labels !== labels) return;
      state.version.value++;
      if (state.status.value.kind === "ready") this.stage.apply(change);
      if (change.deleted.length > 0) this.select(state.selection.value);
    });
    this.showHistory(labels);
    state.version.value++;
    return labels;
  }

  private showHistory(labels: Labels): void {
    this.state.canUndo.value = labels.history.canUndo;
    this.state.canRedo.value = labels.history.canRedo;
  }

  private replay(): void {
    if (this.labels) this.saving.replay(this.labels);
  }

  /** Ask for a move of the task; after all but a reopening the next one comes. */
  private async move(
    message: Extract<ToKernel, { type: "submit" | "skip" | "reopen" }>,
  ): Promise<void> {
    try {
      await this.kernel.ask(message, ["moved"]);
      if (message.type !== "reopen") await this.open(null);
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    if (!isAbort(error)) this.board.say(textOf(error), "warning");
  }

  private selectNew(ids: readonly string[]): void {
    if (ids.length > 0) this.select(ids);
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
    const shapes = ids.filter((id) => this.labels?.document.get(id)?.class_name != null);
    this.select(shapes);
    const box = shapes.length === 1 && shapes[0] ? this.stage.box(shapes[0]) : undefined;
    if (box) this.viewport.reveal(box);
  }

  private take(effect: Effect): void {
    switch (effect.type) {
      case "say":
        this.board.say(effect.text);
        break;
      case "select":
        this.setSelection(effect.ids);
        break;
      case "update":
        this.labels?.reshape(effect.shapes);
        break;
      case "create":
        this.create(effect.geometry);
    }
  }

  private create(geometry: Geometry): void {
    const made = this.currentClass;
    if (!made || !this.labels) {
      this.board.say("The ontology has no class to draw.", "warning");
      return;
    }
    const id = this.labels.create(made.name, geometry);
    if (!id) return;
    this.select([id]);
    if (made.attributes?.length) this.state.asked.value = id;
  }

  private point(at: readonly [number, number] | null): void {
    const { state } = this;
    state.pointer.value = at;
    state.crosshair.value = null;
    state.pixel.value = at ? this.viewport.image.pixel(at[0], at[1]) : null;
    if (state.status.value.kind !== "ready" || this.hand.busy) return;
    const over =
      at && state.tool.value === "select"
        ? this.stage.scene().pick(at, 7 / this.viewport.view.scale)
        : null;
    this.hover(over);
  }

  /** Say what is missing, and go there. */
  private incomplete(labels: Labels, open: readonly Missing[]): void {
    const { state } = this;
    state.missing.value = open;
    state.sideOpen.value = true;
    const id = open[0]?.annotation;
    const whose = id ? (labels.document.get(id)?.class_name ?? "an object") : "the image";
    this.board.say(sentence(open, whose), "warning");
    if (!id) return;
    this.select([id]);
    const box = this.stage.box(id);
    if (box) this.viewport.reveal(box);
    state.asked.value = id;
  }

  private hear(message: FromKernel): void {
    if (message.type !== "moved") return;
    const { task } = this.state;
    this.tasks.update(message.task);
    if (message.task.id === task.value?.id) task.value = { ...task.value, ...message.task };
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function accentOf(element: Element): string {
  return getComputedStyle(element).getPropertyValue("--lw-accent").trim() || "#1976d2";
}
