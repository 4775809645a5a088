import { cutSpacing, cutsOf } from "../geometry/cut.ts";
import { edgeNames } from "../geometry/hanging.ts";
import { scaleBar } from "../geometry/scale_bar.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";
import { inWords } from "./window_menu.tsx";

const NOWHERE = { left: "", right: "", top: "", bottom: "" };

/** Which sides of the patient the edges are, how large things are, and what is shown: no names. */
export function PaneMarks({ room, pane }: { room: Room; pane: Pane }) {
  const { item, status } = room.panes.of(pane);
  const volume = item?.volume;
  const { cut } = pane;
  if (!volume || !cut || !room.state.marks.value || status.kind !== "ready") return null;
  // Asked again with another window, or another picture.
  void pane.tone.value;
  const { left, right, top, bottom } = edgeNames(volume, cut.plane) ?? NOWHERE;
  const spacing = cutSpacing(volume, cut.plane);
  const bar = spacing && scaleBar(spacing[0] / pane.scale.value);
  const levels = room.windows.levels(pane);
  const { invert } = pane.tone.value;
  return (
    <div class="lw-edges" aria-hidden="true">
      <span data-edge="left">{left}</span>
      <span data-edge="right">{right}</span>
      <span data-edge="top">{top}</span>
      <span data-edge="bottom">{bottom}</span>
      <span data-edge="corner">
        {`${volume.modality} ${cut.index + 1} / ${cutsOf(volume, cut.plane)}`.trim()}
        <br />
        {levels && `${inWords(levels)}${invert ? "  inverted" : ""}`}
      </span>
      {bar && (
        <span data-edge="scale">
          <i style={{ width: `${bar.pixels}px` }} />
          {bar.label}
        </span>
      )}
    </div>
  );
}
