import { ADJUDICATE_KEYS, COMMANDS, keyNow, REVIEW_KEYS } from "./keys.ts";
import { isTag, offered } from "./offer.ts";
import type { Room } from "./room.ts";
import { Sheet } from "./sheet.tsx";

/** Of what is drawn: where only questions are asked, their keys do nothing. */
const DRAWING = new Set(["Editing", "Objects", "Shapes", "Masks", "Tracks"]);
const ALWAYS = new Set(["edit.undo", "edit.redo"]);
const ASKING = [
  { key: "1…9", label: "Answer the question that is marked" },
  { key: "Up, Down", label: "Go to another question" },
  { key: "Enter", label: "Next question; after the last one, next item" },
];

interface KeysProps {
  readonly heading: string;
  readonly keys: readonly { readonly key: string; readonly label: string }[];
}

/** Keys, and what each does. */
function Keys({ heading, keys }: KeysProps) {
  return (
    <section>
      <h3>{heading}</h3>
      <dl>
        {keys.map(({ key, label }) => (
          <div key={`${key} ${label}`}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The keys of this ontology, these tools, and what is open. */
export function HelpSheet({ room }: { room: Room }) {
  const { state } = room;
  if (!state.helpOpen.value) return null;
  const close = () => {
    state.helpOpen.value = false;
    room.focus();
  };
  const tools = new Set(room.choice.tools.map(({ name }) => `tool.${name}`));
  const own = room.choice.tools.flatMap(({ key, label }) => (key ? [{ key, label }] : []));
  const asks = state.mode.value === "classification";
  const { judges } = room.review;
  const { stack, film } = room.pane;
  const item = stack.count > 0 ? "scan" : film.count > 0 ? "video" : "picture";
  const commands = COMMANDS.filter(({ id, key, group, of = item }) =>
    !of.includes(item) || (judges && keyNow(id, room.review.judging) !== key)
      ? false
      : id.startsWith("tool.")
        ? tools.has(id)
        : !asks || !DRAWING.has(group) || ALWAYS.has(id),
  );
  const groups = [...new Set(commands.map((command) => command.group))];
  const classes = offered(state.ontology.value)
    .filter((made) => !asks || isTag(made))
    .slice(0, 60);
  // Where questions are asked, digits answer these.
  const digits = !asks || !state.ontology.value.image_attributes?.length;
  return (
    <Sheet label="Keys" body="lw-sheet-body" onClose={close}>
      {asks && <Keys heading="Questions" keys={ASKING} />}
      {judges && <Keys heading="Review" keys={REVIEW_KEYS} />}
      {room.adjudication.on && <Keys heading="Disagreements" keys={ADJUDICATE_KEYS} />}
      {groups.map((group) => (
        <Keys key={group} heading={group} keys={commands.filter((one) => one.group === group)} />
      ))}
      {own.length > 0 && <Keys heading="Tools of this notebook" keys={own} />}
      {classes.length > 0 && (
        <section>
          <h3>Classes</h3>
          <dl>
            {classes.map((made, index) => (
              <div key={made.name}>
                <dt>
                  {index < 9 && digits && <kbd>{index + 1}</kbd>}{" "}
                  {made.hotkey && <kbd>{made.hotkey}</kbd>}
                </dt>
                <dd>
                  <i class="lw-swatch" style={{ background: made.color }} /> {made.name}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {!asks && (
        <section>
          <h3>Vertices</h3>
          <dl>
            <div>
              <dt>
                <kbd>Ctrl</kbd> click
              </dt>
              <dd>On a handle: delete the vertex</dd>
            </div>
            <div>
              <dt>
                <kbd>Ctrl</kbd> click
              </dt>
              <dd>On a line: insert a vertex</dd>
            </div>
            <div>
              <dt>
                <kbd>Shift</kbd>
              </dt>
              <dd>Square, one axis, several objects</dd>
            </div>
          </dl>
        </section>
      )}
    </Sheet>
  );
}
