import { batch } from "@preact/signals";
import type { Size } from "../geometry/transform.ts";
import { isAbort, jsonOf, textOf } from "../link/kernel.ts";
import type { FromKernel, OpenedBody, ToKernel } from "../link/wire.ts";
import { Ahead } from "./ahead.ts";
import { missingAnswers, sentence } from "./completion.ts";
import { Labels } from "./labels.ts";
import type { Room } from "./room.ts";
import type { Missing } from "./state.ts";

/** So many tasks can be named to the kernel as known. */
const MOST_KNOWN = 100;

type Opened = Extract<FromKernel, { type: "opened" }>;

/** Which task is on the desk: opening it with its picture, and handing it in. */
export class Desk {
  private opening: AbortController | null = null;
  private readonly ahead: Ahead;
  /** Tasks that are left, and not handed in yet. */
  private readonly handing = new Set<string>();
  /** What is shown is done with, and the next is not there yet. */
  leaving = false;

  constructor(private readonly room: Room) {
    room.kernel.listen((message) => this.hear(message));
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
    if (item) void this.room.pictures.get(item).catch(() => undefined);
    await this.open(task);
    await this.room.saving.recover();
    this.replay();
  }

  async open(task: string | null, step = 0, but: readonly string[] = []): Promise<void> {
    const { state } = this.room;
    this.opening?.abort();
    const opening = new AbortController();
    this.opening = opening;
    try {
      const { message, buffers } = await this.room.kernel.ask(
        {
          type: "open",
          task,
          ...(step ? { step } : {}),
          ...(but.length > 0 ? { ahead: true, known: but } : {}),
        },
        ["opened"],
        opening.signal,
      );
      if (message.task) this.ahead.forget(message.task.id);
      const body = message.task ? jsonOf<OpenedBody>(buffers[0]) : null;
      await this.put(message, body, opening.signal);
    } catch (error) {
      if (isAbort(error)) return;
      state.status.value = { kind: "lost", message: textOf(error) };
    } finally {
      if (this.opening === opening) this.leaving = false;
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
      this.room.viewport.shapes.load([]);
      return;
    }
    const { task: row, item } = message;
    const samePicture = state.item.value?.id === item.id && state.status.value.kind === "ready";
    const sameTask = this.room.labels?.document.task === row.id;
    this.room.labels = this.takeUp(row.id, body);
    batch(() => {
      state.task.value = row;
      state.item.value = item;
      state.index.value = message.index;
      state.total.value = message.total;
      state.missing.value = [];
      state.question.value = null;
      if (!sameTask) {
        state.hidden.value = new Set();
        this.room.board.clear();
      }
      state.hovered.value = null;
      state.asked.value = null;
      state.selection.value = sameTask
        ? state.selection.value.filter((id) => this.room.labels?.document.has(id))
        : [];
      if (!samePicture) state.status.value = { kind: "loading" };
    });
    this.replay();
    this.room.tasks.follow(row);
    this.room.hand.reset();
    if (samePicture) this.room.stage.load(this.room.labels.document);
    else await this.showPicture(item.id, signal);
  }

  async showPicture(item: string, signal?: AbortSignal): Promise<void> {
    const { state } = this.room;
    this.room.viewport.shapes.load([]);
    this.room.viewport.image.clear();
    state.status.value = { kind: "loading" };
    try {
      // The labels are painted while the picture is still on its way.
      const { width, height } = state.item.value ?? {};
      if (width && height) this.lay({ width, height });
      const picture = await this.room.pictures.get(item, 0, signal);
      if (signal?.aborted || state.item.value?.id !== item) return;
      const { imageSize } = this.room.viewport;
      if (!width || picture.width !== imageSize.width || picture.height !== imageSize.height) {
        this.lay(picture);
      }
      await this.room.viewport.image.show(picture);
      state.status.value = { kind: "ready" };
      this.room.outcomes.prepare();
      for (const neighbour of this.room.tasks.neighbours())
        void this.room.pictures.get(neighbour).catch(() => undefined);
    } catch (error) {
      if (isAbort(error) || state.item.value?.id !== item) return;
      state.status.value = { kind: "broken", message: textOf(error) };
    }
  }

  /** Lay out a picture of a size with its labels. */
  private lay(size: Size): void {
    const { viewport, stage, labels } = this.room;
    viewport.begin({ width: size.width, height: size.height });
    if (labels) stage.load(labels.document);
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

  private takeUp(task: string, body: OpenedBody): Labels {
    const { state } = this.room;
    const labels = new Labels(
      task,
      body,
      {
        onEdits: (edits) => this.room.saving.add(edits),
        onHistory: () => this.showHistory(labels),
        onMissed: () => void this.open(task),
        say: (text) => this.room.board.say(text),
      },
      () => state.readOnly.value,
      () => state.ontology.value,
    );
    labels.document.subscribe((change) => {
      if (this.room.labels !== labels) return;
      state.version.value++;
      if (this.room.stage.shows(labels.document)) this.room.stage.apply(change);
      if (change.deleted.length > 0) this.room.select(state.selection.value);
    });
    this.showHistory(labels);
    state.version.value++;
    return labels;
  }

  private showHistory(labels: Labels): void {
    this.room.state.canUndo.value = labels.history.canUndo;
    this.room.state.canRedo.value = labels.history.canRedo;
  }

  private replay(): void {
    if (this.room.labels) this.room.saving.replay(this.room.labels);
  }

  /** Ask for a move of the task; after all but a reopening the next one comes. */
  private async move(
    message: Extract<ToKernel, { type: "submit" | "skip" | "reopen" }>,
  ): Promise<void> {
    try {
      await this.room.kernel.ask(message, ["moved"]);
      this.room.board.clear();
      if (message.type !== "reopen") await this.open(null);
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
    if (!id) return;
    this.room.select([id]);
    const box = this.room.stage.box(id);
    if (box) this.room.viewport.reveal(box);
    state.asked.value = id;
  }

  private hear(message: FromKernel): void {
    if (message.type === "applied") this.ahead.stale(new Set(message.edits.map((one) => one.task)));
    if (message.type !== "moved") return;
    const { task } = this.room.state;
    this.room.tasks.update(message.task);
    if (message.task.id === task.value?.id) task.value = { ...task.value, ...message.task };
  }
}
