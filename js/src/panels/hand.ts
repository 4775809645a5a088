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

  constructor(
    private readonly scene: () => Scene,
    private readonly listener: HandListener,
  ) {}

  get tool(): string {
    return this.name;
  }

  get busy(): boolean {
    return TOOLS[this.name]?.busy(this.state) ?? false;
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
    this.state = TOOLS[this.name]?.start;
    this.listener.onChange();
  }

  handle(event: ToolEvent): void {
    const tool = TOOLS[this.name];
    if (!tool) return;
    const { state, effects } = tool.reduce(this.state, event, this.scene());
    this.state = state;
    for (const effect of effects) this.listener.onEffect(effect);
    this.listener.onChange();
  }

  preview(): Preview {
    const tool = TOOLS[this.name];
    if (!tool?.busy(this.state)) return NOTHING;
    return tool.preview(this.state, this.scene());
  }
}
