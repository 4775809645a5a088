import type { Polygon, Ring } from "../document/types.ts";
import { type Made, subtract, unite } from "../geometry/boolean.ts";
import type { Effect, PointerToolEvent, Scene } from "./tool.ts";

/** What an outline is drawn for: an object of its own, or to be added to or taken from those selected. */
export type Purpose = "new" | "add" | "subtract";

/** As the keys have it at the first point: Alt takes away, Shift adds to the selection. */
export function purposeOf(event: PointerToolEvent, scene: Scene): Purpose {
  if (event.alt) return "subtract";
  return event.shift && chosen(scene).length > 0 ? "add" : "new";
}

/** The selected polygons that may be changed. */
export function chosen(scene: Scene): (readonly [string, Polygon])[] {
  return scene.selection.flatMap((id) => {
    const annotation = scene.get(id);
    const { geometry, state } = annotation ?? {};
    return geometry?.type === "polygon" && state !== "locked" ? [[id, geometry] as const] : [];
  });
}

/** Make what an outline was drawn for; a hole is what is taken away from the inside of a polygon. */
export function carve(ring: Ring, purpose: Purpose, scene: Scene): Effect[] {
  const drawn: Polygon = { type: "polygon", parts: [[ring]] };
  if (purpose === "new") return [{ type: "create", geometry: drawn }];
  const targets = chosen(scene);
  const [first] = targets;
  if (!first) return [{ type: "say", text: "Select the polygon first that this is for." }];
  if (purpose === "add") return changed([[first[0], first[1], unite([first[1], drawn])]]);
  return changed(targets.map(([id, before]) => [id, before, subtract(before, [drawn])]));
}

function changed(results: readonly (readonly [string, Polygon, Made<Polygon>])[]): Effect[] {
  const shapes = results.flatMap(([id, before, made]) =>
    made.ok && JSON.stringify(made.value.parts) !== JSON.stringify(before.parts)
      ? [[id, { ...before, parts: made.value.parts }] as const]
      : [],
  );
  const reason = results.flatMap(([, , made]) => (made.ok ? [] : [made.reason]))[0];
  const said: Effect[] = reason ? [{ type: "say", text: reason }] : [];
  if (shapes.length === 0)
    return reason ? said : [{ type: "say", text: "That outline touches no selected polygon." }];
  return [{ type: "update", shapes }, ...said];
}
