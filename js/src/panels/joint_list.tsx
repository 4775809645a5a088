import type { JointStanding } from "../geometry/track_joints.ts";
import { allPlaced, jointStandings, letGo, withVisibility } from "../geometry/track_joints.ts";
import { frameName } from "./frame_name.ts";
import { commandKey } from "./keys.ts";
import type { TrackAnnotation } from "./labels/conversion.ts";
import type { Room } from "./room.ts";

const SEEN = ["absent", "hidden", "visible"] as const;

/** The joints of the selected skeleton on this frame: which were placed here, and what is seen of them. */
export function JointList({ room }: { room: Room }) {
  const { state, tracks } = room;
  void state.version.value;
  // The joint in hand is the tool's.
  void state.handVersion.value;
  const frame = state.frame.value;
  const [one, ...others] = room.onFrames ? tracks.selected : [];
  if (!one || others.length > 0) return null;
  const standings = jointStandings(one.geometry, frame);
  if (standings.length === 0) return null;
  const made = state.ontology.value.classes?.find((known) => known.name === one.class_name);
  const held = room.hand.preview().vertex;
  const placed = standings.filter((joint) => joint.placed).length;
  const fixed = state.readOnly.value || one.state === "locked";
  return (
    <details class="lw-section lw-joints" open>
      <summary>
        Joints <span class="lw-count">{`${placed} of ${standings.length} placed here`}</span>
      </summary>
      <button
        type="button"
        class="lw-button lw-small"
        disabled={fixed || placed === standings.length}
        title="Every joint is placed on this frame where it is seen"
        onClick={() => {
          change(room, one, allPlaced(one.geometry, frame));
          room.focus();
        }}
      >
        Place all joints here
      </button>
      <ul aria-label="Joints">
        {standings.map((standing, joint) => (
          <JointRow
            key={`${one.id} ${joint}`}
            room={room}
            track={one}
            joint={joint}
            name={made?.skeleton?.joints[joint] ?? `${joint + 1}`}
            standing={standing}
            held={held?.id === one.id && held.vertex.index === joint}
            fixed={fixed}
          />
        ))}
      </ul>
    </details>
  );
}

interface RowProps {
  readonly room: Room;
  readonly track: TrackAnnotation;
  readonly joint: number;
  readonly name: string;
  readonly standing: JointStanding;
  readonly held: boolean;
  readonly fixed: boolean;
}

function JointRow({ room, track, joint, name, standing, held, fixed }: RowProps) {
  const { placed, visibility, before, after } = standing;
  const frame = room.state.frame.value;
  const hold = () => {
    room.choice.chooseTool("select");
    room.hand.handle({ type: "hold", id: track.id, index: joint });
  };
  const go = (to: number | null, text: string, label: string) => (
    <button
      type="button"
      class="lw-mini"
      aria-label={label}
      title={to === null ? `${label}: there is none` : `${label}: ${frameName(to)}`}
      disabled={to === null}
      onClick={() => {
        if (to === null) return;
        void room.panes.showFrame(to).then(hold);
        room.focus();
      }}
    >
      {text}
    </button>
  );
  const seen = SEEN[visibility] ?? "absent";
  return (
    <li data-held={held}>
      <button
        type="button"
        class="lw-pick"
        aria-pressed={held}
        onClick={() => {
          hold();
          room.focus();
        }}
      >
        {name}
      </button>
      <button
        type="button"
        class="lw-mini lw-joint-state"
        disabled={fixed}
        aria-label={`${name}: ${seen}`}
        title={`${seen} from here on until it is placed again (${commandKey("hand.occlude")})`}
        onClick={() => {
          const shape = withVisibility(track.geometry, frame, joint, (visibility + 2) % 3);
          if (shape) room.labels?.reshape([[track.id, shape]]);
          room.focus();
        }}
      >
        {seen}
      </button>
      {go(before, "‹", `Previous keyframe of ${name}`)}
      <button
        type="button"
        class="lw-mini"
        disabled={fixed}
        aria-pressed={placed}
        aria-label={placed ? `Let ${name} go` : `Place ${name} here`}
        title={
          placed ? "Placed here. Let it go between its others" : "Between others. Place it here"
        }
        onClick={() => {
          if (placed) change(room, track, letGo(track.geometry, frame, joint), ONLY);
          else change(room, track, allPlaced(track.geometry, frame, joint));
          room.focus();
        }}
      >
        {placed ? "●" : "○"}
      </button>
      {go(after, "›", `Next keyframe of ${name}`)}
    </li>
  );
}

const ONLY = "It was placed on this frame alone: it has to be somewhere.";

function change(
  room: Room,
  track: TrackAnnotation,
  geometry: TrackAnnotation["geometry"] | null,
  otherwise = "It is not in the picture on this frame.",
): void {
  if (!geometry) room.board.say(otherwise);
  else room.labels?.together([{ kind: "update", annotation: track.id, after: { geometry } }]);
}
