import type { XY } from "../document/types.ts";
import { cross, dot, largest, length, type Millimetres, minus, plus, scaled } from "./space.ts";
import type { Size } from "./transform.ts";

// The twin of `labelwidgets/algorithms/reformatting.py`.

/** As the scan was taken, or across its slices: all voxels of one row, or of one column. */
export type Plane = "slice" | "row" | "column";

/** What people call a plane of the patient. */
export type PlaneName = "axial" | "coronal" | "sagittal";

/** A flat piece of a scan that a pane shows. */
export interface Cut {
  readonly plane: Plane;
  /** Which slice, row or column, from 0. */
  readonly index: number;
  /** The largest values of all cuts of the plane, seen from the front, instead of those of one. */
  readonly projected?: true;
}

/** Indices (column, row, slice) of a voxel: whole numbers are at its centre. */
export type Voxel = readonly [number, number, number];

/** Where the voxels of a scan are; a `VolumeInfo` is one. */
export interface Lattice {
  readonly shape: readonly [number, number, number];
  readonly spacing: readonly [number, number, number] | null;
  readonly affine: readonly (readonly number[])[] | null;
  readonly positions: readonly (readonly [number, number, number])[] | null;
}

/** No edge of a cut's picture has more pixels: beyond, its pixels are coarser. */
const MOST = 4096;
/** Sums of rounded numbers that should be whole count as such. */
const NEARLY = 1e-6;

/** The two directions within the slices and the places of their first voxels, in millimetres. */
interface Axes {
  readonly across: Millimetres;
  readonly down: Millimetres;
  readonly first: readonly Millimetres[];
}

/** How the picture of a row or a column is laid out. */
interface Layout {
  readonly size: Size;
  /** Millimetres a pixel. */
  readonly pitch: number;
  /** Slices lie from left to right, not one above the other. */
  readonly upright: boolean;
  /** Indices increase to the left, or upwards. */
  readonly lineFlipped: boolean;
  readonly sliceFlipped: boolean;
  /** Millimetres from voxel to voxel along a line of a slice. */
  readonly step: number;
  /** Millimetres along the lines, and across them, to the first voxel of each slice. */
  readonly shift: readonly number[];
  readonly height: readonly number[];
  /** Pixels before the centre of the first voxel. */
  readonly lineStart: number;
  readonly sliceStart: number;
  readonly line: number;
  readonly slices: number;
}

const axesOf = remembered((lattice: Lattice): Axes => {
  const { affine, positions, spacing, shape } = lattice;
  const [between, down, across] = spacing ?? [1, 1, 1];
  const column = (index: number): Millimetres =>
    affine
      ? ([0, 1, 2].map((row) => affine[row]?.[index] ?? 0) as unknown as Millimetres)
      : ([index === 0 ? across : 0, index === 1 ? down : 0, index === 2 ? between : 0] as const);
  const [step, start] = [column(2), column(3)];
  const first = Array.from({ length: shape[0] }, (_, k) => positions?.[k] ?? plus(start, step, k));
  return { across: column(0), down: column(1), first };
});

const layouts = {
  row: remembered((lattice: Lattice) => layoutOf(lattice, "row")),
  column: remembered((lattice: Lattice) => layoutOf(lattice, "column")),
};

function layoutOf(lattice: Lattice, plane: "row" | "column"): Layout {
  const { across, down, first } = axesOf(lattice);
  const along = plane === "row" ? across : down;
  const line = plane === "row" ? lattice.shape[2] : lattice.shape[1];
  const step = length(along);
  const direction = scaled(along, 1 / step);
  const shift = [0];
  const height = [0];
  let leap: Millimetres = [0, 0, 0];
  for (let k = 1; k < first.length; k++) {
    const gap = minus(first[k] as Millimetres, first[k - 1] as Millimetres);
    const slid = dot(gap, direction);
    const off = plus(gap, direction, -slid);
    leap = plus(leap, off, 1);
    shift.push((shift[k - 1] as number) + slid);
    height.push((height[k - 1] as number) + length(off));
  }
  const last = height.length - 1;
  const head = last > 0 ? (height[1] as number) / 2 : 0.5;
  const foot = last > 0 ? ((height[last] as number) - (height[last - 1] as number)) / 2 : 0.5;
  const least = Math.min(...shift);
  const most = Math.max(...shift) + (line - 1) * step;
  const tall = (height[last] as number) + head + foot;
  const apart = last > 0 ? (height[last] as number) / last : 0;
  const pitch = Math.max(
    Math.min(length(across), length(down), apart || Number.POSITIVE_INFINITY),
    (most - least + step) / MOST,
    tall / MOST,
  );
  const lineStart = Math.floor((step / 2 - least) / pitch + NEARLY);
  const sliceStart = Math.floor(head / pitch + NEARLY);
  // The edge at the end belongs to what comes after it.
  const wide = lineStart + Math.ceil((most + step / 2) / pitch - NEARLY);
  const high = sliceStart + Math.ceil(((height[last] as number) + foot) / pitch - NEARLY);
  const stack = length(leap) > 0 ? scaled(leap, 1 / length(leap)) : cross(across, down);
  const [right, below] = facing(cross(direction, stack));
  const upright =
    Math.abs(dot(stack, right)) + Math.abs(dot(direction, below)) >
    Math.abs(dot(direction, right)) + Math.abs(dot(stack, below)) + NEARLY;
  return {
    size: upright ? { width: high, height: wide } : { width: wide, height: high },
    pitch,
    upright,
    lineFlipped: dot(direction, upright ? below : right) < 0,
    sliceFlipped: dot(stack, upright ? right : below) < 0,
    step,
    shift,
    height,
    lineStart,
    sliceStart,
    line: wide,
    slices: high,
  };
}

/** How many cuts of a plane a scan has. */
export function cutsOf(lattice: Lattice, plane: Plane): number {
  return lattice.shape[AXES[plane]];
}

const AXES = { slice: 0, row: 1, column: 2 } as const;
/** Which index of a voxel a cut holds still. */
const HELD = { slice: 2, row: 1, column: 0 } as const;

/** Whether the slices of a scan lie beside each other in the picture of a cut, not one above the other. */
export function isUpright(lattice: Lattice, plane: "row" | "column"): boolean {
  return layouts[plane](lattice).upright;
}

/** Whether a scan can be cut across its slices: they have to be parallel and somewhere. */
export function isSolid(lattice: Lattice): boolean {
  return lattice.affine !== null && lattice.shape[0] > 1;
}

/** Pixels of a cut's picture: those of a slice are the file's, all others are square. */
export function cutSize(lattice: Lattice, plane: Plane): Size {
  if (plane === "slice") return { width: lattice.shape[2], height: lattice.shape[1] };
  return layouts[plane](lattice).size;
}

/** Millimetres a pixel of a cut's picture along x and y, null where that is not known. */
export function cutSpacing(lattice: Lattice, plane: Plane): XY | null {
  if (!lattice.spacing) return null;
  if (plane === "slice") return [lattice.spacing[2], lattice.spacing[1]];
  const { pitch } = layouts[plane](lattice);
  return [pitch, pitch];
}

/** The voxel at a place in the picture of a cut; places beyond the picture go on as at its edge. */
export function voxelAt(lattice: Lattice, { plane, index }: Cut, [x, y]: XY): Voxel {
  if (plane === "slice") return [x - 0.5, y - 0.5, index];
  const layout = layouts[plane](lattice);
  const [line, slice] = layout.upright ? [y, x] : [x, y];
  const u =
    ((layout.lineFlipped ? layout.line - line : line) - 0.5 - layout.lineStart) * layout.pitch;
  const v =
    ((layout.sliceFlipped ? layout.slices - slice : slice) - 0.5 - layout.sliceStart) *
    layout.pitch;
  const k = indexOf(layout.height, v);
  const at = (u - valueAt(layout.shift, k)) / layout.step;
  return plane === "row" ? [at, index, k] : [index, at, k];
}

/** Where a voxel is in the picture of a cut; one that lies before or behind it is seen through it. */
export function placeOf(lattice: Lattice, { plane }: Cut, [column, row, slice]: Voxel): XY {
  if (plane === "slice") return [column + 0.5, row + 0.5];
  const layout = layouts[plane](lattice);
  const u = (plane === "row" ? column : row) * layout.step + valueAt(layout.shift, slice);
  const v = valueAt(layout.height, slice);
  const line = u / layout.pitch + layout.lineStart + 0.5;
  const across = v / layout.pitch + layout.sliceStart + 0.5;
  const x = layout.lineFlipped ? layout.line - line : line;
  const y = layout.sliceFlipped ? layout.slices - across : across;
  return layout.upright ? [y, x] : [x, y];
}

/** Where a voxel is in the patient. */
export function millimetresOf(lattice: Lattice, [column, row, slice]: Voxel): Millimetres {
  const { across, down, first } = axesOf(lattice);
  return plus(plus(between(first, slice), across, column), down, row);
}

/** The voxel at a place of the patient. */
export function voxelOf(lattice: Lattice, place: Millimetres): Voxel {
  const { across, down, first } = axesOf(lattice);
  const normal = cross(across, down);
  const heights = first.map((at) => dot(at, normal));
  const slice = indexOf(heights, dot(place, normal));
  const rest = minus(place, between(first, slice));
  // Both directions need not be at right angles.
  const [aa, ab, bb] = [dot(across, across), dot(across, down), dot(down, down)];
  const [ra, rb] = [dot(rest, across), dot(rest, down)];
  const area = aa * bb - ab * ab;
  return [(ra * bb - rb * ab) / area, (rb * aa - ra * ab) / area, slice];
}

/** The cut of a plane that goes through a voxel, or the nearest that there is. */
export function cutThrough(lattice: Lattice, plane: Plane, voxel: Voxel): Cut {
  const index = Math.round(voxel[HELD[plane]]);
  return { plane, index: Math.min(Math.max(0, index), cutsOf(lattice, plane) - 1) };
}

/** Where right and below are in the picture of a plane with this normal, as radiologists hang it. */
function facing(normal: Millimetres): readonly [Millimetres, Millimetres] {
  const which = largest(normal);
  const feet: Millimetres = [0, 0, -1];
  const left: Millimetres = [1, 0, 0];
  const back: Millimetres = [0, 1, 0];
  if (which === 2) return [left, back];
  return which === 1 ? [left, feet] : [back, feet];
}

/** Where in increasing or decreasing numbers a value lies, going on beyond the ends. */
function indexOf(numbers: readonly number[], value: number): number {
  const last = numbers.length - 1;
  if (last < 1) return 0;
  const sign = (numbers[last] as number) >= (numbers[0] as number) ? 1 : -1;
  let low = 0;
  let high = last - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sign * (numbers[middle] as number) <= sign * value) low = middle;
    else high = middle - 1;
  }
  const from = numbers[low] as number;
  const gap = (numbers[low + 1] as number) - from;
  return gap === 0 ? low : low + (value - from) / gap;
}

function valueAt(numbers: readonly number[], index: number): number {
  const low = lower(numbers.length, index);
  const from = numbers[low] as number;
  return from + ((numbers[low + 1] ?? from) - from) * (index - low);
}

function between(places: readonly Millimetres[], index: number): Millimetres {
  const low = lower(places.length, index);
  const from = places[low] as Millimetres;
  return plus(from, minus(places[low + 1] ?? from, from), index - low);
}

function lower(count: number, index: number): number {
  return Math.min(Math.max(0, Math.floor(index)), Math.max(0, count - 2));
}

/** A function of a lattice whose results are kept as long as the lattice is. */
function remembered<T>(make: (lattice: Lattice) => T): (lattice: Lattice) => T {
  const known = new WeakMap<Lattice, T>();
  return (lattice) => {
    let made = known.get(lattice);
    if (made === undefined) {
      made = make(lattice);
      known.set(lattice, made);
    }
    return made;
  };
}
