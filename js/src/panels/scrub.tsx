import { useSignal } from "@preact/signals";
import { timeText } from "./go_to.ts";
import type { Room } from "./room.ts";

/** Half of the slider's thumb: where its middle can go, times begin and end. */
const HALF = 7;

/** A slider along a video, with a small picture of where the pointer is. */
export function Scrub({ room }: { room: Room }) {
  const { state, player, glimpses } = room;
  const { film } = room.pane;
  const { count, times } = film;
  const [first, last] = film.ends;
  /** Where the pointer is: pixels along the slider, and the frame there. */
  const over = useSignal<{ x: number; frame: number } | null>(null);
  const at = film.wanted.value ?? state.frame.value;
  const leave = () => {
    over.value = null;
    glimpses.leave();
  };
  return (
    <div
      class="lw-scrub"
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const x = Math.min(Math.max(HALF, event.clientX - box.left), box.width - HALF);
        const share = (x - HALF) / Math.max(1, box.width - 2 * HALF);
        over.value = { x, frame: first + Math.round(share * (last - first)) };
      }}
      onPointerLeave={leave}
      onPointerCancel={leave}
    >
      <input
        type="range"
        min={first + 1}
        max={last + 1}
        step={1}
        value={at + 1}
        style={{ "--lw-at": last > first ? (at - first) / (last - first) : 0 }}
        data-waits={film.wanted.value !== null}
        aria-label="Frame of the video"
        aria-valuetext={`${at + 1} of ${count}, ${timeText(times?.seconds(at) ?? 0)}`}
        onInput={(event) => void player.seek(event.currentTarget.valueAsNumber - 1)}
      />
      {over.value && <Glimpse room={room} {...over.value} />}
    </div>
  );
}

function Glimpse({ room, x, frame }: { room: Room; x: number; frame: number }) {
  const { item } = room.state;
  const { glimpses } = room;
  const { times } = room.pane.film;
  void glimpses.version.value;
  if (!item.value?.video || !times) return null;
  const { id, video } = item.value;
  const url = glimpses.near(id, video, frame);
  const portrait = video.height > video.width;
  return (
    <div class="lw-glimpse" style={{ "--lw-x": `${x}px` }} aria-hidden="true">
      <span
        class={url ? "lw-glimpse-picture" : "lw-glimpse-picture lw-skeleton"}
        style={{
          "aspect-ratio": `${video.width} / ${video.height}`,
          [portrait ? "height" : "width"]: "120px",
        }}
      >
        {url && <img src={url} alt="" draggable={false} />}
      </span>
      {frame + 1} · {timeText(times.seconds(frame))}
    </div>
  );
}
