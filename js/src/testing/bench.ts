import type { Annotation, Geometry, XY } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { touches } from "../geometry/hit.ts";
import type { Effect, PointerToolEvent, Preview, Scene, Tool, ToolEvent } from "../tools/tool.ts";

export interface Keys {
  readonly shift?: boolean;
  readonly ctrl?: boolean;
  readonly alt?: boolean;
}

/** A tool at work on a picture: takes what a hand does, and does what the tool wants done. */
export class Bench<State> {
  readonly shapes = new Map<string, Annotation>();
  readonly effects: Effect[] = [];
  selection: string[] = [];
  slack = 6;
  state: State;
  private count = 0;

  constructor(
    readonly tool: Tool<State>,
    readonly size = { width: 200, height: 100 },
  ) {
    this.state = tool.start;
  }

  /** Put a shape on the picture. */
  lay(id: string, geometry: Geometry, state: "editable" | "locked" = "editable"): this {
    this.shapes.set(id, { id, class_name: "car", geometry, state, revision: 1 });
    return this;
  }

  choose(...ids: string[]): this {
    this.selection = ids;
    return this;
  }

  geometry(id: string): Geometry {
    const found = this.shapes.get(id);
    if (!found) throw new Error(`There is no shape ${id}.`);
    return found.geometry;
  }

  down(at: XY, keys: Keys = {}): this {
    return this.handle(this.event("down", at, keys, true));
  }
  drag(at: XY, keys: Keys = {}): this {
    return this.handle(this.event("move", at, keys, true));
  }
  hover(at: XY, keys: Keys = {}): this {
    return this.handle(this.event("move", at, keys, false));
  }
  up(at: XY, keys: Keys = {}): this {
    return this.handle(this.event("up", at, keys, false));
  }
  click(at: XY, keys: Keys = {}): this {
    return this.down(at, keys).up(at, keys);
  }
  double(at: XY): this {
    return this.click(at)
      .click(at)
      .handle(this.event("double", at, {}, false));
  }
  /** Press at the first place, go through the others, let go at the last. */
  pull(path: readonly XY[], keys: Keys = {}): this {
    const [first, ...others] = path;
    const last = others.at(-1);
    if (!first || !last) throw new Error("A pull goes from one place to another.");
    this.down(first);
    for (const at of others) this.drag(at, keys);
    return this.up(last, keys);
  }
  cancel(): this {
    return this.handle({ type: "cancel" });
  }
  back(): this {
    return this.handle({ type: "back" });
  }
  finish(): this {
    return this.handle({ type: "finish" });
  }

  event(type: PointerToolEvent["type"], at: XY, keys: Keys, pressed: boolean): ToolEvent {
    const { shift = false, ctrl = false, alt = false } = keys;
    return { type, at, shift, ctrl, alt, slack: this.slack, pressed };
  }

  handle(event: ToolEvent): this {
    const { state, effects } = this.tool.reduce(this.state, event, this.scene);
    this.state = state;
    for (const effect of effects) this.apply(effect);
    return this;
  }

  get preview(): Preview {
    return this.tool.preview(this.state, this.scene);
  }

  get busy(): boolean {
    return this.tool.busy(this.state);
  }

  get said(): string[] {
    return this.effects.flatMap((effect) => (effect.type === "say" ? [effect.text] : []));
  }

  /** Every geometry that was created or changed, in order. */
  get made(): Geometry[] {
    return this.effects.flatMap((effect) => {
      if (effect.type === "create") return [effect.geometry];
      return effect.type === "update" ? effect.shapes.map(([, geometry]) => geometry) : [];
    });
  }

  get scene(): Scene {
    return {
      size: this.size,
      selection: this.selection,
      get: (id) => this.shapes.get(id),
      pick: (at, slack) => {
        const under = [...this.shapes.values()].filter((one) =>
          touches(one.geometry, at, slack / 2),
        );
        return under.sort((a, b) => extent(a.geometry) - extent(b.geometry))[0]?.id ?? null;
      },
      within: (box) =>
        [...this.shapes.values()].flatMap((one) => {
          const inner = bounds(one.geometry);
          const inside =
            inner &&
            inner.minX >= box.minX &&
            inner.minY >= box.minY &&
            inner.maxX <= box.maxX &&
            inner.maxY <= box.maxY;
          return inside ? [one.id] : [];
        }),
    };
  }

  private apply(effect: Effect): void {
    this.effects.push(effect);
    if (effect.type === "select") this.selection = [...effect.ids];
    else if (effect.type === "create") this.lay(`made${++this.count}`, effect.geometry);
    else if (effect.type === "update") {
      for (const [id, geometry] of effect.shapes) {
        const before = this.shapes.get(id);
        if (before) this.shapes.set(id, { ...before, geometry, revision: before.revision + 1 });
      }
    }
  }
}

function extent(geometry: Geometry): number {
  const box = bounds(geometry);
  return box ? (box.maxX - box.minX) * (box.maxY - box.minY) : Number.POSITIVE_INFINITY;
}
