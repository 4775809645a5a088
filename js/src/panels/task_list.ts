import type { Kernel } from "../link/kernel.ts";
import { opensFirst } from "../link/videos.ts";
import type { MovedTask, TaskRow } from "../link/wire.ts";
import type { State } from "./state.ts";

const PAGE = 60;

/** The navigator's rows, fetched by pages as they come into sight. */
export class TaskList {
  private readonly asked = new Set<number>();
  private generation = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly state: State,
  ) {}

  /** Show the folder of the task that was opened, and where the task stands in it. */
  follow(task: TaskRow): void {
    const { navigator } = this.state;
    this.update(task);
    const known = [...navigator.value.rows].find(([, row]) => row.id === task.id);
    if (known) navigator.value = { ...navigator.value, index: known[0] };
    else void this.page(0, task.id);
  }

  setFolder(folder: string | null): void {
    const { navigator } = this.state;
    this.generation++;
    this.asked.clear();
    navigator.value = { ...navigator.value, rows: new Map(), total: 0, folder, index: null };
    void this.page(0, this.state.task.value?.id ?? null);
  }

  /** Make sure that the rows from `first` to `last` are there, or on their way. */
  want(first: number, last: number): void {
    const { rows, total } = this.state.navigator.value;
    for (let at = Math.max(0, first); at <= Math.min(last, total - 1); at++) {
      const start = Math.floor(at / PAGE) * PAGE;
      if (!rows.has(at) && !this.asked.has(start)) void this.page(start, null);
    }
  }

  update(task: MovedTask): void {
    const { navigator } = this.state;
    const rows = new Map(navigator.value.rows);
    for (const [at, row] of rows) if (row.id === task.id) rows.set(at, { ...row, ...task });
    navigator.value = { ...navigator.value, rows };
  }

  async first(): Promise<string | null> {
    return (await this.at(0, this.state.navigator.value.folder))?.id ?? null;
  }

  /** The task at an index of a folder, or of all; null beyond its end. */
  async at(index: number, folder: string | null): Promise<TaskRow | null> {
    const { message } = await this.kernel.ask({ type: "tasks", folder, offset: index, limit: 1 }, [
      "tasks",
    ]);
    return message.rows[0] ?? null;
  }

  /** Where a task stands in a folder, null where it does not. */
  async placeOf(task: string, folder: string | null): Promise<number | null> {
    const { message } = await this.kernel.ask(
      { type: "tasks", folder, offset: 0, limit: 1, around: task },
      ["tasks"],
    );
    return message.index;
  }

  /** Items that are likely to be opened next. */
  neighbours(): string[] {
    const { rows, index } = this.state.navigator.value;
    if (index === null) return [];
    return [rows.get(index + 1), rows.get(index - 1)].flatMap((row) =>
      row && !row.error && !opensFirst({ kind: row.kind ?? "" }) ? [row.item_id] : [],
    );
  }

  private async page(offset: number, around: string | null): Promise<void> {
    const { navigator } = this.state;
    const { folder } = navigator.value;
    const generation = this.generation;
    this.asked.add(offset);
    try {
      const { message } = await this.kernel.ask(
        { type: "tasks", folder, offset, limit: PAGE, ...(around ? { around } : {}) },
        ["tasks"],
      );
      if (generation !== this.generation) return;
      const rows = new Map(navigator.value.rows);
      message.rows.forEach((row, i) => {
        rows.set(message.offset + i, row);
      });
      navigator.value = {
        rows,
        total: message.total,
        folders: message.folders,
        folder,
        index: message.index ?? navigator.value.index,
      };
      this.asked.add(Math.floor(message.offset / PAGE) * PAGE);
    } catch {
      this.asked.delete(offset);
    }
  }
}
