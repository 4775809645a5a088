import type { Keypoint, Keypoints, Skeleton, XY } from "../document/types.ts";
import { type Box, boxBetween } from "../geometry/box.ts";
import { fitTemplate } from "../geometry/joints.ts";
import { distance, roundPoint } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import {
  NOTHING,
  type Outcome,
  type PointerToolEvent,
  type Scene,
  same,
  type Tool,
} from "./tool.ts";

export interface KeypointsState {
  /** The joints placed or skipped up to now, in the order of the skeleton. */
  readonly joints: readonly Keypoint[];
  readonly hover: XY | null;
  /** The next joint is labelled but hidden. */
  readonly occluded: boolean;
  /** A press that may become a box for the template, or a click on the first joint. */
  readonly press: { readonly from: XY; readonly to: XY } | null;
}

const START: KeypointsState = { joints: [], hover: null, occluded: false, press: null };
const ABSENT: Keypoint = [0, 0, 0];

function skeletonOf(scene: Scene): Skeleton {
  return scene.target?.skeleton ?? { joints: [] };
}

function complete(joints: readonly Keypoint[], skeleton: Skeleton): Keypoints {
  const rest = Array.from({ length: skeleton.joints.length - joints.length }, () => ABSENT);
  return { type: "keypoints", points: [...joints, ...rest] };
}

function finish(state: KeypointsState, skeleton: Skeleton): Outcome<KeypointsState> {
  if (state.joints.length === 0) return same(START);
  if (!state.joints.some(([, , visibility]) => visibility > 0))
    return same(START, { type: "say", text: "No joint was placed." });
  return same(START, { type: "create", geometry: complete(state.joints, skeleton) });
}

/** One more joint; with the last one the skeleton is done. */
function add(state: KeypointsState, joint: Keypoint, skeleton: Skeleton): Outcome<KeypointsState> {
  const joints = [...state.joints, joint];
  const next: KeypointsState = { ...state, joints, occluded: false, press: null };
  return joints.length < skeleton.joints.length ? same(next) : finish(next, skeleton);
}

function place(state: KeypointsState, event: PointerToolEvent, scene: Scene) {
  const skeleton = skeletonOf(scene);
  const at = roundPoint(clampPoint(event.at, scene.size));
  const last = state.joints.at(-1);
  // The second click of a double one.
  if (last && last[2] > 0 && distance([last[0], last[1]], at) === 0) return same(state);
  return add(state, [...at, event.shift || state.occluded ? 1 : 2], skeleton);
}

/** The template of a skeleton in a box. */
function fitted(skeleton: Skeleton, box: Box): Keypoints {
  const places = fitTemplate(skeleton.positions ?? [], box);
  return { type: "keypoints", points: places.map((at) => [...roundPoint(at), 2] as const) };
}

function release(
  state: KeypointsState,
  event: PointerToolEvent,
  scene: Scene,
): Outcome<KeypointsState> {
  if (!state.press) return same(state);
  const to = clampPoint(event.at, scene.size);
  if (distance(state.press.from, to) <= event.slack / 2)
    return place({ ...state, press: null }, { ...event, at: state.press.from }, scene);
  const box = boxBetween(state.press.from, to);
  if (box.maxX - box.minX < 1 || box.maxY - box.minY < 1)
    return same(START, { type: "say", text: "The box for the joints needs a width and a height." });
  return same(START, { type: "create", geometry: fitted(skeletonOf(scene), box) });
}

export const keypoints: Tool<KeypointsState> = {
  name: "keypoints",
  label: "Keypoints",
  makes: ["keypoints"],
  cursor: "crosshair",
  hint: "Click joint after joint. Shift-click: hidden. Enter: the rest is absent.",
  start: START,
  busy: (state) => state.joints.length > 0 || state.press !== null || state.occluded,

  reduce(state, event, scene) {
    const skeleton = skeletonOf(scene);
    if (skeleton.joints.length === 0) return same(START);
    switch (event.type) {
      case "cancel":
        return same(START);
      case "back":
        return same({ ...state, joints: state.joints.slice(0, -1), press: null });
      case "finish":
        return finish(state, skeleton);
      case "command":
        if (event.name === "hand.occlude") return same({ ...state, occluded: !state.occluded });
        return event.name === "hand.skip" ? add(state, ABSENT, skeleton) : same(state);
      case "down": {
        const at = clampPoint(event.at, scene.size);
        const begins = state.joints.length === 0 && (skeleton.positions?.length ?? 0) > 0;
        if (begins) return same({ ...state, press: { from: at, to: at } });
        return place(state, event, scene);
      }
      case "move": {
        const at = clampPoint(event.at, scene.size);
        return same({ ...state, hover: at, press: state.press && { ...state.press, to: at } });
      }
      case "up":
        return release(state, event, scene);
      default:
        return same(state);
    }
  },

  preview({ joints, hover, press }, scene) {
    const skeleton = skeletonOf(scene);
    if (press && distance(press.from, press.to) > 0) {
      const box = boxBetween(press.from, press.to);
      return { ...NOTHING, draft: fitted(skeleton, box), marquee: box };
    }
    const name = skeleton.joints[joints.length];
    return {
      ...NOTHING,
      draft: joints.length > 0 ? { type: "keypoints", points: joints } : null,
      guides: hover && name ? [{ points: [hover], label: name }] : [],
    };
  },

  says({ joints, occluded }, scene) {
    const skeleton = skeletonOf(scene);
    const name = skeleton.joints[joints.length];
    if (!name) return null;
    const which = `${name} (${joints.length + 1} of ${skeleton.joints.length})`;
    if (joints.length === 0 && skeleton.positions?.length && !occluded)
      return `Drag a box for all joints, or click ${which}.`;
    const hidden = occluded ? ", hidden" : "";
    return `Click ${which}${hidden}. Shift-click: hidden. Shift+K: leave out. Enter: the rest is absent.`;
  },
};
