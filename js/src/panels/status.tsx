import type { XY } from "../document/types.ts";
import { placeInWords } from "../geometry/anatomy.ts";
import { millimetresOf, voxelAt } from "../geometry/cut.ts";
import type { VolumeInfo } from "../link/wire.ts";
import { Options } from "./options.tsx";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";
import { TrackSwitch } from "./track_switch.tsx";
import { WindowButton } from "./window_menu.tsx";

/** Where the pointer is, what is under it, and what the tool in hand can do. */
export function StatusLine({ room }: { room: Room }) {
  const { state } = room;
  const at = state.pointer.value;
  const probe = state.probe.value;
  const pane = room.pointed ?? room.pane;
  const volume = pane.volume;
  // The hint is that of the tool in hand, and of what it is doing.
  void state.tool.value;
  void state.handVersion.value;
  const closed = state.readOnly.value
    ? `This task is ${state.task.value?.state}. Reopen it to change its labels.`
    : null;
  const count = state.selection.value.length;
  const asks = state.mode.value === "classification" && state.tool.value === "select";
  void state.selection.value;
  void state.frame.value;
  const hint = !state.task.value
    ? ""
    : asks
      ? "Digits answer, arrows change the question, Enter goes on."
      : room.tracks.hint || room.hand.hint;
  return (
    <div class="lw-status" data-mode={state.mode.value}>
      <span class="lw-coordinates">
        {at ? `x ${at[0].toFixed(1)}  y ${at[1].toFixed(1)}` : "x –  y –"}
      </span>
      <span
        class="lw-pixel"
        title={probe?.about ? "Of a smaller copy: zoom in for the pixel itself" : undefined}
      >
        {probe?.about && "\u2248 "}
        {probe?.kind === "colour" && (
          <>
            <i class="lw-swatch" style={{ background: `rgb(${probe.rgb.join(" ")})` }} />
            {`RGB ${probe.rgb.join(" ")}`}
          </>
        )}
        {probe?.kind === "value" && inUnit(probe.value, volume?.unit ?? null)}
      </span>
      {at && volume && <VoxelText pane={pane} at={at} volume={volume} />}
      <WindowButton room={room} />
      <span class="lw-zoom">
        {state.status.value.kind === "ready" ? `${formatZoom(state.scale.value)} %` : "– %"}
      </span>
      {!asks && <TrackSwitch room={room} />}
      {!asks && <Options room={room} />}
      <span class="lw-hint" aria-live="polite" title={hint}>
        {closed ?? (count > 1 ? `${count} objects selected` : hint)}
      </span>
    </div>
  );
}

/** The voxel under the pointer, and where it is in the patient. */
function VoxelText({ pane, at, volume }: { pane: Pane; at: XY; volume: VolumeInfo }) {
  const { cut } = pane;
  if (!cut || cut.projected) return null;
  const voxel = voxelAt(volume, cut, at);
  const [column, row, slice] = voxel.map(Math.round);
  const inside = [slice, row, column].every(
    (index, axis) => index !== undefined && index >= 0 && index < (volume.shape[axis] ?? 0),
  );
  if (!inside) return null;
  const place = volume.affine && millimetresOf(volume, voxel);
  return (
    <span
      class="lw-voxel"
      title="Slice, row and column of the voxel from 0, as arrays have them; millimetres to a side of the patient"
    >
      {`voxel ${slice}, ${row}, ${column}`}
      {place && `   ${placeInWords(place)} mm`}
    </span>
  );
}

/** A value with its unit; a stored value where that has none. */
function inUnit(value: number, unit: string | null): string {
  if (Number.isNaN(value)) return "no value";
  if (unit === null) return `value ${formatValue(value)}`;
  return `${unit || "stored"} ${formatValue(value)}`;
}

/** A whole number as it is, another to six digits. */
function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function formatZoom(scale: number): string {
  const percent = scale * 100;
  return percent >= 10 ? percent.toFixed(0) : percent.toFixed(1);
}
