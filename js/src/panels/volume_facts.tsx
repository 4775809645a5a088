import { slicesOf } from "../geometry/volume_patch.ts";
import type { Room } from "./room.ts";
import { type VolumeAnnotation, voxelsOf } from "./volume_edits.ts";

/** How far the selected volume mask reaches, how large it is, and what values it has. */
export function VolumeFacts({ room }: { room: Room }) {
  const { state, volumeMasks } = room;
  void state.version.value;
  const [only, ...others] = volumeMasks.selected;
  if (!only || others.length > 0) return null;
  const unit = state.item.value?.volume?.unit ?? "";
  const found = volumeMasks.measured.value.get(only.geometry);
  const number = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 1 });
  const values =
    found && found.mean !== null
      ? `${number(found.mean)} ± ${number(found.deviation ?? 0)} ${unit}, ` +
        `${number(found.least ?? 0)} to ${number(found.most ?? 0)}`
      : found && "no values";
  return (
    <dl class="lw-facts">
      <dt>Slices</dt>
      <dd>{slicesInWords(only)}</dd>
      <dt>Volume</dt>
      <dd>{volumeInWords(only, volumeMasks.voxel)}</dd>
      <dt>{unit || "Values"}</dt>
      <dd>
        {values ?? (
          <button
            type="button"
            class="lw-link"
            title="Mean, standard deviation, least and most of the values in the mask"
            onClick={() => {
              void volumeMasks.measure();
              room.focus();
            }}
          >
            Measure
          </button>
        )}
      </dd>
    </dl>
  );
}

/** The slices from the first to the last one, counted from 1, and how many have pixels. */
export function slicesInWords({ geometry }: VolumeAnnotation): string {
  const slices = slicesOf(geometry);
  const [first, last] = [slices[0], slices.at(-1)];
  if (first === undefined || last === undefined) return "none";
  const all = last - first + 1 === slices.length;
  const span = first === last ? `${first + 1}` : `${first + 1}–${last + 1}`;
  return all ? span : `${span}, ${slices.length} of them`;
}

export function volumeInWords({ geometry }: VolumeAnnotation, voxel: number | null): string {
  const voxels = voxelsOf(geometry);
  const many = `${voxels.toLocaleString("en")} voxel${voxels === 1 ? "" : "s"}`;
  if (voxel === null) return many;
  const ml = voxels * voxel;
  const digits = ml >= 100 ? 0 : ml >= 1 ? 1 : 3;
  return `${ml.toLocaleString("en", { maximumFractionDigits: digits })} ml, ${many}`;
}
