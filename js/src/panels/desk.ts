import { batch } from "@preact/signals";
import type { Size } from "../geometry/transform.ts";
import { isAbort, jsonOf, textOf } from "../link/kernel.ts";
import { isVideo, ptsOf } from "../link/videos.ts";
import { isVolume } from "../link/volumes.ts";
import type { FromKernel, ItemInfo, OpenedBody, ToKernel } from "../link/wire.ts";
import { Ahead } from "./ahead.ts";
import { Beside, isAsSeen } from "./beside.ts";
import { missingAnswers, sentence } from "./completion.ts";
import { Labels } from "./labels.ts";
import type { Pane } from "./pane.ts";
import { focusFirstOpen } from "./popover.tsx";
import type { Room } from "./room.ts";
import type { Missing } from "./state.ts";

/** So many tasks can be named to the kernel as known. */
const MOST_KNOWN = 100;
/** A picture of a sequence that takes longer is told to be on its way. */
const LATE_MS = 250;

type Opened = Extract<FromKernel, { type: "opened" }>;

/** Which task is on the desk: opening it with its picture, and handing it in. */
export class Desk {
  private opening: AbortController | null = null;
  private readonly ahead: Ahead;
  private readonly beside: Beside;
  /** Items that the kernel takes for likely to be wanted next. */
  private next: readonly string[] = [];
  /** Tasks that are left, and not handed in yet. */
  private readonly handing = new Set<string>();
  /** What is shown is done with, and the next is not there yet. */
  leaving = false;
  /** A task is on its way to the active pane. */
  waiting = false;

  constructor(private readonly room: Room) {
    room.kernel.listen((message) => this.hear(message));
    this.beside = new Beside(room.kernel);
    this.ahead = new Ahead(room, () => [
      ...this.handing,
      ...(room.state.task.value ? [room.state.task.value.id] : []),
    ]);
  }

  /** Nothing that is still being opened is wanted any more. */
  dispose(): void {
    this.opening?.abort();
    this.ahead.dispose();
  }

  /** Open the first task, and send what an earlier life of this page could not. */
  async start(task: string | null, item: string | null): Promise<void> {
    // Which item comes first is known: its picture is asked for in the same breath.
    if (item) this.room.pictures.expect([item]);
    await this.open(task);
    await this.room.saving.recover();
    this.replay();
  }

  async open(task: string | null, step = 0, but: readonly string[] = []): Promise<void> {
    const { state } = this.room;
    this.opening?.abort();
    const opening = new AbortController();
    this.opening = opening;
    this.waiting = true;
    try {
      const asked = this.room.kernel.ask(
        {
          type: "open",
          task,
          ...(step ? { step } : {}),
          ...(but.length > 0 ? { ahead: true, known: but } : {}),
        },
        ["opened"],
        opening.signal,
      );
      const seen = task && step ? this.beside.take(task, step) : null;
      if (seen) {
        // Shown at once; if it has changed since, the answer says so.
        asked.catch(() => undefined);
        if (seen.message.task) this.ahead.forget(seen.message.task.id);
        await this.put(seen.message, seen.body, opening.signal);
      }
      const { message, buffers } = await asked;
      if (seen && isAsSeen(seen, message, buffers[0])) {
        this.next = message.next ?? [];
        this.expect();
      } else {
        if (message.task) this.ahead.forget(message.task.id);
        const body = message.task ? jsonOf<OpenedBody>(buffers[0]) : null;
        await this.put(message, body, opening.signal);
      }
    } catch (error) {
      if (isAbort(error)) return;
      state.status.value = { kind: "lost", message: textOf(error) };
    } finally {
      if (this.opening === opening) {
        this.leaving = false;
        this.waiting = false;
      }
    }
    this.seen();
    void this.ahead.fill();
  }

  /** Keys may have waited for the picture, and are for it once it is painted. */
  private seen(): void {
    if (this.room.state.status.value.kind !== "ready") return;
    requestAnimationFrame(() => this.room.asking.pictureSeen());
  }

  /** Hand in what is shown and show the next task, waiting for neither where that is ready. */
  async advance(): Promise<void> {
    const { state, labels } = this.room;
    const task = state.task.value;
    if (!task || !labels || this.leaving) return;
    if (state.readOnly.value) return void this.open(task.id, 1);
    const open = missingAnswers(labels, state.ontology.value, state.mode.value);
    if (open.length > 0) return this.incomplete(labels, open);
    this.leaving = true;
    const next = this.ahead.take();
    void this.handIn(task.id, task.title);
    if (!next) return this.open(null, 0, [...this.handing].slice(-MOST_KNOWN));
    this.opening?.abort();
    const opening = new AbortController();
    this.opening = opening;
    const shown = next.message.task?.id;
    if (shown) this.room.kernel.tell({ type: "showing", task: shown });
    try {
      await this.put(next.message, next.body, opening.signal);
    } finally {
      if (this.opening === opening) this.leaving = false;
    }
    this.seen();
  }

  /** Submit a task that is no longer shown, once its labels are durable. */
  private async handIn(task: string, title: string): Promise<void> {
    this.handing.add(task);
    try {
      if (!(await this.room.saving.settled(task)))
        throw new Error("Its answers are not saved yet.");
      await this.room.kernel.ask({ type: "submit", task }, ["moved"]);
    } catch (error) {
      if (isAbort(error)) return;
      this.room.board.say(`“${title}” was not submitted. ${textOf(error)}`, "warning", {
        label: "Go there",
        run: () => void this.open(task),
      });
    } finally {
      this.handing.delete(task);
    }
  }

  /** Put a task on the desk with its labels, and show its picture. */
  private async put(message: Opened, body: OpenedBody | null, signal: AbortSignal): Promise<void> {
    const { state } = this.room;
    if (!message.task || !message.item || !body) {
      batch(() => {
        state.status.value = { kind: "done" };
        state.task.value = null;
        state.total.value = message.total;
      });
      this.room.labels = null;
      this.room.viewport.image.clear();
      this.room.viewport.shapes.load();
      return;
    }
    const { task: row } = message;
    const item = this.room.videos.known(this.room.volumes.known(message.item));
    this.next = message.next ?? this.next;
    const samePicture = state.item.value?.id === item.id && state.status.value.kind === "ready";
    const sameTask = this.room.labels?.document.task === row.id;
    const labels = this.takeUp(row.id, body);
    const scope = state.task.value?.scope;
    this.room.labels = labels;
    this.showHistory();
    state.version.value++;
    batch(() => {
      state.task.value = row;
      state.item.value = item;
      state.index.value = message.index;
      state.total.value = message.total;
      const { stack, film } = this.room.pane;
      if (!sameTask)
        state.frame.value = item.volume ? stack.begin() : item.video ? film.begin(item) : 0;
      state.missing.value = [];
      state.question.value = null;
      if (!sameTask) {
        state.hidden.value = new Set();
        // What is said of a task that was handed in is still to be read after the next one came.
        if (!this.leaving) this.room.board.clear();
      }
      state.hovered.value = null;
      state.asked.value = null;
      state.selection.value = sameTask
        ? state.selection.value.filter((id) => this.room.labels?.document.has(id))
        : [];
      if (!samePicture) state.status.value = { kind: "loading" };
    });
    this.room.choice.useScope(scope);
    this.replay();
    this.room.tasks.follow(row);
    this.room.hand.reset();
    this.waiting = false;
    void this.room.panes.arrange(false).catch((error) => this.room.complain(error));
    if (samePicture) this.room.stage.load(labels.document);
    else await this.showPicture(item.id, signal);
  }

  /** Open a task in a pane beside the active one. */
  async openAside(pane: Pane, task: string): Promise<void> {
    const { room } = this;
    if (pane.shown.value.task?.id === task && pane.shown.value.status.kind === "ready") return;
    pane.opening?.abort();
    const opening = new AbortController();
    pane.opening = opening;
    room.panes.say(pane, { kind: "loading" });
    try {
      const { message, buffers } = await room.kernel.ask(
        { type: "open", task },
        ["opened"],
        opening.signal,
      );
      if (!message.task || !message.item || opening.signal.aborted) return;
      const body = jsonOf<OpenedBody>(buffers[0]);
      const known = room.panes.labels.find((one) => one.document.task === task);
      const labels = known ?? this.takeUp(task, body);
      pane.shown.value = {
        task: message.task,
        item: message.item,
        index: message.index,
        total: message.total,
        frame: 0,
        status: { kind: "loading" },
        labels,
      };
      if (!known) room.saving.replay(labels);
      await this.present(pane, opening.signal);
    } catch (error) {
      if (!isAbort(error)) room.panes.say(pane, { kind: "lost", message: textOf(error) });
    }
  }

  /** Show the picture of the open task. */
  async showPicture(item: string, signal?: AbortSignal): Promise<void> {
    const { room } = this;
    const { pane } = room;
    await this.present(pane, signal);
    if (pane !== room.pane || room.state.item.value?.id !== item) return;
    if (room.state.status.value.kind !== "ready") return;
    room.outcomes.prepare();
    this.expect();
    const { task } = room.state;
    if (task.value) void this.beside.look(task.value.id);
  }

  /** Make ready what is likely to be next, of the queue and of the list: nothing is claimed. */
  private expect(): void {
    const { pictures, tasks } = this.room;
    pictures.expect([...new Set([...this.next, ...tasks.neighbours()])]);
  }

  /** Bring the picture that a pane is about onto it, its labels first. */
  async present(pane: Pane, signal?: AbortSignal): Promise<void> {
    const { panes, pictures, volumes, videos } = this.room;
    const { item, frame, labels } = panes.of(pane);
    if (!item) return;
    const gone = () => {
      const now = panes.of(pane);
      return signal?.aborted || now.item?.id !== item.id || now.frame !== frame;
    };
    pane.stack.leave();
    pane.viewport.shapes.load();
    pane.viewport.image.clear();
    pane.film.leave();
    panes.say(pane, { kind: "loading" });
    const lay = (size: Size) => {
      pane.viewport.begin({ width: size.width, height: size.height }, aspectOf(item));
      if (pane !== panes.active && this.room.state.linked.value) panes.pose(pane, panes.active);
      if (labels) pane.stage.load(labels.document, item.frames ? frame : null);
    };
    try {
      if (isVolume(item) && !item.volume) {
        const opened = await volumes.open(item, signal);
        if (gone()) return;
        panes.know(pane, opened);
        const first = this.room.linking.beginning(pane, "slice") ?? pane.stack.begin();
        panes.turnTo(pane, first, { kind: "loading" });
        await this.present(pane, signal);
        return;
      }
      if (isVideo(item) && !item.video) {
        const opened = await videos.open(item, signal);
        if (gone()) return;
        panes.know(pane, opened);
        panes.turnTo(pane, pane.film.begin(opened), { kind: "loading" });
        await this.present(pane, signal);
        return;
      }
      if (pane.across.cut.value) return await pane.across.present();
      // The labels are painted while the picture is still on its way.
      const [width, height] = item.frames?.[frame]?.size ?? [item.width, item.height];
      if (width && height) lay({ width, height });
      const picture = item.video
        ? await pane.film.open(item.id, item.video, frame, signal)
        : await pictures.get(item.id, frame, signal);
      if (gone()) return;
      const { imageSize } = pane.viewport;
      if (!width || picture.width !== imageSize.width || picture.height !== imageSize.height)
        lay(picture);
      this.room.windows.prepare(pane);
      await pane.viewport.image.show(picture);
      if (gone()) return;
      this.room.windows.settle(pane);
      panes.say(pane, { kind: "ready" });
      pane.stack.shown();
    } catch (error) {
      if (isAbort(error) || gone()) return;
      panes.say(pane, { kind: "broken", message: textOf(error) });
    }
  }

  /**
   * Show another picture of a sequence in the place of the one that is shown: what is seen stays
   * until the other is there, and so does the view.
   */
  async turnTo(pane: Pane, frame: number): Promise<void> {
    const { panes, pictures, state } = this.room;
    const { item, labels } = panes.of(pane);
    if (!item) return;
    state.frame.value = frame;
    const gone = () => {
      const now = panes.of(pane);
      return now.item?.id !== item.id || now.frame !== frame;
    };
    const late = setTimeout(() => {
      if (!gone()) panes.say(pane, { kind: "loading" });
    }, LATE_MS);
    try {
      const picture = await pictures.get(item.id, frame);
      if (gone()) return;
      await pane.viewport.image.show(picture, true);
      if (gone()) return;
      if (labels) pane.stage.load(labels.document, frame);
      panes.say(pane, { kind: "ready" });
    } catch (error) {
      if (isAbort(error) || gone()) return;
      pane.viewport.image.clear();
      pane.viewport.shapes.load();
      panes.say(pane, { kind: "broken", message: textOf(error) });
    } finally {
      clearTimeout(late);
    }
  }

  async submit(): Promise<void> {
    const { state, labels } = this.room;
    const task = state.task.value;
    if (!task || !labels || state.readOnly.value) return;
    if (state.status.value.kind !== "ready") {
      this.room.board.say(
        "A picture that is not shown cannot be submitted; it can be skipped.",
        "warning",
      );
      return;
    }
    const open = missingAnswers(labels, state.ontology.value, state.mode.value);
    if (open.length > 0) return this.incomplete(labels, open);
    if (await this.room.saving.settled(task.id)) {
      await this.move({ type: "submit", task: task.id });
      return;
    }
    const text = "Not submitted: some labels are not saved yet. They are kept in this browser.";
    this.room.board.say(text, "warning");
  }

  async skip(reason: string): Promise<void> {
    const task = this.room.state.task.value;
    if (task) await this.move({ type: "skip", task: task.id, reason });
  }

  async reopen(): Promise<void> {
    const task = this.room.state.task.value;
    if (task) await this.move({ type: "reopen", task: task.id });
  }

  openFirst(): void {
    void this.room.tasks.first().then((task) => (task ? this.open(task) : undefined));
  }

  /** Open the item at an index of all, from 0; the last one where it is beyond the end. */
  async openAt(index: number): Promise<void> {
    const { state, tasks } = this.room;
    const last = state.total.value - 1;
    if (last < 0) return;
    try {
      const row = await tasks.at(Math.min(Math.max(0, index), last), null);
      if (row && row.id !== state.task.value?.id) await this.open(row.id);
    } catch (error) {
      this.room.complain(error);
    }
  }

  /** Go on by so many items: with several panes within the folder, so that all go on together. */
  async step(step: number): Promise<void> {
    const { state, tasks, panes } = this.room;
    const task = state.task.value;
    if (!task) return;
    if (panes.sides.length === 0 || state.item.value?.frames) return this.open(task.id, step);
    try {
      const place = await tasks.placeOf(task.id, task.folder);
      const row =
        place === null || place + step < 0 ? null : await tasks.at(place + step, task.folder);
      if (row) await this.open(row.id);
    } catch (error) {
      this.room.complain(error);
    }
  }

  private takeUp(task: string, body: OpenedBody): Labels {
    const { state } = this.room;
    const labels = new Labels(
      task,
      body,
      {
        onEdits: (edits) => this.room.saving.add(edits),
        onHistory: () => this.showHistory(),
        onMissed: () => this.again(labels),
        say: (text) => this.room.board.say(text),
      },
      () => state.readOnly.value,
      () => state.ontology.value,
      () => this.room.frame,
      () => this.room.makesTracks,
      () => this.room.lastFrame,
      (frame) => (state.task.value?.id === task ? ptsOf(state.item.value, frame) : null),
    );
    labels.document.subscribe((change) => {
      for (const { stage } of this.room.panes.all.value)
        if (stage.shows(labels.document)) stage.apply(change);
      if (this.room.labels !== labels) return;
      state.version.value++;
      if (change.deleted.length > 0) this.room.selection.select(state.selection.value);
    });
    return labels;
  }

  /** Read labels again where they are shown. */
  private again(labels: Labels): void {
    const { task } = labels.document;
    if (this.room.labels === labels) void this.open(task);
    for (const pane of this.room.panes.sides) {
      if (pane.shown.value.labels !== labels) continue;
      pane.shown.value = { ...pane.shown.value, labels: null, status: { kind: "loading" } };
      void this.openAside(pane, task);
    }
  }

  /** Whether the last gesture on the open task can be taken back, or brought again. */
  showHistory(): void {
    const { state, labels } = this.room;
    state.canUndo.value = labels?.history.canUndo ?? false;
    state.canRedo.value = labels?.history.canRedo ?? false;
  }

  private replay(): void {
    if (this.room.labels) this.room.saving.replay(this.room.labels);
  }

  /** Ask for a move of the task; after all but a reopening the next one comes. */
  private async move(
    message: Extract<ToKernel, { type: "submit" | "skip" | "reopen" }>,
  ): Promise<void> {
    try {
      const moved = this.room.kernel.ask(message, ["moved"]);
      // In the same breath: the kernel does one after the other, and what it refuses to move is
      // still the task that comes next.
      const next = message.type === "reopen" ? null : this.open(null);
      await moved;
      this.room.board.clear();
      await next;
    } catch (error) {
      this.room.complain(error);
    }
  }

  /** Say what is missing, and go there. */
  private incomplete(labels: Labels, open: readonly Missing[]): void {
    const { state } = this.room;
    state.missing.value = open;
    state.sideOpen.value = true;
    const id = open[0]?.annotation;
    const whose = id ? (labels.document.get(id)?.class_name ?? "an object") : "the image";
    this.room.board.say(sentence(open, whose), "warning");
    if (!id) {
      state.question.value = open[0]?.attributes[0] ?? null;
      // Once the panel is there; where there are many classes, its end is out of sight.
      setTimeout(() => {
        const panel = ".lw-side:not([data-mode=classification]) [aria-label=Image]";
        focusFirstOpen(this.room.root?.querySelector(panel), false);
      });
      return;
    }
    const frame = open[0]?.frame;
    if (frame != null) void this.room.panes.showFrame(frame);
    this.room.selection.select([id]);
    const box = this.room.stage.box(id);
    if (box) this.room.viewport.reveal(box);
    state.asked.value = id;
  }

  private hear(message: FromKernel): void {
    if (message.type === "moved") this.beside.forget(new Set([message.task.id]));
    if (message.type === "applied") {
      const changed = new Set(message.edits.map((one) => one.task));
      this.ahead.stale(changed);
      this.beside.forget(changed);
    }
    if (message.type !== "moved") return;
    const { task } = this.room.state;
    this.room.tasks.update(message.task);
    if (message.task.id === task.value?.id) task.value = { ...task.value, ...message.task };
    for (const { shown } of this.room.panes.sides) {
      if (shown.value.task?.id === message.task.id)
        shown.value = { ...shown.value, task: { ...shown.value.task, ...message.task } };
    }
  }
}

/** How many times as high as wide the pixels of a scan are. */
function aspectOf({ volume, spacing }: ItemInfo): number {
  return volume && spacing ? Math.min(Math.max(spacing[1] / spacing[0], 0.1), 10) : 1;
}
