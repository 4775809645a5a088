import { cutsOf } from "../geometry/cut.ts";
import { depthOf } from "./depth.ts";
import type { Pane } from "./pane.ts";
import { sightsOf } from "./reformat_layout.ts";
import type { Room } from "./room.ts";

/** Which cut of a scan a pane shows, and how it is looked at. */
export function ScanCaption({ room, pane }: { room: Room; pane: Pane }) {
  const { volume, cut } = pane;
  if (!volume || !cut) return null;
  const several = room.panes.all.value.length > 1;
  const sights = sightsOf(volume);
  const now = sights.findIndex(
    ({ plane, projected }) => plane === cut.plane && projected === (cut.projected ?? false),
  );
  const { title } = room.panes.of(pane).item ?? {};
  const other = room.panes.of(pane).task?.id !== room.state.task.value?.id;
  const missing = pane.across.missing.value;
  const total = volume.shape[0];
  return (
    <div class="lw-caption lw-scan-caption">
      {several && <i class="lw-dot" style={{ background: room.linking.colorOf(pane) }} />}
      {other && <span class="lw-name">{title}</span>}
      {sights.length > 1 && (
        <select
          class="lw-input lw-sight"
          aria-label="How this pane shows the scan"
          value={String(now)}
          onChange={(event) => {
            const sight = sights[Number(event.currentTarget.value)];
            if (sight) room.panes.see(pane, sight);
          }}
        >
          {sights.map(({ label }, i) => (
            <option key={label} value={String(i)}>
              {label}
            </option>
          ))}
        </select>
      )}
      {missing > 0 ? (
        <span
          class="lw-name"
          role="status"
        >{`Reading slices: ${total - missing} of ${total}`}</span>
      ) : (
        !cut.projected && (
          <span class="lw-count">{`${cut.index + 1} of ${cutsOf(volume, cut.plane)}${inMillimetres(pane)}`}</span>
        )
      )}
    </div>
  );
}

function inMillimetres({ volume, cut }: Pane): string {
  const depth = volume && cut && depthOf(volume, cut);
  return depth === null ? "" : ` · ${depth.toFixed(1).replace("-", "\u2212")} mm`;
}
