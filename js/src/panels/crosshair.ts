import type { XY } from "../document/types.ts";
import { distance } from "../geometry/points.ts";
import { clampPoint } from "../geometry/transform.ts";
import type { Viewport } from "../render/viewport.ts";
import type { ToolEvent } from "../tools/tool.ts";
import type { Hand } from "./hand.ts";
import type { State } from "./state.ts";

const SLACK = 4;

/** The pointer of those who draw by keys: arrows move it, Enter clicks. */
export class Crosshair {
  private clicked: XY | null = null;

  constructor(
    private readonly state: State,
    private readonly shown: () => Viewport,
    private readonly hand: Hand,
  ) {}

  /** Move by pixels of the screen; it begins in the middle. */
  move(dx: number, dy: number): void {
    const { state } = this;
    const viewport = this.shown();
    const { scale } = viewport.view;
    const [x, y] = state.crosshair.value ?? viewport.middle;
    const at = clampPoint([x + dx / scale, y + dy / scale], viewport.imageSize);
    state.crosshair.value = at;
    state.pointer.value = at;
    state.probe.value = viewport.image.pixel(at[0], at[1]);
    this.point("move", at);
    viewport.reveal({ minX: at[0], maxX: at[0], minY: at[1], maxY: at[1] });
    viewport.repaint();
  }

  /** Click where it is; twice at one place finishes. */
  click(shift = false): void {
    const at = this.state.crosshair.value;
    if (!at) return;
    const again = this.clicked && this.hand.busy && distance(this.clicked, at) === 0;
    this.clicked = again ? null : at;
    if (again) this.hand.handle({ type: "finish" });
    else {
      this.point("down", at, shift);
      this.point("up", at, shift);
    }
  }

  private point(type: "down" | "move" | "up", at: XY, shift = false): void {
    const event: ToolEvent = {
      type,
      at,
      shift,
      ctrl: false,
      alt: false,
      slack: SLACK / this.shown().view.scale,
      pressed: type === "down",
    };
    this.hand.handle(event);
  }
}
