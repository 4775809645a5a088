import { batch } from "@preact/signals";
import { missing, questions } from "../document/answers.ts";
import { newId } from "../document/ids.ts";
import type { Annotation, Edit, Geometry, Ontology, Refused, XY } from "../document/types.ts";
import { distance } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import { openJournal } from "../link/journal.ts";
import { type Channel, jsonOf, Kernel } from "../link/kernel.ts";
import { Outbox } from "../link/outbox.ts";
import { Pictures } from "../link/pictures.ts";
import { Thumbnails } from "../link/thumbnails.ts";
import type { FromKernel, OpenedBody } from "../link/wire.ts";
import { Viewport } from "../render/viewport.ts";
import { TOOLS } from "../tools/index.ts";
import type { Effect, ToolEvent } from "../tools/tool.ts";
import { Hand } from "./hand.ts";
import { Labels } from "./labels.ts";
import { Stage } from "./stage.ts";
import { createState, type Missing, type Notice, type State } from "./state.ts";
import { TaskList } from "./task_list.ts";

/** What the widget's model says about the project and the person; the kernel decides both. */
export interface Place {
  readonly project: string;
  readonly name: string;
  readonly user: string;
}

const NOTICE_MS = 6000;
const GONE = "The kernel is gone; run the cell again when it is back.";

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
  labels: Labels | null = null;
  /** The element that has the keys. */
  root: HTMLElement | null = null;
  private outbox: Outbox | null = null;
  private readonly client = newId();
  private opening: AbortController | null = null;
  private notices = 0;
  private clipboard: { task: string; copies: Annotation[] } | null = null;
  private recovering = false;
  private stepping = false;
  private clicked: XY | null = null;
  private accent = "";

  constructor(
    channel: Channel,
    private readonly place: Place,
    private readonly signal: AbortSignal,
  ) {
    const { state } = this;
    state.project.value = { name: place.name, user: place.user };
    this.kernel = new Kernel(channel, signal, () => this.disconnected());
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
        nameOf: (annotation) => this.nameOf(annotation),
        crosshair: state.crosshair.value,
      }),
    );
    this.kernel.listen((message) => this.hear(message));
    signal.addEventListener("abort", () => {
      this.outbox?.dispose();
      this.pictures.dispose();
      this.thumbnails.dispose();
      this.opening?.abort();
    });
  }

  /** Open the journal, then the first task. */
  async start(task: string | null): Promise<void> {
    const opened = this.open(task);
    const journal = await openJournal(this.place.project, this.place.user);
    if (this.signal.aborted) return;
    this.outbox = new Outbox({
      journal,
      send: (edits) => this.kernel.tell({ type: "edits", client: this.client, edits }),
      onState: (save) => {
        this.state.save.value = save;
        if (save.state === "saved" && this.recovering) {
          this.recovering = false;
          void this.open(this.state.task.value?.id ?? null);
        }
      },
      onRefused: (refused, edit) => this.refused(refused, edit),
    });
    await opened;
    await this.outbox.recover();
    this.recovering = this.outbox.size > 0;
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
      this.say(
        `There is no tool yet that draws a ${tool}; such objects can be seen, moved and deleted.`,
      );
  }

  select(ids: readonly string[]): void {
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
    const task = this.labels?.document.task;
    const copies = this.state.selection.value.flatMap((id) => this.labels?.document.get(id) ?? []);
    if (!task || copies.length === 0) return;
    this.clipboard = { task, copies };
    this.say(copies.length === 1 ? "1 object copied." : `${copies.length} objects copied.`);
  }

  paste(): void {
    if (!this.clipboard || !this.labels) return;
    const here = this.clipboard.task === this.labels.document.task;
    const offset = here ? Math.max(1, Math.round(12 / this.viewport.view.scale)) : 0;
    const ids = this.labels.paste(this.clipboard.copies, offset, this.viewport.imageSize);
    if (ids.length === 0) return;
    this.clipboard = {
      task: this.labels.document.task,
      copies: ids.flatMap((id) => this.labels?.document.get(id) ?? []),
    };
    this.select(ids);
  }

  duplicate(): void {
    const copies = this.state.selection.value.flatMap((id) => this.labels?.document.get(id) ?? []);
    const offset = Math.max(1, Math.round(12 / this.viewport.view.scale));
    const ids = this.labels?.paste(copies, offset, this.viewport.imageSize) ?? [];
    if (ids.length > 0) this.select(ids);
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
    const { state } = this;
    const task = state.task.value;
    if (!task || state.readOnly.value) return;
    const open = this.missingAnswers();
    if (open.length > 0) return this.incomplete(open);
    if (!(await this.allSaved(task.id))) {
      this.say(
        "Not submitted: some labels are not saved yet. They are kept in this browser.",
        "warning",
      );
      return;
    }
    try {
      await this.kernel.ask({ type: "submit", task: task.id }, ["moved"]);
      await this.open(null);
    } catch (error) {
      if (!isAbort(error)) this.say(textOf(error), "warning");
    }
  }

  async skip(reason: string): Promise<void> {
    const task = this.state.task.value;
    if (!task) return;
    try {
      await this.kernel.ask({ type: "skip", task: task.id, reason }, ["moved"]);
      await this.open(null);
    } catch (error) {
      if (!isAbort(error)) this.say(textOf(error), "warning");
    }
  }

  async reopen(): Promise<void> {
    const task = this.state.task.value;
    if (!task) return;
    try {
      await this.kernel.ask({ type: "reopen", task: task.id }, ["moved"]);
    } catch (error) {
      if (!isAbort(error)) this.say(textOf(error), "warning");
    }
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
        .catch(() => this.say("This browser does not allow full screen here."));
  }

  retry(): void {
    this.outbox?.resend();
  }

  /** The line to the kernel is known to be down. */
  disconnected(): void {
    this.outbox?.disconnected(GONE);
  }

  connected(): void {
    this.outbox?.connected();
  }

  say(text: string, kind: Notice["kind"] = "info", action?: Notice["action"]): void {
    const { notices } = this.state;
    const id = ++this.notices;
    const others = notices.value.filter((notice) => notice.text !== text).slice(-2);
    notices.value = [...others, { id, text, kind, ...(action ? { action } : {}) }];
    setTimeout(() => this.dismiss(id), action ? 4 * NOTICE_MS : NOTICE_MS);
  }

  dismiss(id: number): void {
    this.state.notices.value = this.state.notices.value.filter((notice) => notice.id !== id);
  }

  /** Move the crosshair of a drawing tool, by pixels of the screen; it begins in the middle. */
  moveCrosshair(dx: number, dy: number): void {
    const { state, viewport } = this;
    const { scale } = viewport.view;
    const from = state.crosshair.value ?? viewport.middle;
    const at = clampPoint([from[0] + dx / scale, from[1] + dy / scale], viewport.imageSize);
    state.crosshair.value = at;
    state.pointer.value = at;
    state.pixel.value = viewport.image.pixel(at[0], at[1]);
    this.hand.handle(keyPointer("move", at, scale));
    viewport.reveal({ minX: at[0], maxX: at[0], minY: at[1], maxY: at[1] });
    viewport.repaint();
  }

  /** Click where the crosshair is; twice at one place finishes. */
  clickCrosshair(): void {
    const { state } = this;
    const at = state.crosshair.value;
    if (!at) return;
    if (this.clicked && this.hand.busy && distance(this.clicked, at) === 0) {
      this.hand.handle({ type: "finish" });
      this.clicked = null;
      return;
    }
    this.clicked = at;
    const { scale } = this.viewport.view;
    this.hand.handle(keyPointer("down", at, scale));
    this.hand.handle(keyPointer("up", at, scale));
  }

  /** Class and number of an object, as the object list has it. */
  nameOf(annotation: Annotation): string {
    return annotation.class_name ?? "image";
  }

  private takeUp(task: string, body: OpenedBody): Labels {
    const { state } = this;
    const labels = new Labels(
      task,
      body,
      {
        onEdits: (edits) => this.outbox?.add(edits),
        onHistory: () => this.showHistory(labels),
        say: (text) => this.say(text),
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

  /** Edits that are still on their way belong to what this view shows. */
  private replay(): void {
    const { labels } = this;
    if (!labels) return;
    for (const edit of this.outbox?.of(labels.document.task) ?? []) labels.document.replay(edit);
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
      if (!(await this.allSaved(task))) return;
      const { message } = await this.kernel.ask({ type: way, task, gesture: done.past }, [
        "stepped",
      ]);
      this.afterStep(message.annotations);
    } catch (error) {
      if (!isAbort(error)) this.say(textOf(error), "warning");
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
        this.say(effect.text);
        break;
      case "select":
        this.select(effect.ids);
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
      this.say("The ontology has no class to draw.", "warning");
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

  private missingAnswers(): Missing[] {
    const { labels } = this;
    const ontology = this.state.ontology.value;
    if (!labels) return [];
    const result: Missing[] = [];
    const image = labels.document.get(labels.imageId);
    const open = missing(ontology.image_attributes ?? [], image?.attributes ?? {});
    if (open.length > 0) result.push({ annotation: null, attributes: open.map((one) => one.name) });
    for (const annotation of labels.objects()) {
      const names = missing(questions(ontology, annotation), annotation.attributes ?? {});
      if (names.length > 0)
        result.push({ annotation: annotation.id, attributes: names.map((one) => one.name) });
    }
    return result;
  }

  /** Say what is missing, and go there. */
  private incomplete(open: readonly Missing[]): void {
    const { state } = this;
    state.missing.value = open;
    const [first] = open;
    const count = open.reduce((sum, one) => sum + one.attributes.length, 0);
    const names = first?.attributes.map((name) => `“${name}”`).join(", ");
    const whose = first?.annotation
      ? this.nameOf(this.labels?.document.get(first.annotation) as Annotation)
      : "the image";
    const more = count > (first?.attributes.length ?? 0) ? `, ${count} in all` : "";
    this.say(`Not submitted: ${names} of ${whose} is required${more}.`, "warning");
    if (first?.annotation) {
      this.select([first.annotation]);
      const box = this.stage.box(first.annotation);
      if (box) this.viewport.reveal(box);
      state.asked.value = first.annotation;
    }
    state.sideOpen.value = true;
  }

  private async allSaved(task: string): Promise<boolean> {
    for (let tries = 0; tries < 40; tries++) {
      if ((this.outbox?.of(task).length ?? 0) === 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  private hear(message: FromKernel): void {
    const { state, outbox } = this;
    if (message.type === "applied") {
      const mine = new Set(
        message.edits.filter((edit) => outbox?.has(edit.id)).map((edit) => edit.id),
      );
      outbox?.applied(message.edits);
      const isMine = (edit: { id: string; client?: string | null }) =>
        mine.has(edit.id) || edit.client === this.client;
      this.labels?.applied(message.edits, isMine, this.place.user);
    } else if (message.type === "refused") outbox?.refused(message.edits);
    else if (message.type === "moved") {
      this.tasks.update(message.task);
      if (message.task.id === state.task.value?.id)
        state.task.value = { ...state.task.value, ...message.task };
    } else if (message.type === "failed" && message.request === null) {
      this.say(message.error.message, "warning");
      outbox?.disconnected(message.error.message);
    }
  }

  private refused(refused: Refused, edit: Edit): void {
    const { labels } = this;
    const here = labels?.document.task === edit.task;
    if (labels && here) labels.refused(refused, edit);
    if (refused.reason !== "conflict") {
      this.say(`Not saved: ${refused.message}`, "warning");
      return;
    }
    const name = labels?.document.get(edit.annotation);
    const what = name ? this.nameOf(name) : "An object";
    const text = refused.current
      ? `${what} was changed elsewhere at the same time; that version is shown.`
      : `${what} was deleted elsewhere at the same time.`;
    if (labels && here)
      this.say(text, "warning", { label: "Use mine", run: () => labels.insist(edit) });
    else this.say(text, "warning");
  }
}

function keyPointer(type: "down" | "move" | "up", at: XY, scale: number): ToolEvent {
  const pressed = type === "down";
  return { type, at, shift: false, ctrl: false, alt: false, slack: 4 / scale, pressed };
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
