import type { ItemInfo } from "../link/wire.ts";
import { Counter } from "./counter.tsx";
import { IconButton } from "./icon_button.tsx";
import { Icon } from "./icons.tsx";
import { commandKey, keyNow } from "./keys.ts";
import { Person } from "./person.tsx";
import { ProblemsButton } from "./problems.tsx";
import type { Room } from "./room.ts";
import { SaveBadge } from "./save_badge.tsx";
import { several } from "./several.ts";
import { SkipButton } from "./skip_form.tsx";
import { Toolbar } from "./toolbar.tsx";
import { Decide } from "./verdict.tsx";

/** What is open, the way to its neighbours, and whether the work is saved. */
export function Header({ room }: { room: Room }) {
  const { state } = room;
  const task = state.task.value;
  const { index, total } = state;
  const narrow = state.narrow.value;
  const onVideo = state.item.value?.video !== undefined;
  const { judges } = room.review;
  return (
    <div class="lw-header">
      <div class="lw-where">
        <Counter room={room} />
        <span class="lw-title" title={task?.title}>
          {task?.title ?? state.project.value}
        </span>
        {!narrow && <FilmFacts item={state.item.value} />}
        {task && task.state !== "queued" && task.state !== "in_progress" && (
          <span class={`lw-pill lw-pill-${task.state}`}>{task.state.replace("_", " ")}</span>
        )}
      </div>
      {!narrow && <Person room={room} />}
      <Toolbar label="Task and view" looks="lw-actions">
        <ProblemsButton room={room} />
        <SaveBadge room={room} />
        <IconButton
          icon="undo"
          label="Undo"
          hint="Ctrl+Z"
          disabled={!state.canUndo.value || state.readOnly.value}
          onClick={() => room.undoing.undo()}
        />
        <IconButton
          icon="redo"
          label="Redo"
          hint="Ctrl+Shift+Z"
          disabled={!state.canRedo.value || state.readOnly.value}
          onClick={() => room.undoing.redo()}
        />
        <span class="lw-rule" />
        <IconButton
          icon="previous"
          label="Previous item"
          hint={keyNow(onVideo ? "item.previous" : "task.previous", room.review.judging)}
          disabled={!task || index.value <= 0}
          onClick={() => room.desk.step(-1)}
        />
        <IconButton
          icon="next"
          label="Next item"
          hint={judges ? "N" : commandKey(onVideo ? "item.next" : "task.next")}
          disabled={!task || index.value + 1 >= total.value}
          onClick={() => room.desk.step(1)}
        />
        {judges ? (
          (!state.sideOpen.value || room.adjudication.on) && <Decide room={room} />
        ) : state.readOnly.value ? (
          <button type="button" class="lw-button" onClick={() => room.desk.reopen()}>
            <Icon name="reopen" /> Reopen
          </button>
        ) : (
          <>
            {!narrow && <SkipButton room={room} />}
            <button
              type="button"
              class="lw-button lw-primary"
              disabled={!task || state.status.value.kind !== "ready"}
              title="Submit, next task (Ctrl+Enter)"
              onClick={() => room.desk.submit()}
            >
              Submit
            </button>
          </>
        )}
        <span class="lw-rule" />
        <IconButton
          icon="grid"
          label="Pictures at once"
          pressed={state.layoutOpen.value}
          onClick={() => {
            state.viewOpen.value = false;
            state.layoutOpen.value = !state.layoutOpen.value;
          }}
        />
        <IconButton
          icon="view"
          label="View"
          hint={`brightness, contrast, labels; ${commandKey("view.adjust")}`}
          pressed={state.viewOpen.value}
          onClick={() => {
            state.layoutOpen.value = false;
            state.viewOpen.value = !state.viewOpen.value;
          }}
        />
        {state.item.value?.volume && (
          <IconButton
            icon="header"
            label="DICOM header"
            hint={commandKey("view.header")}
            onClick={() => {
              state.headerOpen.value = true;
            }}
          />
        )}
        <IconButton
          icon="side"
          label="Classes and objects"
          pressed={state.sideOpen.value}
          onClick={() => {
            state.sideOpen.value = !state.sideOpen.value;
          }}
        />
        {total.value !== 1 && (
          <IconButton
            icon="strip"
            label="Items"
            pressed={state.stripOpen.value}
            onClick={() => {
              state.stripOpen.value = !state.stripOpen.value;
            }}
          />
        )}
        {state.guide.value.length > 0 && (
          <IconButton
            icon="guide"
            label="Guide"
            hint="Shift+I"
            onClick={() => {
              state.guideOpen.value = true;
            }}
          />
        )}
        <IconButton
          icon="help"
          label="Keys"
          hint="?"
          onClick={() => {
            state.helpOpen.value = true;
          }}
        />
        <IconButton
          icon={state.full.value ? "window" : "full"}
          label="Full screen"
          hint="F11"
          onClick={() => room.looks.toggleFull()}
        />
      </Toolbar>
    </div>
  );
}

/** How many frames a video has, how many a second, and how they are encoded. */
function FilmFacts({ item }: { item: ItemInfo | null }) {
  const { video } = item ?? {};
  if (!video) return null;
  const count = video.last - video.first + 1;
  const of = count < video.count ? ` of ${video.count}` : "";
  const rate = video.rate && `${Number(video.rate.toFixed(2))} fps`;
  const facts = [several(`${count}${of}`, "frame"), rate, video.codec].filter(Boolean).join(" · ");
  return (
    <span class="lw-film-facts" title={`${facts}, ${video.width} × ${video.height} pixels`}>
      {facts}
    </span>
  );
}
