import type { AnyTool } from "../tools/index.ts";
import type { Option } from "../tools/option.ts";
import { type Effect, NOTHING, type Preview, type Scene, type ToolEvent } from "../tools/tool.ts";
import type { Toolbox } from "./toolbox.ts";

export interface HandListener {
  /** What one event wants done. */
  onEffects(effects: readonly Effect[]): void;
  /** The tool's state changed: it may look different, or be busy. */
  onChange(): void;
}

/** The tool in hand and its state. */
export class Hand {
  private held: AnyTool;
  private state: unknown;

  constructor(
    private readonly toolbox: Toolbox,
    private readonly scene: () => Scene,
    private readonly listener: HandListener,
  ) {
    this.held = toolbox.get("select") as AnyTool;
    this.state = this.held.start;
  }

  get tool(): string {
    return this.held.name;
  }

  get label(): string {
    return this.held.label;
  }

  get makes(): AnyTool["makes"] {
    return this.held.makes;
  }

  /** The kernel tool that it asks, if any. */
  get computes(): string | undefined {
    return this.held.computes;
  }

  /** Tools of one group have their options in common. */
  get group(): string {
    return this.held.group ?? this.held.name;
  }

  /** Does it work on a scan, whichever slice is shown? */
  get through(): boolean {
    return this.held.through ?? false;
  }

  /** Does it begin as it is taken in hand? */
  get atOnce(): boolean {
    return this.held.atOnce ?? false;
  }

  get options(): readonly Option[] {
    return this.held.options ?? [];
  }

  get busy(): boolean {
    return this.held.busy(this.state) ?? false;
  }

  get hint(): string {
    return this.held.says?.(this.state, this.scene()) ?? this.held.hint;
  }

  get cursor(): string {
    return this.held.cursor;
  }

  /** Take a tool; false where there is none of that name. */
  take(name: string): boolean {
    const tool = this.toolbox.get(name);
    if (!tool) return false;
    // So that the tool can take back what it asked of others.
    if (this.busy) this.handle({ type: "cancel" });
    this.held = tool;
    this.reset();
    return true;
  }

  /** The toolbox has new tools: the one in hand may be another, or be gone. */
  refresh(): void {
    const tool = this.toolbox.get(this.held.name);
    if (tool === this.held) return;
    this.take(tool ? tool.name : "select");
  }

  /** Let go of what is half done. */
  reset(): void {
    this.state = this.held.start;
    this.listener.onChange();
  }

  handle(event: ToolEvent): void {
    const { state, effects } = this.held.reduce(this.state, event, this.scene());
    this.state = state;
    if (effects.length > 0) this.listener.onEffects(effects);
    this.listener.onChange();
  }

  /** What it wants to be seen, on the active pane or elsewhere. */
  preview(scene: Scene = this.scene()): Preview {
    if (!this.held.hovers && !this.busy) return NOTHING;
    return this.held.preview(this.state, scene);
  }
}
