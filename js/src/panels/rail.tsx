import { Icon, iconOf } from "./icons.tsx";
import { keyNow } from "./keys.ts";
import type { Room } from "./room.ts";
import { Toolbar } from "./toolbar.tsx";

/** “Similar density” is SD, “deepgrow” De. */
function initials(label: string): string {
  const [first = "", second] = label.split(/[\s_-]+/);
  const [one = "", two = ""] = [...first];
  return one.toUpperCase() + (second?.slice(0, 1).toUpperCase() || two);
}

/** The tools of this ontology. */
export function Rail({ room }: { room: Room }) {
  const { state } = room;
  // Read so that the rail is drawn again with another ontology, or other tools in the kernel.
  void state.ontology.value;
  void state.toolsVersion.value;
  const draws = room.hand.makes.length > 0;
  void state.status.value;
  const grey = room.windows.range(room.pane) !== null;
  const tools = room.choice.tools.filter(({ name }) => name !== "windowing" || grey);
  const inHand = state.readOnly.value && draws ? "select" : state.tool.value;
  return (
    <Toolbar label="Tools" looks="lw-rail" vertical>
      {tools.map(({ name, label, hint, makes, key: own = "" }) => {
        const key = own || keyNow(`tool.${name}`, room.review.judging);
        const icon = iconOf(name);
        return (
          <button
            type="button"
            key={name}
            class="lw-tool"
            aria-pressed={inHand === name}
            aria-label={label}
            aria-keyshortcuts={key || undefined}
            data-key={key.length > 1 ? "" : key}
            disabled={state.readOnly.value && makes.length > 0}
            title={`${label}${key && ` (${key})`}. ${hint}`}
            onClick={() => room.choice.chooseTool(name)}
          >
            {icon ? <Icon name={icon} size={18} /> : <b data-letters={initials(label)} />}
          </button>
        );
      })}
      <button
        type="button"
        class="lw-tool"
        aria-label="Fit the picture"
        data-key="0"
        title="Fit the picture (0)"
        onClick={() => room.viewport.fit()}
      >
        <Icon name="fit" size={18} />
      </button>
    </Toolbar>
  );
}
