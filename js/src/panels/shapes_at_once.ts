import type { Polygon, Polyline } from "../document/types.ts";
import { simplify } from "../geometry/simplify.ts";
import { pointsOf, type Shaping, shaping } from "../tools/shaping.ts";
import type { Room } from "./room.ts";

export const LARGEST_TOLERANCE = 20;
const FIRST_TOLERANCE = 1;
/** Shapes of more points are not tried out while the slider moves. */
const MOST_TRIED = 20_000;

/** Union, subtraction, simplification and the like, of the selected shapes at once. */
export class ShapesAtOnce {
  constructor(private readonly room: Room) {}

  /** How far simplified lines may go from what was drawn, in pixels; kept with the tools' options. */
  get tolerance(): number {
    const kept = this.room.state.settings.value.shape?.tolerance;
    return typeof kept === "number" && kept > 0
      ? Math.min(kept, LARGEST_TOLERANCE)
      : FIRST_TOLERANCE;
  }

  set tolerance(value: number) {
    const { settings } = this.room.state;
    settings.value = { ...settings.value, shape: { ...settings.value.shape, tolerance: value } };
  }

  takes(id: string): boolean {
    return this.shapeOf(id) !== null;
  }

  shape(what: Shaping): void {
    const { room } = this;
    if (room.state.readOnly.value) return;
    room.outcomes.take(shaping(what, room.stage.scene(), this.tolerance));
  }

  /** How many points the selection would have. */
  forecast(): string {
    const chosen = this.room.state.selection.value.flatMap((id) => this.shapeOf(id) ?? []);
    const before = chosen.reduce((sum, shape) => sum + pointsOf(shape), 0);
    if (before > MOST_TRIED) return `${before.toLocaleString("en")} points`;
    const after = chosen.reduce((sum, shape) => sum + pointsOf(this.simplified(shape)), 0);
    return `${before} → ${after}`;
  }

  private simplified(shape: Polygon | Polyline): Polygon | Polyline {
    return shape.type === "polygon"
      ? simplify(shape, this.tolerance)
      : simplify(shape, this.tolerance);
  }

  private shapeOf(id: string): Polygon | Polyline | null {
    const geometry = this.room.labels?.here(id)?.geometry;
    return geometry?.type === "polygon" || geometry?.type === "polyline" ? geometry : null;
  }
}
