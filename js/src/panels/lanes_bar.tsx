import { frameName } from "./frame_name.ts";
import { Icon, type IconName } from "./icons.tsx";
import { commandKey } from "./keys.ts";
import { MiniButton } from "./mini_button.tsx";
import type { Room } from "./room.ts";

/** What can be done with the lanes: jump, begin an event, zoom in time, fold them. */
export function LanesBar({ room, count }: { room: Room; count: number }) {
  const { state, lanes, events } = room;
  const open = state.lanesOpen.value;
  const { current } = events;
  const begun = current ? events.begunOn(current.name) : null;
  return (
    <div class="lw-lanes-bar">
      <button
        type="button"
        class="lw-fold"
        aria-expanded={open}
        title={open ? "Fold the lanes" : "Unfold the lanes"}
        onClick={() => {
          state.lanesOpen.value = !open;
        }}
      >
        <Icon name={open ? "unfolded" : "folded"} size={14} />
        Lanes <span class="lw-count">{count}</span>
      </button>
      <Jump room={room} what="key" icon="keyframe" name="keyframe" />
      <Jump room={room} what="gap" icon="gap" name="gap" />
      <Jump room={room} what="labelled" icon="rectangle" name="frame with labels" />
      <span class="lw-spring" />
      {current && (
        <button
          type="button"
          class="lw-button lw-small lw-event"
          aria-pressed={begun !== null}
          disabled={state.readOnly.value}
          title={`${
            begun === null
              ? `“${current.name}” begins on this frame`
              : `“${current.name}” began on frame ${frameName(begun)} and ends on this one`
          } (${commandKey("event.toggle")}). Or drag on its lane`}
          onClick={() => events.toggle()}
        >
          <i class="lw-swatch" style={{ background: current.color }} />
          <span class="lw-name">
            {`${current.name} ${begun === null ? "begins" : "ends"} here`}
          </span>
        </button>
      )}
      <MiniButton icon="zoomOut" label="See more frames" onClick={() => lanes.zoomBy(1 / 2)} />
      <MiniButton
        icon="fit"
        label="See all frames"
        disabled={lanes.zoom.value === null}
        onClick={() => {
          lanes.zoom.value = null;
        }}
      />
      <MiniButton icon="zoomIn" label="See fewer frames" onClick={() => lanes.zoomBy(2)} />
    </div>
  );
}

interface JumpProps {
  readonly room: Room;
  readonly what: "key" | "gap" | "labelled";
  readonly icon: IconName;
  readonly name: string;
}

/** To the one before and to the next, on either side of what is jumped to. */
function Jump({ room, what, icon, name }: JumpProps) {
  const button = (way: "previous" | "next") => (
    <MiniButton
      icon={way}
      label={`${way === "next" ? "Next" : "Previous"} ${name}`}
      hint={commandKey(`${what}.${way}`)}
      onClick={() => room.jumps.run(`${what}.${way}`)}
    />
  );
  return (
    <span class="lw-jump">
      {button("previous")}
      <Icon name={icon} size={13} />
      {button("next")}
    </span>
  );
}
