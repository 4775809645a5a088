import type { Geometry, Polygon, Polyline, XY } from "../document/types.ts";
import { intersect, type Made, subtract, unite } from "../geometry/boolean.ts";
import { joinLines, joinPolygons } from "../geometry/join.ts";
import { simplify } from "../geometry/simplify.ts";
import type { Effect, Making, Scene } from "./tool.ts";

/** What can be done to the selected shapes at once. */
export const SHAPINGS = [
  "unite",
  "subtract",
  "intersect",
  "join",
  "simplify",
  "fill",
  "detach",
] as const;
export type Shaping = (typeof SHAPINGS)[number];

type Named<T extends Geometry> = readonly [string, T];

function selected<T extends Geometry["type"]>(
  type: T,
  scene: Scene,
): Named<Extract<Geometry, { type: T }>>[] {
  return scene.selection.flatMap((id) => {
    const geometry = scene.get(id)?.geometry;
    return geometry?.type === type
      ? [[id, geometry as Extract<Geometry, { type: T }>] as const]
      : [];
  });
}

const say = (text: string): Effect[] => [{ type: "say", text }];

/** The gesture that does it; the first shape keeps its class and its answers. */
export function shaping(what: Shaping, scene: Scene, tolerance: number): Effect[] {
  const polygons = selected("polygon", scene);
  const lines = selected("polyline", scene);
  switch (what) {
    case "simplify":
      return simplified([...polygons, ...lines], tolerance);
    case "fill":
      return filled(polygons);
    case "detach":
      return detached(polygons, scene);
    case "join":
      if (lines.length > 1 && polygons.length === 0) return joined(lines);
      break;
  }
  const [first, ...others] = polygons;
  if (!first || others.length === 0) return say("Select two or more polygons (Shift-click).");
  const shapes = polygons.map(([, shape]) => shape);
  const ids = others.map(([id]) => id);
  switch (what) {
    case "unite":
      return merged(first[0], unite(shapes), ids);
    case "intersect":
      return merged(first[0], intersect(shapes), ids);
    case "subtract":
      return merged(first[0], subtract(first[1], shapes.slice(1)), ids);
    default: {
      const made = joinPolygons(shapes);
      if (!made.ok) return say(made.reason);
      const used = made.value.used.flatMap((i) => (i > 0 ? (polygons[i]?.[0] ?? []) : []));
      return merged(first[0], { ok: true, value: made.value.shape }, used);
    }
  }
}

function merged(id: string, made: Made<Polygon>, gone: readonly string[]): Effect[] {
  if (!made.ok) return say(made.reason);
  return [
    { type: "select", ids: [id] },
    { type: "change", update: [[id, made.value]], remove: gone },
  ];
}

function joined(lines: readonly Named<Polyline>[]): Effect[] {
  const [first, ...others] = lines;
  if (!first) return [];
  const points = joinLines(lines.map(([, line]) => line.points));
  return [
    { type: "select", ids: [first[0]] },
    {
      type: "change",
      update: [[first[0], { ...first[1], points }]],
      remove: others.map(([id]) => id),
    },
  ];
}

function simplified(shapes: readonly Named<Polygon | Polyline>[], tolerance: number): Effect[] {
  if (shapes.length === 0) return say("Select polygons or lines to simplify.");
  const update = shapes.flatMap(([id, shape]): Named<Geometry>[] => {
    const made = simplify(shape, tolerance);
    return pointsOf(made) < pointsOf(shape) ? [[id, made]] : [];
  });
  const [before, after] = [count(shapes), count(shapes) - saved(shapes, update)];
  if (update.length === 0) return say("No point can be left out at this tolerance.");
  return [
    { type: "change", update },
    ...say(`${before.toLocaleString("en")} points became ${after.toLocaleString("en")}.`),
  ];
}

function count(shapes: readonly Named<Geometry>[]): number {
  return shapes.reduce((sum, [, shape]) => sum + pointsOf(shape), 0);
}

function saved(before: readonly Named<Geometry>[], after: readonly Named<Geometry>[]): number {
  const made = new Map(after);
  return count(before.filter(([id]) => made.has(id))) - count(after);
}

/** How many points a polygon or line has. */
export function pointsOf(shape: Geometry): number {
  if (shape.type === "polyline") return shape.points.length;
  if (shape.type !== "polygon") return 0;
  return shape.parts.flat().reduce((sum: number, ring: readonly XY[]) => sum + ring.length, 0);
}

function filled(polygons: readonly Named<Polygon>[]): Effect[] {
  const shapes = polygons.flatMap(([id, shape]): Named<Polygon>[] => {
    const holes = shape.parts.some((part) => part.length > 1);
    return holes ? [[id, { ...shape, parts: shape.parts.map((part) => part.slice(0, 1)) }]] : [];
  });
  return shapes.length > 0
    ? [{ type: "change", update: shapes }]
    : say("The selected polygons have no holes.");
}

function detached(polygons: readonly Named<Polygon>[], scene: Scene): Effect[] {
  const several = polygons.filter(([, shape]) => shape.parts.length > 1);
  if (several.length === 0) return say("The selected polygons are of one part each.");
  const create = several.flatMap(([id, shape]): Making[] => {
    const { class_name, attributes } = scene.get(id) ?? {};
    return shape.parts.slice(1).map((part) => ({
      geometry: { ...shape, parts: [part] },
      ...(class_name && { className: class_name }),
      ...(attributes && { attributes }),
    }));
  });
  const update = several.map(
    ([id, shape]) => [id, { ...shape, parts: shape.parts.slice(0, 1) }] as const,
  );
  return [{ type: "change", update, create }];
}
