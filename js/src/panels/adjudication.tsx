import { useEffect, useRef } from "preact/hooks";
import { type Dispute, FUSED } from "../document/dispute.ts";
import { DASHES } from "./compared.tsx";
import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";

/** What several people said, the most disputed first, and what of it becomes the answer. */
export function AdjudicationPanel({ room }: { room: Room }) {
  const { adjudication } = room;
  if (!adjudication.on) return null;
  const disputes = adjudication.disputes.value;
  const settled = disputes.filter((one) => adjudication.standing(one) !== "open").length;
  return (
    <section class="lw-section lw-adjudication" aria-label="Disagreements">
      <h3>
        Disagreements
        <span class="lw-count">
          {settled} of {disputes.length} settled
        </span>
      </h3>
      <People room={room} />
      <ul class="lw-disputes" aria-label="Objects, the most disputed first">
        {disputes.map((dispute) => (
          <Row key={dispute.id} room={room} dispute={dispute} />
        ))}
      </ul>
      {disputes.length === 0 && <p class="lw-empty">All left it empty.</p>}
    </section>
  );
}

/** Whose versions there are, what is seen of them, and all of one taken. */
function People({ room }: { room: Room }) {
  const { adjudication, review } = room;
  const unseen = adjudication.unseen.value;
  const toggle = (author: string) => {
    const now = new Set(unseen);
    if (!now.delete(author)) now.add(author);
    adjudication.unseen.value = now;
  };
  return (
    <>
      <ul class="lw-people" aria-label="People">
        {adjudication.people.value.map((author, index) => (
          <li key={author}>
            <label class="lw-option">
              <input
                type="checkbox"
                checked={!unseen.has(author)}
                onChange={() => toggle(author)}
              />
              <Line room={room} author={author} index={index} />
              <span class="lw-name">{adjudication.nameOf(author)}</span>
            </label>
            <button
              type="button"
              class="lw-button lw-small"
              title={`All that ${adjudication.nameOf(author)} has becomes the answer (Alt+Shift+${index + 1})`}
              onClick={() => adjudication.takeAll({ author })}
            >
              Take all
            </button>
          </li>
        ))}
        <li>
          <span class="lw-name">What they come to</span>
          <button
            type="button"
            class="lw-button lw-small"
            title="What enough of them have, where nothing is settled yet, becomes the answer (Shift+F)"
            onClick={() => adjudication.takeAll("fused")}
          >
            Take all
          </button>
        </li>
      </ul>
      <div class="lw-switches">
        <Switch
          label="Side by side"
          hint="Each person in a pane, or all over the picture (Shift+C)"
          on={review.beside.value}
          onToggle={() => review.toggleBeside()}
        />
        <Switch
          label="Names"
          hint="Show or hide names (Shift+A)"
          on={!adjudication.blind.value}
          onToggle={() => {
            adjudication.blind.value = !adjudication.blind.value;
          }}
        />
        <Switch
          label="Heat map"
          hint="Where people differ, over the picture (Shift+X)"
          on={adjudication.heated.value}
          onToggle={() => {
            adjudication.heated.value = !adjudication.heated.value;
          }}
        />
        {adjudication.heated.value && (
          <input
            type="range"
            min="0.1"
            max="1"
            step="0.05"
            value={adjudication.heat.value}
            aria-label="Opacity of the heat map"
            onInput={(event) => {
              adjudication.heat.value = Number(event.currentTarget.value);
            }}
          />
        )}
      </div>
    </>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  readonly onToggle: () => void;
}

function Switch({ label, hint, on, onToggle }: SwitchProps) {
  return (
    <label class="lw-option" title={hint}>
      <input type="checkbox" checked={on} onChange={onToggle} />
      <span>{label}</span>
    </label>
  );
}

/** The line that is a person's over the picture. */
function Line({ room, author, index }: { room: Room; author: string; index: number }) {
  return (
    <svg class="lw-line" width="22" height="8" aria-hidden="true">
      <path
        d="M0 4H22"
        stroke={room.adjudication.colorOf(author)}
        stroke-dasharray={DASHES[index % DASHES.length]}
      />
    </svg>
  );
}

function Row({ room, dispute }: { room: Room; dispute: Dispute }) {
  const { adjudication, state } = room;
  const row = useRef<HTMLLIElement>(null);
  const current = adjudication.at.value === dispute.id;
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const name = dispute.class_name ?? "Image";
  const color = state.ontology.value.classes?.find((one) => one.name === name)?.color;
  const standing = adjudication.standing(dispute);
  const people = adjudication.people.value;
  const lacks = people.filter((author) => dispute.versions[author] === undefined).length;
  const differs = [
    ...(lacks > 0 ? [`${people.length - lacks} of ${people.length}`] : []),
    ...dispute.differs,
  ].join(" · ");
  return (
    <li class="lw-dispute" ref={row} data-current={current} data-standing={standing}>
      <button
        type="button"
        class="lw-pick"
        aria-expanded={current}
        onClick={() => void adjudication.go(dispute)}
      >
        {dispute.class_name !== null && (
          <i class="lw-swatch" style={{ background: color ?? "#9e9e9e" }} />
        )}
        <span class="lw-name">{name}</span>
        <span class="lw-count" title={agreementInWords(dispute)}>
          {Math.round(100 * dispute.alike)} %
        </span>
        <span class="lw-differs" title={differs}>
          {differs}
        </span>
        <Standing room={room} standing={standing} />
      </button>
      {current && <Choices room={room} dispute={dispute} standing={standing} />}
    </li>
  );
}

function agreementInWords({ agreement, same, present }: Dispute): string {
  const overlap = agreement === null ? "" : `Overlap ${percent(agreement)}. `;
  return `${overlap}Same class and answers ${percent(same)}. Likely there ${percent(present)}.`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function Standing({ room, standing }: { room: Room; standing: string }) {
  if (standing === "open") return <span class="lw-count">open</span>;
  const [text, known] =
    standing === "out"
      ? ["left out", true]
      : standing === FUSED
        ? ["fused", true]
        : standing === "there" || standing === "choice"
          ? ["done", true]
          : ["", false];
  return (
    <span class="lw-settled" title="What is the answer">
      <Icon name={standing === "out" ? "close" : "saved"} size={13} />
      {known ? text : room.adjudication.nameOf(standing)}
    </span>
  );
}

/** Everybody's version of the dispute that is looked at, and the questions that they differ in. */
function Choices({ room, dispute, standing }: { room: Room; dispute: Dispute; standing: string }) {
  const { adjudication } = room;
  const closed = room.state.readOnly.value;
  return (
    <div class="lw-choices">
      {adjudication.people.value.map((author, index) => {
        const id = dispute.versions[author];
        const version = id === undefined ? undefined : adjudication.version(id);
        return (
          <button
            type="button"
            key={author}
            class="lw-choice"
            disabled={!version || closed}
            aria-pressed={standing === author}
            onClick={() => adjudication.take({ author })}
          >
            <kbd>{index + 1}</kbd>
            <Line room={room} author={author} index={index} />
            <span class="lw-name">{adjudication.nameOf(author)}</span>
            <span class="lw-count">
              {version ? (version.class_name ?? answersInWords(version.attributes)) : "has none"}
            </span>
          </button>
        );
      })}
      <button
        type="button"
        class="lw-choice"
        disabled={!dispute.fused || closed}
        aria-pressed={standing === FUSED}
        onClick={() => adjudication.take("fused")}
      >
        <kbd>F</kbd>
        <span class="lw-name">What they come to</span>
        <span class="lw-count">
          {dispute.fused
            ? `${dispute.fused.class_name ?? answersInWords(dispute.fused.attributes)}${dispute.kept ? "" : ", unlikely"}`
            : "nothing in common"}
        </span>
      </button>
      {dispute.differs.map((name) => (
        <fieldset key={name} class="lw-differing">
          <legend>{name}</legend>
          {adjudication.choicesOf(dispute, name).map((choice) => {
            const text = valueInWords(choice.value);
            const [here] = adjudication.answers.value.get(dispute.id) ?? [];
            const now = name === "class" ? here?.class_name : here?.attributes?.[name];
            return (
              <button
                type="button"
                key={text}
                class="lw-button lw-small"
                disabled={closed}
                aria-pressed={here !== undefined && valueInWords(now ?? null) === text}
                title={choice.people.map((one) => adjudication.nameOf(one)).join(", ")}
                onClick={() => adjudication.choose(dispute, name, choice)}
              >
                {text}
                {choice.people.map((one) => (
                  <i key={one} class="lw-dot" style={{ background: adjudication.colorOf(one) }} />
                ))}
              </button>
            );
          })}
        </fieldset>
      ))}
      <div class="lw-row">
        <button
          type="button"
          class="lw-button lw-small"
          disabled={closed}
          aria-pressed={standing === "out"}
          title="There is no such object (X)"
          onClick={() => adjudication.leaveOut()}
        >
          Leave out
        </button>
        {dispute.class_name !== null && (
          <button
            type="button"
            class="lw-button lw-small"
            disabled={closed}
            aria-pressed={adjudication.drawing.value}
            title="Put the answer right by hand (E); J goes on"
            onClick={() => adjudication.draw()}
          >
            Edit by hand
          </button>
        )}
      </div>
    </div>
  );
}

function answersInWords(answers: Readonly<Record<string, unknown>> | undefined): string {
  return Object.values(answers ?? {})
    .map((value) => valueInWords(value as string))
    .join(", ");
}

function valueInWords(value: string | readonly string[] | null): string {
  if (value === null) return "no answer";
  return typeof value === "string" ? value : value.join(", ") || "none";
}
