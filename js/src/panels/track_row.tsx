import { useLayoutEffect, useRef } from "preact/hooks";
import { standingAt } from "../geometry/track_standing.ts";
import { frameName } from "./frame_name.ts";
import { IconButton } from "./icon_button.tsx";
import { Icon } from "./icons.tsx";
import { commandKey } from "./keys.ts";
import type { Conversion } from "./labels/conversion.ts";
import type { Room } from "./room.ts";

const CONVERSIONS: readonly (readonly [Conversion, string])[] = [
  ["keyframes", "each keyframe"],
  ["frames", "each frame"],
  ["frame", "this frame"],
];

/** What can be done to the selected tracks on the frame that is shown. */
export function TrackRow({ room }: { room: Room }) {
  const { state, tracks } = room;
  void state.version.value;
  const frame = state.frame.value;
  if (!room.onFrames || state.readOnly.value) return null;
  const { selected, shapes } = tracks;
  if (selected.length + shapes.length === 0) return null;
  const all = selected.map((one) => standingAt(one.geometry, frame));
  const some = selected.length > 0;
  const here = all.filter((one) => one.state !== "outside");
  const placed = selected.every(({ geometry }) => frame in geometry.keyframes);
  const cutting = tracks.cutting.value;
  const button = (
    icon: Parameters<typeof IconButton>[0]["icon"],
    label: string,
    about: string,
    run: () => void,
    command = "",
    more: { disabled?: boolean; pressed?: boolean } = {},
  ) => (
    <IconButton
      icon={icon}
      label={label}
      hint={[commandKey(command), about].filter(Boolean).join(". ")}
      {...more}
      onClick={() => {
        run();
        room.focus();
      }}
    />
  );
  const run = (command: string) => () => void tracks.run(command);
  const two = selected.length + shapes.length < 2;
  return (
    <section class="lw-section lw-track-row" aria-label="Track">
      <div class="lw-shapings">
        {some && (
          <>
            {button(
              "previous",
              "Previous keyframe",
              "Go to the keyframe before this frame",
              () => room.jumps.key(-1),
              "key.previous",
            )}
            {button(
              "keyframe",
              "Keyframe here",
              "The shape is as it is here, whatever its neighbours are",
              () => tracks.toggleKeyframe(),
              "key.toggle",
              { pressed: placed, disabled: here.length === 0 && !placed },
            )}
            {button(
              "next",
              "Next keyframe",
              "Go to the keyframe after this frame",
              () => room.jumps.key(1),
              "key.next",
            )}
            {button(
              "leave",
              here.length > 0 ? "Leaves the picture here" : "Comes back here",
              "Outside from this frame on, until the next keyframe",
              () => tracks.toggleOutside(),
              "track.leave",
              { pressed: here.length === 0 },
            )}
            {button(
              "occluded",
              "Occluded",
              "Something is in front of it from this frame on, until the next keyframe",
              () => tracks.toggleOccluded(),
              "track.occlude",
              {
                pressed: here.length > 0 && here.every((one) => one.occluded),
                disabled: here.length === 0,
              },
            )}
          </>
        )}
        {some &&
          button(
            "splitTrack",
            "Split here",
            "What is from this frame on is a track of its own",
            run("track.split"),
            "track.split",
          )}
        {button(
          "mergeTracks",
          "Merge",
          "Tracks that are never in the picture at once become one; a shape joins a track",
          run("track.merge"),
          "track.merge",
          { disabled: two },
        )}
        {button(
          "linkTracks",
          "Link",
          "Tracks of one object become one, and the gap between them is interpolated",
          run("track.link"),
          "track.link",
          { disabled: two },
        )}
        {some &&
          button(
            "cutTrack",
            "Cut frames out",
            "Not in the picture from one frame to another",
            run("track.cut"),
            "track.cut",
            { pressed: cutting !== null },
          )}
      </div>
      {cutting && some && <CutForm room={room} frames={cutting} />}
      <form
        class="lw-actions"
        onSubmit={(event) => {
          event.preventDefault();
          tracks.copyOn();
          room.focus();
        }}
      >
        <button
          type="submit"
          class="lw-button lw-small"
          title={`${some ? "It stays as it is here" : "Copies"} on the next frames (${commandKey("track.copy")})`}
        >
          Copy on
        </button>
        <label class="lw-option">
          <input
            type="number"
            class="lw-input"
            min={1}
            max={100_000}
            value={tracks.ahead.value}
            aria-label="Frames to copy to"
            onChange={(event) => {
              const wanted = Math.round(event.currentTarget.valueAsNumber);
              if (wanted >= 1) tracks.ahead.value = Math.min(wanted, 100_000);
              event.currentTarget.value = String(tracks.ahead.value);
            }}
          />
          frames
        </label>
      </form>
      <div class="lw-actions">
        <button
          type="button"
          class="lw-button lw-small"
          title={`${some ? "Shapes of single frames in place of the track" : "Tracks that begin with the shapes"} (${commandKey("track.convert")})`}
          onClick={() => {
            tracks.convert();
            room.focus();
          }}
        >
          {some ? "To shapes" : "To track"}
        </button>
        {some && (
          <select
            class="lw-input"
            aria-label="Shapes for"
            value={tracks.conversion.value}
            onChange={(event) => {
              tracks.conversion.value = event.currentTarget.value as Conversion;
            }}
          >
            {CONVERSIONS.map(([value, label]) => (
              <option key={value} value={value}>
                {`of ${label}`}
              </option>
            ))}
          </select>
        )}
      </div>
      {some && (
        <fieldset class="lw-actions lw-deleting" aria-label="Delete">
          <Icon name="delete" size={14} />
          <button
            type="button"
            class="lw-button lw-small"
            title={`Not in the picture on this frame, and back on the next (${commandKey("edit.delete")})`}
            disabled={here.length === 0}
            onClick={() => {
              tracks.remove();
              room.focus();
            }}
          >
            Frame
          </button>
          <button
            type="button"
            class="lw-button lw-small"
            title={`Not in the picture from this frame on; later keyframes go too (${commandKey("track.end")})`}
            onClick={() => {
              tracks.end();
              room.focus();
            }}
          >
            From here
          </button>
          <button
            type="button"
            class="lw-button lw-small"
            title={`Delete the object on all its frames (${commandKey("mask.clear")})`}
            onClick={() => {
              tracks.removeWhole();
              room.focus();
            }}
          >
            Track
          </button>
        </fieldset>
      )}
    </section>
  );
}

/**
 * From which frame to which one the object is not there.
 *
 * The fields keep what is typed, and are read when they are sent: to paint each key again would
 * lose those that are typed meanwhile.
 */
function CutForm({ room, frames }: { room: Room; frames: readonly [number, number] }) {
  const { tracks } = room;
  const from = useRef<HTMLInputElement>(null);
  const to = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    from.current?.focus({ preventScroll: true });
    from.current?.select();
    // Nothing is selected any more, or it is done: the key opens it again, and does not close it.
    return () => {
      tracks.cutting.value = null;
    };
  }, [tracks]);
  const field = (label: string, ref: typeof from, frame: number) => (
    <label class="lw-option">
      {label}
      <input
        ref={ref}
        type="number"
        required
        class="lw-input"
        min={frameName(0)}
        max={frameName(room.lastFrame)}
        defaultValue={frameName(frame)}
        aria-label={`Cut ${label}`}
      />
    </label>
  );
  return (
    <form
      class="lw-actions"
      onSubmit={(event) => {
        event.preventDefault();
        const [one, other] = [from, to].map(
          ({ current }) => (current?.valueAsNumber ?? Number.NaN) - Number(frameName(0)),
        ) as [number, number];
        if (Number.isNaN(one + other)) return;
        tracks.cut(Math.min(one, other), Math.max(one, other));
        room.focus();
      }}
    >
      {field("from", from, frames[0])}
      {field("to", to, frames[1])}
      <button type="submit" class="lw-button lw-small" title="Take these frames out of the track">
        Cut
      </button>
    </form>
  );
}
