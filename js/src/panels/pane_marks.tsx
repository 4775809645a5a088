import type { XY } from "../document/types.ts";
import { lettersOf } from "../geometry/anatomy.ts";
import { type Cut, cutSize, cutSpacing, cutsOf, millimetresOf, voxelAt } from "../geometry/cut.ts";
import { scaleBar } from "../geometry/scale_bar.ts";
import { minus } from "../geometry/space.ts";
import type { VolumeInfo } from "../link/wire.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";
import { inWords } from "./window_menu.tsx";

/** Which sides of the patient the edges are, how large things are, and what is shown: no names. */
export function PaneMarks({ room, pane }: { room: Room; pane: Pane }) {
  const { item, status } = room.panes.of(pane);
  const volume = item?.volume;
  if (!volume || !room.state.marks.value || status.kind !== "ready") return null;
  // Asked again with another window, or another picture.
  void pane.tone.value;
  const cut = cutOf(room, pane);
  const [left, right, top, bottom] = edgesOf(volume, cut);
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

/** What a pane shows of its scan. */
export function cutOf(room: Room, pane: Pane): Cut {
  return { plane: "slice", index: room.panes.of(pane).frame };
}

/** The sides of the patient to the left, to the right, above and below; empty where not known. */
function edgesOf(volume: VolumeInfo, cut: Cut): readonly string[] {
  if (!volume.affine) return ["", "", "", ""];
  const { width, height } = cutSize(volume, cut.plane);
  const at = (place: XY) => millimetresOf(volume, voxelAt(volume, cut, place));
  const [x, y] = [width / 2, height / 2];
  const right = minus(at([width, y]), at([0, y]));
  const below = minus(at([x, height]), at([x, 0]));
  const none = [0, 0, 0] as const;
  return [minus(none, right), right, minus(none, below), below].map(lettersOf);
}
