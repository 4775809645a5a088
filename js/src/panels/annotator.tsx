import { AdjudicationPanel } from "./adjudication.tsx";
import { Attributes } from "./attributes.tsx";
import { Classes } from "./classes.tsx";
import { Wipe } from "./compared.tsx";
import { Cover } from "./cover.tsx";
import { EventChips } from "./event_chips.tsx";
import { Guide } from "./guide.tsx";
import { Header } from "./header.tsx";
import { HeaderSheet } from "./header_sheet.tsx";
import { HelpSheet } from "./help.tsx";
import { Issues } from "./issues.tsx";
import { JointList } from "./joint_list.tsx";
import { Lanes } from "./lanes.tsx";
import { LayoutPanel } from "./layout_panel.tsx";
import { Lost } from "./lost.tsx";
import { MaskActions } from "./mask_actions.tsx";
import { Notices } from "./notices.tsx";
import { Objects } from "./objects.tsx";
import { PaneGrid } from "./pane_grid.tsx";
import { Pins } from "./pins.tsx";
import { Popover } from "./popover.tsx";
import { Problems } from "./problems.tsx";
import { ProposalBar } from "./proposal_bar.tsx";
import { Questionnaire } from "./questionnaire.tsx";
import { Rail } from "./rail.tsx";
import type { Room } from "./room.ts";
import { ShapeRow } from "./shape_row.tsx";
import { SkipButton, SkipForm } from "./skip_form.tsx";
import { StatusLine } from "./status.tsx";
import { Strip } from "./strip.tsx";
import { Timeline } from "./timeline.tsx";
import { TrackRow } from "./track_row.tsx";
import { Outcome, VerdictPanel } from "./verdict.tsx";
import { Versions } from "./versions.tsx";
import { ViewPanel } from "./view_panel.tsx";
import { WindowMenu } from "./window_menu.tsx";

/** The room as a person sees it: the picture in the middle, quiet panels around it. */
export function Annotator({ room }: { room: Room }) {
  const { state } = room;
  const choose = (name: string) => room.choice.chooseClass(name);
  const cursor = state.readOnly.value ? "default" : cursorOf(room);
  return (
    <div class="lw-room" data-narrow={state.narrow.value}>
      <Header room={room} />
      <Lost room={room} />
      <div class="lw-body">
        <Rail room={room} />
        <div class="lw-middle" style={{ "--lw-cursor": cursor }}>
          <PaneGrid room={room}>
            <Versions room={room} />
            <Wipe room={room} />
            <Pins room={room} />
            <Cover room={room} />
            <EventChips room={room} />
            <Popover room={room} />
          </PaneGrid>
          <SkipForm room={room} />
          <ViewPanel room={room} />
          <LayoutPanel room={room} />
          <WindowMenu room={room} />
          <Problems room={room} />
          <ProposalBar room={room} />
          <Notices room={room} />
        </div>
        {state.sideOpen.value && (
          <aside class="lw-side" aria-label="Labels" data-mode={state.mode.value}>
            <Outcome room={room} />
            <AdjudicationPanel room={room} />
            <VerdictPanel room={room} />
            <Issues room={room} />
            {state.mode.value === "classification" ? (
              <>
                <Questionnaire room={room} />
                <Classes room={room} choose={choose} tagsOnly />
              </>
            ) : (
              <>
                <Classes room={room} choose={choose} />
                <Objects room={room} />
                <TrackRow room={room} />
                <JointList room={room} />
                <ShapeRow room={room} />
                <MaskActions room={room} />
                <Attributes room={room} />
              </>
            )}
            {state.narrow.value && (
              <section class="lw-section">
                <SkipButton room={room} />
              </section>
            )}
          </aside>
        )}
      </div>
      <Timeline room={room} />
      <Lanes room={room} />
      {state.stripOpen.value && hasOthers(room) && <Strip room={room} />}
      <StatusLine room={room} />
      <HelpSheet room={room} />
      <Guide room={room} />
      <HeaderSheet room={room} />
    </div>
  );
}

/** Is there an item beside the open one, as far as is known? */
function hasOthers({ state }: Room): boolean {
  const done = state.status.value.kind === "done";
  return state.total.value !== 1 && !(done && state.navigator.value.total === 0);
}

function cursorOf(room: Room): string {
  void room.state.tool.value;
  return room.state.hovered.value && room.state.tool.value === "select" ? "move" : room.hand.cursor;
}
