import { TOOLS } from "../tools/index.ts";
import { type Effect, NOTHING, type Preview, type Scene, type ToolEvent } from "../tools/tool.ts";

export interface HandListener {
  onEffect(effect: Effect): void;
  /** The tool's state changed: it may look different, or be busy. */
  onChange(): void;
}

/** The tool in hand and its state. */
export class Hand {
  private name = "select";
  private state: unknown = TOOLS.select?.start;
  private editing = false;

  constructor(
    private readonly scene: () => Scene,
    private readonly listener: HandListener,
  ) {}

  get tool(): string {
    return this.name;
  }

  get busy(): boolean {
    return TOOLS[this.acting]?.busy(this.state) ?? false;
  }

  get hint(): string {
    return TOOLS[this.name]?.hint ?? "";
  }

  get cursor(): string {
    return TOOLS[this.name]?.cursor ?? "default";
  }

  take(name: string): void {
    if (!(name in TOOLS)) return;
    this.name = name;
    this.reset();
  }

  /** Let go of what is half done. */
  reset(): void {
    this.editing = false;
    this.state = TOOLS[this.name]?.start;
    this.listener.onChange();
  }

  handle(event: ToolEvent): void {
    if (event.type === "down" && this.name !== "select" && !this.busy) this.reachForHandle(event);
    const tool = TOOLS[this.acting];
    if (!tool) return;
    const { state, effects } = tool.reduce(this.state, event, this.scene());
    this.state = state;
    const over = this.editing && (event.type === "up" || event.type === "cancel");
    if (over) {
      this.editing = false;
      this.state = TOOLS[this.name]?.start;
    }
    for (const effect of effects) this.listener.onEffect(effect);
    this.listener.onChange();
  }

  preview(): Preview {
    const tool = TOOLS[this.acting];
    if (!tool?.busy(this.state)) return NOTHING;
    return tool.preview(this.state, this.scene());
  }

  private get acting(): string {
    return this.editing ? "select" : this.name;
  }

  /** A handle of the object just drawn can be dragged without putting the drawing tool away. */
  private reachForHandle(event: ToolEvent): void {
    const select = TOOLS.select;
    if (!select) return;
    const scene = this.scene();
    if (scene.selection.length !== 1) return;
    const { state } = select.reduce(select.start, event, { ...scene, pick: () => null });
    const phase = (state as { phase?: string }).phase;
    if (phase === "resize" || phase === "vertex") {
      this.editing = true;
      this.state = select.start;
    }
  }
}
