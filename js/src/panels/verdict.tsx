import type { Verdict } from "../link/review_wire.ts";
import { Compared } from "./compared.tsx";
import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";
import { several } from "./several.ts";

const SCORES = Array.from({ length: 11 }, (_, score) => score);

/** What one who judges says of the task: yes or no, and if wished how good it is and what is wrong. */
export function VerdictPanel({ room }: { room: Room }) {
  const { review } = room;
  const info = review.about;
  if (!info || !review.judges) return null;
  return (
    <section class="lw-section lw-verdict" aria-label="Verdict">
      <h3>
        Verdict
        <span class="lw-count">
          {info.maker && `on ${info.maker}'s work`}
          {info.rounds > 0 && ` · round ${info.rounds + 1}`}
        </span>
      </h3>
      <Changed room={room} />
      <Compared room={room} />
      <textarea
        class="lw-input"
        rows={2}
        maxLength={4000}
        aria-label="Comment to the maker"
        placeholder="Comment (C)"
        value={review.comment.value}
        onInput={(event) => {
          review.comment.value = event.currentTarget.value;
        }}
      />
      <label class="lw-relabel">
        <span>Score</span>
        <select
          class="lw-input"
          aria-label="Score"
          value={review.score.value ?? ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            review.score.value = value === "" ? null : Number(value);
          }}
        >
          <option value="">none</option>
          {SCORES.map((score) => (
            <option key={score} value={score}>
              {score}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="lw-tags">
        <legend class="lw-sr">What is wrong</legend>
        {info.tags.map((tag) => (
          <label key={tag} class="lw-option">
            <input
              type="checkbox"
              checked={review.tags.value.has(tag)}
              onChange={() => review.toggleTag(tag)}
            />
            <span>{tag}</span>
          </label>
        ))}
      </fieldset>
      {!room.adjudication.on && <Decide room={room} />}
      <History verdicts={info.verdicts} />
    </section>
  );
}

/** Yes or no. */
export function Decide({ room }: { room: Room }) {
  const { review } = room;
  return (
    <div class="lw-decide">
      <button
        type="button"
        class="lw-button lw-primary"
        title="Accept, and take the next task (A)"
        onClick={() => void review.judge("accept")}
      >
        <Icon name="saved" /> Accept
      </button>
      {review.rejects && (
        <button
          type="button"
          class="lw-button"
          title="Give it back to its maker, and take the next task (R)"
          onClick={() => void review.judge("reject")}
        >
          <Icon name="undo" /> Reject
        </button>
      )}
    </div>
  );
}

/** How many objects were changed since the maker handed them in, and how. */
function Changed({ room }: { room: Room }) {
  const { review } = room;
  const before = review.before.value;
  if (!before) return null;
  const counts = new Map<string, number>();
  for (const changes of review.changes.value.values())
    for (const change of changes) counts.set(change, (counts.get(change) ?? 0) + 1);
  const said = [...counts].map(([change, count]) => `${count} ${change}`).join(", ");
  return <p class="lw-empty">{said ? `Changed: ${said}.` : "As the maker handed it in."}</p>;
}

/** What was said of the task before. */
function History({ verdicts }: { verdicts: readonly Verdict[] }) {
  if (verdicts.length === 0) return null;
  return (
    <ul class="lw-said" aria-label="Earlier verdicts">
      {verdicts.map((one) => (
        <li key={one.time}>
          <Said verdict={one} />
        </li>
      ))}
    </ul>
  );
}

function Said({ verdict }: { verdict: Verdict }) {
  const { kind, reviewer, score, comment, tags } = verdict;
  const head = [kind === "accept" ? "Accepted" : "Returned", `by ${reviewer}`];
  if (score !== null) head.push(`· ${score} of 10`);
  return (
    <>
      <strong>{head.join(" ")}</strong>
      {tags.length > 0 && <span class="lw-tag-list">{tags.join(" · ")}</span>}
      {comment && <q>{comment}</q>}
    </>
  );
}

/** On top of the panel: what came of the maker's work. */
export function Outcome({ room }: { room: Room }) {
  const { review } = room;
  const info = review.info.value;
  const last = info?.verdicts.at(-1);
  if (!info || !last || review.judges) return null;
  const open = info.issues.filter(({ state }) => state === "open").length;
  const back = last.kind === "reject" && info.kind === "annotate";
  return (
    <section class="lw-section lw-outcome" aria-label="Outcome" data-kind={last.kind}>
      <h3>
        <Icon name={back ? "undo" : "saved"} size={14} />
        {back ? "Returned to you" : "Outcome"}
      </h3>
      <Said verdict={last} />
      {back && open > 0 && <span class="lw-count">{several(open, "open issue")}</span>}
    </section>
  );
}
