import type { ComponentChildren } from "preact";
import type { Geometry } from "../document/types.ts";
import { area } from "../geometry/area.ts";
import { runsArea, runsOf } from "../geometry/runs.ts";
import { slicesOf } from "../geometry/volume_patch.ts";
import type { FrameMark } from "../tools/kernel_call.ts";
import { CONFIDENCE } from "../tools/model_tool.ts";
import type { Choice } from "../tools/tool.ts";
import { frameName } from "./frame_name.ts";
import { commandKey } from "./keys.ts";
import { steppedBy } from "./options.tsx";
import type { Room } from "./room.ts";

/** How much is proposed: a few pixels lie hidden under the mark of the click, and slices elsewhere. */
function sizeOf(proposal: readonly Geometry[]): string {
  const slices = proposal.flatMap((made) => (made.type === "volumemask" ? slicesOf(made) : []));
  if (slices.length > 0) return `${slices.length} slice${slices.length === 1 ? "" : "s"}`;
  const pixels = proposal.reduce((sum, made) => {
    if (made.type === "mask") return sum + runsArea(runsOf(made.rle));
    return made.type === "polygon" ? sum + area(made) : sum;
  }, 0);
  return pixels > 0 ? `${Math.round(pixels).toLocaleString("en")} px` : "";
}

const THROUGH: readonly Geometry["type"][] = ["volumemask", "track", "interval"];

function said(proposal: readonly Geometry[], remark: string | null, name = ""): string {
  const whole = proposal.some((made) => THROUGH.includes(made.type));
  const more = whole && remark ? remark : sizeOf(proposal);
  const words = [name, more].filter(Boolean).join(", ");
  return words ? `Proposed: ${words}` : "Proposed";
}

/** A tool compiles, and reads the picture, before its first answer: that is no endless computation. */
function waitingFor({ hand, state }: Room): string {
  return state.preparing.value.has(hand.computes ?? "")
    ? `${hand.label} gets ready; the first time takes a while…`
    : "Computing…";
}

/** More than these would hide the picture. */
const MOST_MARKS = 12;

/** What the kernel proposes, with its two ways out: seen where the eyes are, and within a finger's reach. */
export function ProposalBar({ room }: { room: Room }) {
  const { state, hand } = room;
  // Read so that it is drawn again with whatever the tool in hand is doing.
  void state.handVersion.value;
  const { volumeMasks } = room;
  const filling = volumeMasks.filling.value;
  if (filling || volumeMasks.working.value) {
    const slices = filling ? slicesOf(filling.added).length : 0;
    return (
      <Bar
        room={room}
        text={filling ? `Proposed: ${slices} slice${slices === 1 ? "" : "s"}` : "Computing…"}
        ready={filling !== null}
        accept={() => volumeMasks.accept()}
        drop={() => volumeMasks.drop()}
      />
    );
  }
  if (!hand.computes || !hand.busy || state.readOnly.value) return null;
  const { proposal, remark, waiting, done, marks, choice } = hand.preview();
  if (choice && choice.all > 0 && !waiting)
    return (
      <ChoiceBar
        room={room}
        choice={choice}
        one={said(proposal, remark, choice.shapes[choice.next]?.text)}
      />
    );
  if (proposal.length === 0 && marks.length === 0 && !waiting) return null;
  const share = !done ? "" : ` ${Math.round(100 * done)} %`;
  return (
    <Bar
      room={room}
      text={waiting ? waitingFor(room) + share : said(proposal, remark)}
      marks={waiting ? [] : marks}
      ready={proposal.length > 0}
      waiting={waiting}
      accept={() => hand.handle({ type: "finish" })}
      drop={() => hand.handle({ type: "cancel" })}
    />
  );
}

interface ChoiceProps {
  readonly room: Room;
  readonly choice: Choice;
  /** What is said where there is but one. */
  readonly one: string;
}

/** What a model proposes: as much of it as is sure enough, all at once or one by one. */
function ChoiceBar({ room, choice, one }: ChoiceProps) {
  const { hand } = room;
  const { shapes, all } = choice;
  const option = hand.options.find((one) => one.name === CONFIDENCE);
  const least = Number(room.choice.settings[CONFIDENCE] ?? option?.value ?? 0);
  const next = shapes[choice.next];
  const decide = (name: "hand.take" | "hand.drop") => () => hand.handle({ type: "command", name });
  const hidden = all > shapes.length ? ` of ${all}` : "";
  return (
    <Bar
      room={room}
      text={all > 1 || hidden ? `Proposed: ${shapes.length}${hidden}` : one}
      ready={shapes.length > 0}
      waiting={false}
      all={shapes.length > 1}
      accept={() => hand.handle({ type: "finish" })}
      drop={() => hand.handle({ type: "cancel" })}
    >
      {choice.sure && (all > 1 || hidden) && option?.type === "number" && (
        <label class="lw-option" title={steppedBy(option)}>
          <input
            type="range"
            min={option.min}
            max={option.max}
            step={option.step}
            value={least}
            aria-label={option.label}
            aria-valuetext={percent(least)}
            onInput={(event) =>
              room.choice.setOption(option.name, event.currentTarget.valueAsNumber)
            }
          />
          <span class="lw-proposal-least">from {percent(least)}</span>
        </label>
      )}
      {next && all > 1 && (
        <>
          <span>{next.text || "The next one"}</span>
          <Act
            room={room}
            run={decide("hand.take")}
            title={`Take this one (${commandKey("hand.take")})`}
          >
            Take
          </Act>
          <Act
            room={room}
            run={decide("hand.drop")}
            title={`Drop this one (${commandKey("hand.drop")})`}
          >
            Drop
          </Act>
        </>
      )}
    </Bar>
  );
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

interface ActProps {
  readonly room: Room;
  readonly run: () => void;
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A button that gives the keyboard back to the picture. */
function Act({ room, run, title, children }: ActProps) {
  const act = () => {
    run();
    room.focus();
  };
  return (
    <button type="button" class="lw-button" title={title} onClick={act}>
      {children}
    </button>
  );
}

interface BarProps {
  readonly room: Room;
  readonly text: string;
  /** There is something to be accepted. */
  readonly ready: boolean;
  readonly waiting?: boolean;
  readonly marks?: readonly FrameMark[];
  /** Several are accepted, or dropped, at once. */
  readonly all?: boolean;
  readonly children?: ComponentChildren;
  readonly accept: () => void;
  readonly drop: () => void;
}

function Bar({
  room,
  text,
  ready,
  waiting = !ready,
  marks = [],
  all,
  children,
  accept,
  drop,
}: BarProps) {
  const act = (run: () => void) => () => {
    run();
    room.focus();
  };
  return (
    <div class="lw-proposal" role="status">
      <span>{text}</span>
      {marks.slice(0, MOST_MARKS).map(({ frame, words }) => (
        <button
          type="button"
          class="lw-button"
          title="Go to this frame"
          aria-pressed={room.state.frame.value === frame}
          onClick={act(() => void room.panes.showFrame(frame))}
        >
          {frameName(frame)}
          {words && ` · ${words}`}
        </button>
      ))}
      {children}
      {marks.length > MOST_MARKS && <span>and {marks.length - MOST_MARKS} more</span>}
      {!waiting && (
        <button
          type="button"
          class="lw-button lw-primary"
          disabled={!ready}
          title={`Accept (${commandKey("edit.finish")})`}
          onClick={act(accept)}
        >
          {all ? "Accept all" : "Accept"}
        </button>
      )}
      <button
        type="button"
        class="lw-button"
        title={`Drop (${commandKey("edit.cancel")})`}
        onClick={act(drop)}
      >
        {waiting ? "Give up" : all ? "Drop all" : "Drop"}
      </button>
    </div>
  );
}
