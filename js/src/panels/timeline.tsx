import { FilmBar } from "./film_bar.tsx";
import { IconButton } from "./icon_button.tsx";
import { RATES } from "./player.ts";
import type { Room } from "./room.ts";
import { SliceSlider } from "./slice_slider.tsx";

/** The pictures of a sequence in the order of time: play them, or go to one. */
export function Timeline({ room }: { room: Room }) {
  const { player } = room;
  const count = player.length;
  if (count === 0) return null;
  if (room.pane.stack.count > 0) return <SliceSlider room={room} />;
  if (room.pane.film.count > 0) return <FilmBar room={room} />;
  const { frame } = room.state;
  const playing = player.playing.value;
  return (
    <nav class="lw-timeline" aria-label="Sequence">
      <IconButton
        icon={playing ? "pause" : "play"}
        label={playing ? "Pause" : "Play"}
        hint="Shift+Space"
        onClick={() => player.toggle()}
      />
      <input
        type="range"
        min={1}
        max={count}
        step={1}
        value={frame.value + 1}
        aria-label="Picture of the sequence"
        aria-valuetext={`${frame.value + 1} of ${count}`}
        onInput={(event) => void player.seek(event.currentTarget.valueAsNumber - 1)}
      />
      <span class="lw-count">{`${frame.value + 1} / ${count}`}</span>
      <select
        class="lw-input"
        aria-label="Pictures a second"
        value={player.rate.value}
        onChange={(event) => {
          player.rate.value = Number(event.currentTarget.value);
        }}
      >
        {RATES.map((rate) => (
          <option key={rate} value={rate}>
            {rate} / s
          </option>
        ))}
      </select>
    </nav>
  );
}
