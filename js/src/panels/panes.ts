import { batch, signal } from "@preact/signals";
import { inTime } from "../link/videos.ts";
import { isVolume } from "../link/volumes.ts";
import type { ItemInfo } from "../link/wire.ts";
import type { Labels } from "./labels.ts";
import { EMPTY, Pane, type Shown } from "./pane.ts";
import { type Sight, sightsOf } from "./reformat_layout.ts";
import type { Room } from "./room.ts";
import type { Layout, Status } from "./state.ts";

/**
 * Rows and columns; automatic shows one picture, and of a group as many as it has, up to four. A
 * sequence has one pane always.
 */
export const LAYOUTS = {
  auto: null,
  "1x1": [1, 1],
  "1x2": [1, 2],
  "2x1": [2, 1],
  "2x2": [2, 2],
  reformats: [2, 2],
} as const satisfies Readonly<Record<Layout, readonly [number, number] | null>>;

/** Slices of a scan, or frames of a video, that a page turns. */
const TURN = 10;

/** The panes on the screen: which there are, which is active, and what ties them together. */
export class Panes {
  readonly all = signal<readonly Pane[]>([]);
  private readonly now = signal<Pane | null>(null);
  private following = false;

  constructor(
    private readonly room: Room,
    private readonly signal: AbortSignal,
  ) {}

  /** Make the first pane. */
  begin(): void {
    const first = new Pane(this.room, this.signal);
    this.all.value = [first];
    this.now.value = first;
  }

  get active(): Pane {
    return this.now.value as Pane;
  }

  get sides(): readonly Pane[] {
    return this.all.value.filter((pane) => pane !== this.active);
  }

  /** Rows and columns of the layout as it is now. */
  get grid(): readonly [number, number] {
    const { state, makers } = this.room;
    if (makers.count > 0) return makers.grid;
    if (inTime(state.item.value)) return [1, 1];
    const chosen = LAYOUTS[state.layout.value];
    if (chosen && (state.layout.value !== "reformats" || this.room.onScan)) return chosen;
    if (state.item.value && isVolume(state.item.value)) return [1, 1];
    const pictures = state.item.value?.frames?.length ?? 1;
    return pictures > 2 ? [2, 2] : [1, Math.min(2, pictures)];
  }

  /** What a pane shows. */
  of(pane: Pane): Shown {
    if (pane !== this.active) return pane.shown.value;
    const { state, labels } = this.room;
    return {
      task: state.task.value,
      item: state.item.value,
      index: state.index.value,
      total: state.total.value,
      frame: state.frame.value,
      status: state.status.value,
      labels,
    };
  }

  /** More is known of the item that a pane shows. */
  know(pane: Pane, item: ItemInfo): void {
    if (pane === this.active) {
      if (this.room.state.item.value?.id === item.id) this.room.state.item.value = item;
    } else if (pane.shown.value.item?.id === item.id) {
      pane.shown.value = { ...pane.shown.value, item };
    }
  }

  /** A pane shows another picture of its group or scan. */
  turnTo(pane: Pane, frame: number, status: Status): void {
    const { state } = this.room;
    if (pane === this.active)
      batch(() => {
        state.frame.value = frame;
        state.status.value = status;
      });
    else pane.shown.value = { ...pane.shown.value, frame, status };
    this.room.linking.repaint();
  }

  say(pane: Pane, status: Status): void {
    if (pane === this.active) this.room.state.status.value = status;
    else pane.shown.value = { ...pane.shown.value, status };
  }

  /** All labels that are shown somewhere. */
  get labels(): readonly Labels[] {
    const found = this.all.value.map((pane) => this.of(pane).labels);
    return [...new Set(found.filter((one) => one !== null))];
  }

  /** Tools, panels and keys are about this pane from now on. */
  activate(pane: Pane): void {
    const { room } = this;
    const { state } = room;
    if (pane === this.active || room.desk.waiting) return;
    // What others made is looked at.
    if (pane.maker !== null) return;
    const shown = pane.shown.value;
    // What is begun on a scan can be gone on with on another cut of it.
    const goesOn = room.hand.through && shown.item?.id === state.item.value?.id;
    if (room.hand.busy && !goesOn) room.hand.handle({ type: "cancel" });
    if (shown.labels !== room.labels) room.selection.select([]);
    state.hovered.value = null;
    state.asked.value = null;
    this.active.shown.value = this.of(this.active);
    const before = this.active;
    this.now.value = pane;
    room.labels = shown.labels;
    state.task.value = shown.task;
    state.item.value = shown.item;
    state.index.value = shown.index;
    state.total.value = shown.total;
    state.frame.value = shown.frame;
    state.status.value = shown.status;
    state.scale.value = pane.viewport.view.scale;
    state.missing.value = [];
    state.version.value++;
    if (shown.task) room.tasks.follow(shown.task);
    room.desk.showHistory();
    if (!goesOn) room.hand.reset();
    room.outcomes.prepare();
    before.stage.refresh();
    pane.stage.refresh();
  }

  /** As many panes as the layout has, the active one among them. */
  private fit(): void {
    const [rows, columns] = this.grid;
    const { makers } = this.room;
    const count = makers.count > 0 ? makers.count + 1 : rows * columns;
    for (const pane of this.sides) pane.maker = null;
    const kept = this.all.value.slice(0, count);
    if (!kept.includes(this.active)) kept.splice(count - 1, 1, this.active);
    for (const pane of this.all.value) if (!kept.includes(pane)) pane.dispose();
    while (kept.length < count) kept.push(new Pane(this.room, this.signal));
    const same =
      kept.length === this.all.value.length && kept.every((pane, i) => pane === this.all.value[i]);
    if (!same) this.all.value = kept;
  }

  /** Show beside the active pane what belongs there: the rest of the group, or other folders. */
  async arrange(always = true): Promise<void> {
    const { state } = this.room;
    this.fit();
    if (this.all.value.length === 1) return;
    if (this.room.makers.count > 0) return this.room.makers.arrange();
    const { item } = state;
    if (state.layout.value === "reformats" && this.room.onScan) return this.arrangeReformats();
    if (item.value?.frames && !isVolume(item.value)) return this.arrangeGroup();
    if (!always && !state.linked.value) return;
    await this.arrangeFolders();
  }

  /** Look at the scan of a pane another way. */
  see(pane: Pane, { plane, projected }: Pick<Sight, "plane" | "projected">): void {
    pane.across.use(plane, projected);
    void this.room.desk.present(pane);
  }

  /** All panes show slices again. */
  seeSlices(): void {
    for (const pane of this.all.value) {
      if (!pane.across.cut.value) continue;
      pane.across.use("slice");
      if (pane === this.active) void this.room.desk.present(pane);
      else pane.shown.value = EMPTY;
    }
  }

  /** The slices of the open scan, cuts across them, and another series of the study or a projection. */
  private async arrangeReformats(): Promise<void> {
    const { room, active } = this;
    const { labels } = room;
    const item = room.state.item.value;
    const known = item && (await room.volumes.open(item));
    if (!known?.volume || room.state.item.value?.id !== known.id || active !== this.active) return;
    if (this.all.value[0] !== active) this.all.value = [active, ...this.sides];
    const sights = sightsOf(known.volume).slice(1);
    if (active.across.cut.value) this.see(active, { plane: "slice", projected: false });
    for (const [i, pane] of this.sides.entries()) {
      const sight = sights[i];
      if (!sight) {
        if (i === 0)
          room.board.say("This scan cannot be cut across its slices: they are not parallel.");
        pane.shown.value = { ...EMPTY, status: { kind: "empty" } };
        clear(pane);
      } else if (!sight.projected || !(await this.showOther(pane))) {
        const before = pane.shown.value;
        const { cut } = pane.across;
        const same = before.labels === labels && cut.value?.plane === sight.plane;
        if (same && before.item?.id === known.id && before.status.kind === "ready") continue;
        pane.opening?.abort();
        pane.shown.value = { ...this.of(active), item: known, status: { kind: "loading" } };
        this.see(pane, sight);
      }
    }
  }

  /** Show another series that lies in the same coordinates; false where there is none nearby. */
  private async showOther(pane: Pane): Promise<boolean> {
    const { room } = this;
    const { state, tasks, desk, volumes } = room;
    const { task, item } = state;
    const [here, own] = [task.value, item.value];
    if (!here || !own?.volume?.frameOfReference) return false;
    const { folders } = state.navigator.value;
    const turn = folders.indexOf(here.folder) + 1;
    const place = await tasks.placeOf(here.id, here.folder);
    const near: (readonly [number, string])[] = [
      [place ?? 0, folders[turn % Math.max(1, folders.length)] ?? here.folder],
      [(place ?? 0) + 1, here.folder],
      [(place ?? 0) - 1, here.folder],
    ];
    for (const [index, folder] of near) {
      const row = index < 0 ? null : await tasks.at(index, folder);
      if (!row || row.id === here.id || row.error) continue;
      const other = await volumes.open({ ...own, id: row.item_id }).catch(() => null);
      if (state.task.value?.id !== here.id) return true;
      if (other?.volume?.frameOfReference !== own.volume.frameOfReference) continue;
      pane.across.use("slice");
      await desk.openAside(pane, row.id);
      return true;
    }
    return false;
  }

  private arrangeGroup(): void {
    const { state } = this.room;
    const shown = this.of(this.active);
    const panes = [...this.sides];
    const last = (shown.item?.frames?.length ?? 1) - 1;
    // Pages begin at the same pictures wherever one came from: the active pane goes where it belongs.
    const at = state.frame.value % (panes.length + 1);
    const first = state.frame.value - at;
    panes.splice(at, 0, this.active);
    if (panes.some((pane, i) => pane !== this.all.value[i])) this.all.value = panes;
    panes.forEach((pane, i) => {
      if (pane === this.active) return;
      const frame = first + i;
      const status: Status = frame > last ? { kind: "empty" } : { kind: "loading" };
      const before = pane.shown.value;
      const same = before.labels === shown.labels && before.frame === frame;
      if (same && before.status.kind === "ready") return;
      pane.shown.value = { ...shown, frame, status };
      if (status.kind === "loading") void this.room.desk.present(pane);
      else clear(pane);
    });
  }

  private async arrangeFolders(): Promise<void> {
    const { state, tasks, desk } = this.room;
    const task = state.task.value;
    if (!task) return;
    const folders = state.navigator.value.folders;
    const place = await tasks.placeOf(task.id, task.folder);
    if (state.task.value?.id !== task.id || place === null) return;
    const own = Math.max(0, folders.indexOf(task.folder));
    const many = Math.max(1, folders.length);
    await Promise.all(
      this.sides.map(async (pane, i) => {
        const turn = own + i + 1;
        const folder = pane.folder ?? folders[turn % many] ?? task.folder;
        // Where there are fewer folders than panes, a folder shows the item after it too.
        const ahead = pane.folder === null ? Math.floor((i + 1) / many) : 0;
        const row = await tasks.at(place + ahead, folder);
        if (row) await desk.openAside(pane, row.id);
        else {
          pane.shown.value = { ...EMPTY, status: { kind: "empty" } };
          clear(pane);
        }
      }),
    );
  }

  /** Show other pictures of the group; those panes that there are turn together. */
  turn(step: number): void {
    this.room.player.stop();
    const { state } = this.room;
    const { stack } = this.active;
    if (stack.count > 0) {
      stack.go(stack.at + step * TURN);
      return;
    }
    if (this.active.film.count > 0) {
      this.room.player.step(step * TURN);
      return;
    }
    const count = state.item.value?.frames?.length ?? 1;
    const size = this.all.value.length;
    const first = (Math.floor(state.frame.value / size) + step) * size;
    if (first < 0 || first >= count) return;
    void this.showFrame(Math.min(first + (state.frame.value % size), count - 1));
  }

  /** Show a picture of the group in the active pane, or go to the pane that shows it. */
  async showFrame(frame: number): Promise<void> {
    const { room } = this;
    const { item } = this.of(this.active);
    if (this.active.across.cut.value) this.see(this.active, { plane: "slice", projected: false });
    if (this.active.stack.count > 0) return this.active.stack.reach(frame);
    if (this.active.film.count > 0) return this.active.film.reach(frame);
    if (!item?.frames?.[frame] || frame === room.state.frame.value) return;
    const there = this.sides.find((pane) => {
      const shown = pane.shown.value;
      return shown.item?.id === item.id && shown.frame === frame && shown.status.kind === "ready";
    });
    if (there) {
      this.activate(there);
      return;
    }
    if (room.hand.busy && !room.hand.through) room.hand.handle({ type: "cancel" });
    if (inTime(item)) {
      const turned = room.desk.turnTo(this.active, frame);
      // A track stays in hand from frame to frame.
      room.selection.keepHere();
      return turned;
    }
    room.selection.select([]);
    room.state.frame.value = frame;
    void room.desk.present(this.active);
    this.arrangeGroup();
  }

  /** Another view in one pane is the same in all that are linked to it. */
  follow(from: Pane): void {
    if (this.following || !this.room.state.linked.value) return;
    this.following = true;
    for (const pane of this.all.value) if (pane !== from) this.pose(pane, from);
    this.following = false;
  }

  /** Let a pane see what another one sees: of scans by millimetres, of pictures by their parts. */
  pose(pane: Pane, from: Pane): void {
    const { pose } = from.viewport;
    if (!from.volume || !pane.volume) pane.viewport.take(pose);
    else if (this.room.linking.share(from, pane)) {
      const same = this.room.linking.pose(from, pane);
      if (same && pose.fitted) pane.viewport.fit();
      else if (same) pane.viewport.look(same.at, same.across);
    } else if (!from.across.cut.value && !pane.across.cut.value) pane.viewport.take(pose);
  }
}

function clear(pane: Pane): void {
  pane.viewport.image.clear();
  pane.viewport.shapes.load();
}
