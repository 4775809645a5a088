import type { Geometry, Rectangle, XY } from "../../document/types.ts";
import { normaliseAngle } from "../../geometry/affine.ts";
import { bounds } from "../../geometry/bounds.ts";
import { union } from "../../geometry/box.ts";
import { centreOf } from "../../geometry/frame.ts";
import { distance, round, roundPoint } from "../../geometry/points.ts";
import {
  reshapeEllipse,
  resizeAboutCentre,
  scaleOnImage,
  turnOnImage,
} from "../../geometry/staying.ts";
import {
  type HandleName,
  keepOnImage,
  rectangleHandles,
  resizeOnImage,
  translate,
} from "../../geometry/transform.ts";
import type { Scene } from "../tool.ts";
import { editable, type Moving, type Resizing, type Scaling, type Turning } from "./state.ts";

type Shapes = Map<string, Geometry>;

/** Shapes as a gesture would leave them; those that it leaves as they are, are not in it. */
function together(
  ids: readonly string[],
  scene: Scene,
  change: (shapes: readonly Geometry[]) => readonly Geometry[] | null,
): Shapes {
  const shapes = ids.map((id) => scene.get(id)).filter(editable);
  const made = change(shapes.map((one) => one.geometry));
  const result: Shapes = new Map();
  shapes.forEach((one, i) => {
    const geometry = made?.[i];
    if (geometry && geometry !== one.geometry) result.set(one.id, geometry);
  });
  return result;
}

export function moved({ ids, from, to }: Moving, scene: Scene): Shapes {
  return together(ids, scene, (shapes) => {
    const box = union(shapes.map(bounds));
    if (!box) return null;
    const [dx, dy] = roundPoint(keepOnImage(box, to[0] - from[0], to[1] - from[1], scene.size));
    if (dx === 0 && dy === 0) return null;
    return shapes.map((one) => translate(one, dx, dy));
  });
}

export function resized(state: Resizing, scene: Scene): Shapes {
  const { id, handle, from, to, square, centred } = state;
  if (distance(from, to) === 0) return new Map();
  const resize = (box: Rectangle) =>
    centred
      ? resizeAboutCentre(box, handle, to, square, scene.size)
      : resizeOnImage(box, handle, to, square, scene.size);
  return together([id], scene, ([shape]) => {
    if (shape?.type === "rectangle") {
      const made = resize(shape);
      return made.width >= 1 && made.height >= 1 ? [made] : null;
    }
    if (shape?.type !== "ellipse") return null;
    const made = reshapeEllipse(shape, resize);
    return made.rx >= 0.5 && made.ry >= 0.5 ? [made] : null;
  });
}

/** By how much a pull at the frame scales on either axis, and from where. */
export function scaling(state: Scaling): { anchor: XY; factors: XY } {
  const { handle, box, from, to, proportional, centred } = state;
  const handles = new Map(rectangleHandles(box));
  const start = handles.get(handle) ?? from;
  const anchor = centred ? centreOf(box) : (handles.get(OPPOSITE[handle]) ?? centreOf(box));
  const [dx, dy] = [start[0] - anchor[0], start[1] - anchor[1]];
  const [px, py] = [dx + to[0] - from[0], dy + to[1] - from[1]];
  const across = /[ew]/.test(handle) && dx !== 0;
  const down = /[ns]/.test(handle) && dy !== 0;
  if (proportional || (handle.length === 2 && !(across && down))) {
    const along = (across ? px * dx : 0) + (down ? py * dy : 0);
    const length = (across ? dx * dx : 0) + (down ? dy * dy : 0);
    const factor = length > 0 ? along / length : 1;
    return { anchor, factors: [factor, factor] };
  }
  return { anchor, factors: [across ? px / dx : 1, down ? py / dy : 1] };
}

const OPPOSITE: Readonly<Record<HandleName, HandleName>> = {
  ...{ nw: "se", n: "s", ne: "sw", e: "w" },
  ...{ se: "nw", s: "n", sw: "ne", w: "e" },
};

export function scaled(state: Scaling, scene: Scene): Shapes {
  if (distance(state.from, state.to) === 0) return new Map();
  const { anchor, factors } = scaling(state);
  return together(state.ids, scene, (shapes) => scaleOnImage(shapes, anchor, factors, scene.size));
}

/** How far a pull at the handle turns, in degrees clockwise; held to steps of 15 when asked. */
export function turning({ box, from, to, snap }: Turning): number {
  const [cx, cy] = centreOf(box);
  const angle = ([x, y]: XY) => (Math.atan2(y - cy, x - cx) * 180) / Math.PI;
  const free = angle(to) - angle(from);
  // A shape that is turned already comes to lie at a multiple of the step.
  const base = box.angle ?? 0;
  const wanted = snap ? Math.round((base + free) / STEP) * STEP - base : round(free);
  return normaliseAngle(wanted);
}

const STEP = 15;

export function turned(state: Turning, scene: Scene): Shapes {
  const degrees = turning(state);
  if (degrees === 0 || distance(state.from, state.to) === 0) return new Map();
  const centre = centreOf(state.box);
  return together(state.ids, scene, (shapes) => turnOnImage(shapes, centre, degrees, scene.size));
}
