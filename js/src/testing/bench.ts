import type { Annotation, Answers, Geometry, ObjectClass, XY } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { type Box, overlaps } from "../geometry/box.ts";
import { touches } from "../geometry/hit.ts";
import { isShape } from "../geometry/track.ts";
import { trackFrom } from "../geometry/track_edits.ts";
import { type Setting, settingsOf } from "../tools/option.ts";
import type { ShownCut } from "../tools/scan_prompt.ts";
import type {
  Effect,
  Making,
  Pixels,
  PointerToolEvent,
  Preview,
  Scene,
  Tool,
  ToolEvent,
} from "../tools/tool.ts";

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
  /** Values of the tool's options; those that are not set are as they are at first. */
  settings: Record<string, Setting> = {};
  target: ObjectClass = { name: "car", color: "#ff0000", tool: "rectangle" };
  /** What the picture holds; by default nothing is there yet. */
  picture: (box: Box) => Pixels | null = () => null;
  /** What was answered about the image. */
  answers: Answers = {};
  /** What of a scan is shown. */
  cut: ShownCut | null = null;
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

  /** Set an option, and tell the tool. */
  set(name: string, value: Setting): this {
    this.settings[name] = value;
    return this.handle({ type: "settings" });
  }
  command(name: string): this {
    return this.handle({ type: "command", name });
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
      if (effect.type === "accept") return effect.shapes.map((one) => one.geometry);
      if (effect.type === "change") {
        const made = (effect.create ?? []).map((one) => one.geometry);
        return [...made, ...(effect.update ?? []).map(([, geometry]) => geometry)];
      }
      return effect.type === "update" ? effect.shapes.map(([, geometry]) => geometry) : [];
    });
  }

  get scene(): Scene {
    return {
      spacing: null,
      cut: this.cut,
      size: this.size,
      answers: this.answers,
      selection: this.selection,
      settings: settingsOf(this.tool.options ?? [], this.settings),
      target: this.target,
      near: (area) =>
        [...this.shapes.values()].flatMap((one) => {
          const box = bounds(one.geometry);
          return box && overlaps(box, area) ? [one.id] : [];
        }),
      pixels: (box) => this.picture(box),
      get: (id) => this.shapes.get(id),
      track: (id) => {
        const geometry = this.shapes.get(id)?.geometry;
        return isShape(geometry) ? trackFrom(geometry, 0) : null;
      },
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
    else if (effect.type === "create") this.make([effect]);
    else if (effect.type === "update") this.reshape(effect.shapes);
    else if (effect.type === "accept") this.make(effect.shapes);
    else if (effect.type === "set") this.set(effect.name, effect.value);
    else if (effect.type === "change") {
      this.reshape(effect.update ?? []);
      for (const id of effect.remove ?? []) this.shapes.delete(id);
      this.make(effect.create ?? []);
    }
  }

  private make(shapes: readonly Making[]): void {
    for (const { geometry } of shapes) this.lay(`made${++this.count}`, geometry);
  }

  private reshape(shapes: readonly (readonly [string, Geometry])[]): void {
    for (const [id, geometry] of shapes) {
      const before = this.shapes.get(id);
      if (before) this.shapes.set(id, { ...before, geometry, revision: before.revision + 1 });
    }
  }
}

function extent(geometry: Geometry): number {
  const box = bounds(geometry);
  return box ? (box.maxX - box.minX) * (box.maxY - box.minY) : Number.POSITIVE_INFINITY;
}
