import { useMemo } from "preact/hooks";
import { isKeySlice } from "../document/key_slices.ts";
import { depthOf } from "./depth.ts";
import { IconButton } from "./icon_button.tsx";
import { commandKey } from "./keys.ts";
import { runsOf, slicesOf } from "./likely_slices.ts";
import type { Room } from "./room.ts";

/** The slices of a scan in the order of space: which is shown, where it lies, and which carry labels. */
export function SliceSlider({ room }: { room: Room }) {
  const { player, state } = room;
  const { stack, across } = room.pane;
  const { count } = stack;
  const { labels } = room;
  const version = state.version.value;
  const marks = useMemo(
    () => runsOf(slicesOf([...(labels?.document.all() ?? [])].filter((one) => !isKeySlice(one)))),
    [labels, version, count],
  );
  const cut = across.cut.value;
  const frame = cut?.index ?? state.frame.value;
  const { volume } = state.item.value ?? {};
  const place = volume && depthOf(volume, cut ?? { plane: "slice", index: frame });
  const number = `${frame + 1} / ${count}`;
  const playing = player.playing.value;
  const share = (slices: number) => `${(100 * slices) / Math.max(1, count - 1)}%`;
  return (
    <nav class="lw-timeline lw-slices" aria-label="Slices">
      <IconButton
        icon={playing ? "pause" : "play"}
        label={playing ? "Pause" : "Play"}
        hint="Shift+Space"
        onClick={() => player.toggle()}
      />
      <div class="lw-track">
        <div class="lw-marks" aria-hidden="true">
          {!cut &&
            marks.map(([first, last]) => (
              <i key={first} style={{ left: share(first), width: share(last - first) }} />
            ))}
          {!cut &&
            room.keySlices.all.map((slice) => (
              <i key={`key ${slice}`} class="lw-key" style={{ left: share(slice) }} />
            ))}
        </div>
        <input
          type="range"
          min={1}
          max={count}
          step={1}
          value={(cut ? stack.at : (stack.wanted.value ?? frame)) + 1}
          aria-label="Slice"
          aria-valuetext={place == null ? number : `${number}, ${millimetres(place)}`}
          onInput={(event) => void player.seek(event.currentTarget.valueAsNumber - 1)}
        />
      </div>
      <span class="lw-count">{number}</span>
      {place != null && (
        <span class="lw-count lw-millimetres" title="Position along the scan, in millimetres">
          {millimetres(place)}
        </span>
      )}
      <IconButton
        icon="key"
        label={room.keySlices.here ? "This is a key slice" : "Mark as key slice"}
        hint={`${commandKey("key.toggle")}; ${commandKey("key.previous")} and ${commandKey("key.next")} go to them`}
        pressed={room.keySlices.here}
        disabled={state.readOnly.value}
        onClick={() => room.keySlices.toggle()}
      />
    </nav>
  );
}

function millimetres(place: number): string {
  return `${place.toFixed(1).replace("-", "\u2212")} mm`;
}
