import { useLayoutEffect, useRef } from "preact/hooks";
import type { Issue } from "../link/review_wire.ts";
import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";

/** What is wrong with the task, each with its thread. */
export function Issues({ room }: { room: Room }) {
  const { review, state } = room;
  const info = review.about;
  if (!info || (info.kind === "annotate" && info.rounds === 0 && info.issues.length === 0))
    return null;
  void state.version.value;
  const open = info.issues.filter((one) => one.state === "open").length;
  return (
    <section class="lw-section lw-issues" aria-label="Issues">
      <h3>
        Issues <span class="lw-count">{open}</span>
        <span class="lw-spring" />
        <button
          type="button"
          class="lw-mini"
          aria-label="New issue"
          title={`New issue, on what is selected or where the pointer is${review.judges ? " (I)" : ""}`}
          onClick={() => review.beginIssue()}
        >
          <Icon name="issue" size={14} />
        </button>
      </h3>
      <NewIssue room={room} />
      <ul>
        {info.issues.map((issue, index) => (
          <Row key={issue.id} room={room} issue={issue} number={index + 1} />
        ))}
      </ul>
    </section>
  );
}

/** The words of an issue that begins. */
function NewIssue({ room }: { room: Room }) {
  const { review } = room;
  const where = review.raising.value;
  if (!where) return null;
  const name = where.annotation && room.labels?.document.get(where.annotation)?.class_name;
  const place = name ? `On “${name}”` : where.at ? "At this place" : "On the picture";
  return (
    <Words
      room={room}
      label={`${place}: what is wrong?`}
      onSay={(text) => review.raise(text)}
      onLeave={() => {
        review.raising.value = null;
      }}
    />
  );
}

function Row({ room, issue, number }: { room: Room; issue: Issue; number: number }) {
  const { review } = room;
  const unfolded = review.thread.value === issue.id;
  const resolved = issue.state === "resolved";
  const [first] = issue.thread;
  const gone = issue.annotation_id && !room.labels?.document.has(issue.annotation_id);
  const close = () => {
    review.thread.value = null;
    room.focus();
  };
  return (
    <li class="lw-issue" data-state={issue.state}>
      <button
        type="button"
        class="lw-pick"
        aria-expanded={unfolded}
        onClick={() => (unfolded ? close() : review.open(issue))}
      >
        <i class="lw-pin-mark">{resolved ? <Icon name="saved" size={12} /> : number}</i>
        <span class="lw-name">{first?.text}</span>
        {issue.thread.length > 1 && <span class="lw-count">{issue.thread.length}</span>}
      </button>
      {unfolded && (
        <div class="lw-thread">
          {gone && <p class="lw-empty">Its object was deleted.</p>}
          {issue.thread.map((one) => (
            <p key={one.id}>
              <strong>{one.author}</strong> {one.text}
            </p>
          ))}
          {resolved && <p class="lw-empty">Resolved by {issue.resolved_by}.</p>}
          <Words
            room={room}
            label="Reply"
            onSay={(text) => review.say(issue.id, "say", text)}
            onLeave={close}
          />
          <button
            type="button"
            class="lw-button lw-small"
            onClick={() => void review.say(issue.id, resolved ? "reopen" : "resolve", "")}
          >
            {resolved ? "Reopen" : "Resolve"}
          </button>
        </div>
      )}
    </li>
  );
}

interface WordsProps {
  readonly room: Room;
  readonly label: string;
  /** Says whether it was taken. */
  readonly onSay: (text: string) => Promise<boolean>;
  readonly onLeave: () => void;
}

/** A line that is said with Enter, and left with Escape. */
function Words({ room, label, onSay, onLeave }: WordsProps) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const element = field.current;
        if (!element?.value.trim()) return;
        const { value } = element;
        element.value = "";
        // At once, for the next key is a tool's; what was not taken comes back.
        room.focus();
        void onSay(value).then((taken) => {
          if (!taken && !element.value) element.value = value;
        });
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onLeave();
      }}
    >
      <input
        class="lw-input"
        ref={field}
        type="text"
        maxLength={4000}
        placeholder={`${label.replace(/[?]$/, "")}: a few words, then Enter`}
        aria-label={label}
      />
    </form>
  );
}
