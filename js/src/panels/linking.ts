import { signal } from "@preact/signals";
import type { XY } from "../document/types.ts";
import {
  type Cut,
  cutSize,
  cutThrough,
  millimetresOf,
  type Plane,
  type Voxel,
  voxelAt,
  voxelOf,
} from "../geometry/cut.ts";
import { crossing, type Flat, flatOf, placeIn, placeOn } from "../geometry/flat.ts";
import { planeName } from "../geometry/hanging.ts";
import { cross, dot, length, type Millimetres, minus, plus } from "../geometry/space.ts";
import type { VolumeInfo } from "../link/wire.ts";
import type { Line } from "../render/lines.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";

/** A line under the pointer is meant when it is so near, in pixels of the screen. */
const REACH = 6;
/** Planes are alike when their directions differ by less: 10 degrees. */
const ALIKE = Math.cos(Math.PI / 18);

const COLORS = { axial: "#ef5350", coronal: "#66bb6a", sagittal: "#fdd835" } as const;
const NOWHERE = "#90a4ae";

/** A place of the patient that panes are brought to. */
interface Focus {
  readonly item: string;
  readonly frameOfReference: string;
  readonly place: Millimetres;
}

/** Ties panes that show scans of the same patient together, by millimetres. */
export class Linking {
  /** Whether lines show where the panes cut each other. */
  readonly lined = signal(true);
  private focus: Focus | null = null;
  private busy = false;
  private grabbed: Pane | null = null;

  constructor(private readonly room: Room) {}

  /** What a pane is known by in the others. */
  colorOf(pane: Pane): string {
    const { volume, cut } = pane;
    const name = volume && cut && planeName(volume, cut.plane);
    return name ? COLORS[name] : NOWHERE;
  }

  /** A pane goes to another cut: those that are linked to it go to the same millimetres. */
  moved(pane: Pane): void {
    const { volume, going } = pane;
    if (this.busy || !volume?.affine || !going) return;
    const flat = flatOf(volume, going);
    const before = this.shared(pane)?.place ?? middleOf(volume, going, flat);
    const normal = cross(flat.right, flat.down);
    const off = dot(minus(before, flat.start), normal) / dot(normal, normal);
    this.look(pane, plus(before, normal, -off));
    if (this.room.state.linked.value) this.bring(pane);
  }

  /** Bring all panes to what lies at a place in the picture of one. */
  centre(pane: Pane, at: XY): void {
    const { volume, cut } = pane;
    if (!volume?.affine || !cut) return;
    const [x, y, z] = voxelAt(volume, cut, at);
    const voxel: Voxel = cut.projected ? this.deep(pane, [x, y, z], cut) : [x, y, z];
    this.look(pane, millimetresOf(volume, within(volume, voxel)));
    this.bring(pane);
  }

  /** The cut that a pane begins with when it comes to those that are there; null for its own. */
  beginning(pane: Pane, plane: Plane): number | null {
    const { volume } = pane;
    if (!volume?.affine) return null;
    const { active } = this.room.panes;
    if (pane === active || !this.room.state.linked.value) return null;
    if (!this.shared(pane) && active.volume && active.going) this.moved(active);
    const focus = this.shared(pane);
    return focus && cutThrough(volume, plane, voxelOf(volume, focus.place)).index;
  }

  /** Where the other panes cut this one. */
  lines(pane: Pane): readonly Line[] {
    const { volume, cut } = pane;
    if (!this.lined.value || !volume?.affine || !cut) return [];
    const flat = flatOf(volume, cut);
    const size = cutSize(volume, cut.plane);
    const found: Line[] = [];
    for (const other of this.others(pane)) {
      if (!other.volume || !other.cut || other.cut.projected) continue;
      const line = crossing(flat, size, flatOf(other.volume, other.cut));
      if (line) found.push({ from: line[0], to: line[1], color: this.colorOf(other) });
    }
    return found;
  }

  /** The pane whose line is under the pointer, which is dragged from now on. */
  grab(pane: Pane, at: XY): boolean {
    this.grabbed = this.lined.value ? this.near(pane, at) : null;
    return this.grabbed !== null;
  }

  /** Is a line under the pointer? */
  isLine(pane: Pane, at: XY): boolean {
    return this.lined.value && this.near(pane, at) !== null;
  }

  /** Drag the line that was grabbed: its pane goes along. */
  drag(pane: Pane, at: XY): void {
    const { volume, cut } = pane;
    const other = this.grabbed;
    if (!volume || !cut || !other?.volume || !other.cut) return;
    const place = millimetresOf(volume, voxelAt(volume, cut, at));
    const to = cutThrough(other.volume, other.cut.plane, voxelOf(other.volume, place));
    other.go(to.index);
  }

  drop(): void {
    this.grabbed = null;
  }

  /** How another pane sees what this one does, by millimetres; null where the planes differ. */
  pose(from: Pane, to: Pane): { readonly across: number; readonly at: XY } | null {
    if (!this.share(from, to)) return null;
    const [one, other] = [flatAt(from), flatAt(to)];
    if (!one || !other || !alike(one, other)) return null;
    const { viewport } = from;
    const at = placeIn(other, placeOn(one, viewport.middle));
    const across = (viewport.across * length(other.right)) / length(one.right);
    return { across, at };
  }

  /** Do both show scans that lie in the same coordinates? */
  share(a: Pane, b: Pane): boolean {
    const [one, other] = [a.volume, b.volume];
    if (!one?.affine || !other?.affine) return false;
    const same = this.room.panes.of(a).item?.id === this.room.panes.of(b).item?.id;
    return same || (one.frameOfReference !== "" && one.frameOfReference === other.frameOfReference);
  }

  toggleLines(): void {
    this.lined.value = !this.lined.value;
    this.repaint();
  }

  repaint(): void {
    for (const { viewport } of this.room.panes.all.value) viewport.repaint();
  }

  private bring(from: Pane): void {
    const { focus } = this;
    if (!focus) return;
    this.busy = true;
    try {
      for (const pane of this.room.panes.all.value) {
        const { volume, going } = pane;
        if (pane === from && going && !going.projected) {
          // Its own cut goes through the place already, or has to come to it.
          if (!volume || on(volume, going, focus.place)) continue;
        }
        if (!volume || !going || !this.shared(pane)) continue;
        pane.go(cutThrough(volume, going.plane, voxelOf(volume, focus.place)).index);
      }
    } finally {
      this.busy = false;
    }
    this.repaint();
  }

  private look(pane: Pane, place: Millimetres): void {
    const { item } = this.room.panes.of(pane);
    if (!item?.volume) return;
    this.focus = { item: item.id, frameOfReference: item.volume.frameOfReference, place };
  }

  private shared(pane: Pane): Focus | null {
    const { focus } = this;
    const { item } = this.room.panes.of(pane);
    if (!focus || !item?.volume) return null;
    const { frameOfReference } = item.volume;
    const same = frameOfReference !== "" && frameOfReference === focus.frameOfReference;
    return same || item.id === focus.item ? focus : null;
  }

  /** Of a projection nobody knows how deep a place is: as deep as the panes are now. */
  private deep({ volume }: Pane, voxel: Voxel, cut: Cut): Voxel {
    if (!this.focus || !volume) return voxel;
    const held = cut.plane === "row" ? 1 : 0;
    const now = voxelOf(volume, this.focus.place);
    return voxel.map((one, axis) => (axis === held ? now[axis] : one)) as unknown as Voxel;
  }

  private others(pane: Pane): Pane[] {
    return this.room.panes.all.value.filter((one) => one !== pane && this.share(one, pane));
  }

  private near(pane: Pane, at: XY): Pane | null {
    const { volume, cut } = pane;
    if (!volume?.affine || !cut) return null;
    const flat = flatOf(volume, cut);
    const size = cutSize(volume, cut.plane);
    const reach = REACH / pane.viewport.view.scale;
    for (const other of this.others(pane)) {
      if (!other.volume || !other.cut || other.cut.projected) continue;
      const line = crossing(flat, size, flatOf(other.volume, other.cut));
      if (line && away(line, at) <= reach) return other;
    }
    return null;
  }
}

function flatAt({ volume, cut }: Pane): Flat | null {
  return volume?.affine && cut ? flatOf(volume, cut) : null;
}

function alike(a: Flat, b: Flat): boolean {
  const cosine = (u: Millimetres, v: Millimetres) => dot(u, v) / (length(u) * length(v));
  return cosine(a.right, b.right) > ALIKE && cosine(a.down, b.down) > ALIKE;
}

function middleOf(volume: VolumeInfo, cut: Cut, flat: Flat): Millimetres {
  const { width, height } = cutSize(volume, cut.plane);
  return placeOn(flat, [width / 2, height / 2]);
}

function on(volume: VolumeInfo, cut: Cut, place: Millimetres): boolean {
  return cutThrough(volume, cut.plane, voxelOf(volume, place)).index === cut.index;
}

/** The voxel, or the one of the scan that is nearest to it. */
function within({ shape }: VolumeInfo, voxel: Voxel): Voxel {
  const last = [shape[2] - 1, shape[1] - 1, shape[0] - 1];
  return voxel.map((one, axis) =>
    Math.min(Math.max(0, one), last[axis] as number),
  ) as unknown as Voxel;
}

function away([from, to]: readonly [XY, XY], at: XY): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  return Math.abs((at[0] - from[0]) * dy - (at[1] - from[1]) * dx) / Math.hypot(dx, dy);
}
