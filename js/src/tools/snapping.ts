import type { Geometry, XY } from "../document/types.ts";
import { type Ways, waysAlong } from "../geometry/border.ts";
import { type Snap, snap } from "../geometry/snapping.ts";
import type { ToggleOption } from "./option.ts";
import { type Guide, type Outcome, type PointerToolEvent, type Scene, same } from "./tool.ts";

/** Points are drawn to the shapes and the border of the picture. */
export const SNAP: ToggleOption = {
  type: "toggle",
  name: "snap",
  label: "Snap",
  value: false,
};

function around(at: XY, reach: number, scene: Scene, but?: (id: string) => boolean): Geometry[] {
  const box = {
    minX: at[0] - reach,
    minY: at[1] - reach,
    maxX: at[0] + reach,
    maxY: at[1] + reach,
  };
  const ids = scene.near(box).filter((id) => !but?.(id));
  return ids.flatMap((id) => scene.get(id)?.geometry ?? []);
}

/**
 * Where a point at the pointer would snap to, null where nothing is near or snapping is off. What
 * `but` is true of draws no point: a shape whose own vertex is in hand.
 */
export function snapAt(
  event: PointerToolEvent,
  scene: Scene,
  but?: (id: string) => boolean,
): Snap | null {
  if (scene.settings[SNAP.name] !== true) return null;
  return snap(event.at, around(event.at, event.slack, scene, but), scene.size, event.slack);
}

/** Turn snapping on or off. */
export function toggleSnap<State>(state: State, scene: Scene): Outcome<State> {
  const value = scene.settings[SNAP.name] !== true;
  return same(
    state,
    { type: "set", name: SNAP.name, value },
    { type: "say", text: value ? "Snapping is on." : "Snapping is off." },
  );
}

/** The ways along the border of another polygon on which both points lie. */
export function waysBetween(from: XY, to: XY, scene: Scene): Ways | null {
  for (const shape of around(to, 1, scene)) {
    const ways = waysAlong(shape, from, to);
    if (ways) return ways;
  }
  return null;
}

/** What lights up: the edge that is snapped to, or a small cross on the vertex. */
export function snapGuides(found: Snap | null, slack: number): Guide[] {
  if (!found) return [];
  if (found.kind === "edge") return [{ points: found.line }];
  const [x, y] = found.at;
  const reach = slack * 0.9;
  return [
    {
      points: [
        [x - reach, y],
        [x, y - reach],
        [x + reach, y],
        [x, y + reach],
      ],
      closed: true,
    },
  ];
}
