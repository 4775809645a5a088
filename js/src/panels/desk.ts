import { batch } from "@preact/signals";
import type { Size } from "../geometry/transform.ts";
import { isAbort, jsonOf, textOf } from "../link/kernel.ts";
import type { FromKernel, OpenedBody, ToKernel } from "../link/wire.ts";
import { missingAnswers, sentence } from "./completion.ts";
import { Labels } from "./labels.ts";
import type { Room } from "./room.ts";
import type { Missing } from "./state.ts";

/** Which task is on the desk: opening it with its picture, and handing it in. */
export class Desk {
  private opening: AbortController | null = null;

  constructor(private readonly room: Room) {
    room.kernel.listen((message) => this.hear(message));
  }

  /** Nothing that is still being opened is wanted any more. */
  dispose(): void {
    this.opening?.abort();
  }

  /** Open the first task, and send what an earlier life of this page could not. */
  async start(task: string | null, item: string | null): Promise<void> {
    // Which item comes first is known: its picture is asked for in the same breath.
    if (item) void this.room.pictures.get(item).catch(() => undefined);
    await this.open(task);
    await this.room.saving.recover();
    this.replay();
  }

  async open(task: string | null, step = 0): Promise<void> {
    const { state } = this.room;
    this.opening?.abort();
    const opening = new AbortController();
    this.opening = opening;
    try {
      const { message, buffers } = await this.room.kernel.ask(
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
        this.room.labels = null;
        this.room.viewport.image.clear();
        this.room.viewport.shapes.load([]);
        return;
      }
      const { task: row, item } = message;
      const body = jsonOf<OpenedBody>(buffers[0]);
      const samePicture = state.item.value?.id === item.id && state.status.value.kind === "ready";
      const sameTask = this.room.labels?.document.task === row.id;
      this.room.labels = this.takeUp(row.id, body);
      batch(() => {
        state.task.value = row;
        state.item.value = item;
        state.index.value = message.index;
        state.total.value = message.total;
        state.missing.value = [];
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
      else await this.showPicture(item.id, opening.signal);
    } catch (error) {
      if (isAbort(error)) return;
      state.status.value = { kind: "lost", message: textOf(error) };
    }
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
      const picture = await this.room.pictures.get(item, signal);
      if (signal?.aborted || state.item.value?.id !== item) return;
      const { imageSize } = this.room.viewport;
      if (!width || picture.width !== imageSize.width || picture.height !== imageSize.height) {
        this.lay(picture);
      }
      await this.room.viewport.image.show(picture.bitmap, picture.width, picture.height);
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
    const open = missingAnswers(labels, state.ontology.value);
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

  private takeUp(task: string, body: OpenedBody): Labels {
    const { state } = this.room;
    const labels = new Labels(
      task,
      body,
      {
        onEdits: (edits) => this.room.saving.add(edits),
        onHistory: () => this.showHistory(labels),
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
    if (message.type !== "moved") return;
    const { task } = this.room.state;
    this.room.tasks.update(message.task);
    if (message.task.id === task.value?.id) task.value = { ...task.value, ...message.task };
  }
}
