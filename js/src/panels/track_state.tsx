import type { Annotation } from "../document/types.ts";
import { standingAt, stretchesOf } from "../geometry/track_standing.ts";
import { frameName } from "./frame_name.ts";
import type { Room } from "./room.ts";

/** How an object of a video stands on the frame that is shown, as a glyph, and when it is there. */
export function TrackState({ room, annotation }: { room: Room; annotation: Annotation }) {
  const { geometry } = annotation;
  if (geometry.type === "interval")
    return <Frames text={`${frameName(geometry.first)}–${frameName(geometry.last)}`} />;
  if (geometry.type !== "track")
    return annotation.frame == null ? null : <Frames text={frameName(annotation.frame)} />;
  void room.restedFrame.value;
  const { state, occluded } = standingAt(geometry, room.state.frame.peek());
  const stretches = stretchesOf(geometry);
  const [first, last] = [stretches[0]?.first ?? 0, stretches.at(-1)?.last ?? room.lastFrame];
  const gaps = stretches.length - 1;
  const text = `${frameName(first)}–${frameName(last)}`;
  const words = { keyframe: "Keyframe here", between: "Between keyframes", outside: "Not here" };
  return (
    <>
      <i
        class="lw-standing"
        data-state={state}
        data-occluded={occluded}
        role="img"
        aria-label={occluded ? `${words[state]}, occluded` : words[state]}
        title={occluded ? `${words[state]}, occluded` : words[state]}
      />
      <Frames text={gaps > 0 ? `${text}, ${gaps} gap${gaps > 1 ? "s" : ""}` : text} />
    </>
  );
}

function Frames({ text }: { text: string }) {
  return (
    <span class="lw-count lw-frames" title={`Frames ${text}`}>
      {text}
    </span>
  );
}
