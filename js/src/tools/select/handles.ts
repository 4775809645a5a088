import { frameHandles, frameOf } from "../../geometry/frame.ts";
import { vertexNear } from "../../geometry/near.ts";
import { distance } from "../../geometry/points.ts";
import type { PointerToolEvent, Scene } from "../tool.ts";
import { editable, type SelectState } from "./state.ts";

/** More selected shapes than this have no frame: they can be moved, and turned by keys. */
export const MOST_FRAMED = 300;

/** What of the selection is under the pointer: a vertex, or a handle of the frame. */
export function grab(scene: Scene, event: PointerToolEvent): SelectState | null {
  const { selection } = scene;
  if (selection.length > MOST_FRAMED) return null;
  const shapes = selection.flatMap((id) => scene.get(id) ?? []);
  const only = selection.length === 1 ? shapes[0] : undefined;
  const { at, slack } = event;
  const vertex = only && vertexNear(only.geometry, at, slack);
  if (vertex) {
    const { id } = only;
    return {
      phase: "vertex",
      id,
      vertex,
      from: at,
      to: vertex.at,
      alone: event.alt,
      snap: null,
      slack: event.slack,
    };
  }
  const frame = frameOf(shapes.filter(editable).map((one) => one.geometry));
  if (!frame) return null;
  let least = slack;
  let handle: ReturnType<typeof frameHandles>[number][0] | null = null;
  for (const [name, place] of frameHandles(frame, slack, scene.size)) {
    const gap = distance(place, at);
    if (gap <= least) [least, handle] = [gap, name];
  }
  if (!handle) return null;
  const pull = { from: at, to: at };
  const ids = [...selection];
  if (handle === "turn") return { phase: "turn", ids, box: frame.box, snap: event.shift, ...pull };
  if (frame.own && only)
    return {
      ...{ phase: "resize", id: only.id, handle, ...pull },
      ...{ square: event.shift, centred: event.alt },
    };
  return {
    ...{ phase: "scale", ids, handle, box: frame.box, ...pull },
    ...{ proportional: event.shift, centred: event.alt },
  };
}
