import { answerTo, classOf, questions, shown } from "../document/answers.ts";
import { stepped } from "../tools/option.ts";
import { SHAPINGS } from "../tools/shaping.ts";
import { choose } from "./attributes.tsx";
import { closeHeader } from "./header_sheet.tsx";
import { ADJUDICATE_KEYS, commandFor, REVIEW_KEYS } from "./keys.ts";
import { pressGrip } from "./lanes.tsx";
import { offered } from "./offer.ts";
import { focusFirstOpen } from "./popover.tsx";
import type { Room } from "./room.ts";
import { tabWithin } from "./sheet_focus.ts";
import type { Layout } from "./state.ts";
import { stepInToolbar } from "./toolbar.tsx";
import { pressWindow } from "./window_menu.tsx";

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Do what a key stands for; false where it stands for nothing. */
export function press(room: Room, key: string, root: HTMLElement): boolean {
  const { state } = room;
  const sheet =
    state.helpOpen.value || state.guideOpen.value || state.headerOpen.value
      ? root.querySelector(".lw-sheet")
      : null;
  if (sheet && (key === "Tab" || key === "Shift+Tab")) {
    tabWithin(sheet, key !== "Tab");
    return true;
  }
  if (state.headerOpen.value) {
    if (key === "Escape") closeHeader(room);
    return !readsOn(key);
  }
  if (state.helpOpen.value) {
    if (key === "Escape" || key === "?") {
      state.helpOpen.value = false;
      room.focus();
    }
    return !readsOn(key);
  }
  if (state.guideOpen.value) {
    if (key === "Escape" || key === "Enter") room.closeGuide();
    return !readsOn(key);
  }
  if (stepInToolbar(focused(root), key)) return true;
  // What a model proposes is decided on first.
  const decides = key === "Enter" && room.hand.busy && room.hand.computes !== undefined;
  if (state.mode.value === "classification" && !decides && room.asking.press(key, inForm(root)))
    return true;
  if (answerFocused(room, key, root) || lanesFocused(room, key, root)) return true;
  if (state.windowsOpen.value && pressWindow(room, key)) return true;
  const answers = focused(root)?.closest("[data-question]");
  if (room.adjudication.on && !answers && settle(room, key)) return true;
  if (room.review.judging.judges && judge(room, key, root)) return true;
  const name = commandFor(key);
  if (name !== undefined) return run(room, name);
  if ((key === "ArrowUp" || key === "ArrowDown") && isForSlices(room)) {
    if (inForm(root)) return false;
    goTo(room, room.pane.stack.at + (key === "ArrowUp" ? -1 : 1));
    return true;
  }
  const arrow = ARROWS[key.replace(/^(Ctrl\+|Alt\+)?(Shift\+)?/, "")];
  if (arrow) {
    if (inForm(root)) return false;
    const step = key.includes("Shift+") ? 10 : 1;
    if (key.startsWith("Alt+")) {
      turnOrScale(room, arrow, key.includes("Shift+"));
      // Never the browser's "back", not even when nothing is selected.
      return true;
    }
    const drawing = state.tool.value !== "select" && !key.startsWith("Ctrl+");
    if (drawing) {
      room.crosshair.move(arrow[0] * step * 2, arrow[1] * step * 2);
      return true;
    }
    if (state.selection.value.length === 0) {
      if (room.pane.film.count === 0 || arrow[0] === 0 || key.startsWith("Ctrl+")) return false;
      room.player.step(arrow[0] > 0 ? 1 : -1);
      return true;
    }
    if (key.startsWith("Ctrl+")) {
      room.labels?.resize(
        state.selection.value,
        arrow[0] * step,
        arrow[1] * step,
        room.viewport.imageSize,
      );
      return true;
    }
    room.labels?.nudge(
      state.selection.value,
      arrow[0] * step,
      arrow[1] * step,
      room.viewport.imageSize,
    );
    return true;
  }
  const classes = offered(state.ontology.value);
  const relabel = /^Alt\+([1-9])$/.exec(key);
  const made = /^[1-9]$/.test(key)
    ? classes[Number(key) - 1]
    : classes.find((one) => one.hotkey === key);
  if (relabel && classes[Number(relabel[1]) - 1]) {
    room.labels?.relabel(state.selection.value, classes[Number(relabel[1]) - 1]?.name ?? "");
    return true;
  }
  const tool = room.choice.tools.find((one) => one.key === key);
  if (!made && !tool) return false;
  if (made) room.choice.chooseClass(made.name);
  else if (tool) takeTool(room, tool.name);
  return true;
}

/** The keys of one who settles what several people said; while an answer is drawn, few of them. */
function settle(room: Room, key: string): boolean {
  const { adjudication, state } = room;
  const name = ADJUDICATE_KEYS.find((one) => one.key === key)?.id;
  const all = /^Alt\+Shift\+([1-9])$/.exec(key);
  if (name === "dispute.next") adjudication.step(1);
  else if (name === "dispute.previous") adjudication.step(-1);
  else if (name === "dispute.names") adjudication.blind.value = !adjudication.blind.value;
  else if (name === "dispute.heat") adjudication.heated.value = !adjudication.heated.value;
  else if (adjudication.drawing.value) return false;
  else if (state.readOnly.value) return name !== undefined || all !== null;
  else if (all) {
    const author = adjudication.people.value[Number(all[1]) - 1];
    if (author) adjudication.takeAll({ author });
  } else if (name === "dispute.fuse") adjudication.takeAll("fused");
  else if (!adjudication.current) return false;
  else if (/^[1-9]$/.test(key)) adjudication.takeOf(Number(key) - 1);
  else if (name === "dispute.fused") adjudication.take("fused");
  else if (name === "dispute.out") adjudication.leaveOut();
  else if (name === "dispute.draw") adjudication.draw();
  else return false;
  return true;
}

/** The letters of one who judges: on a video too, where the arrows go from frame to frame. */
function judge(room: Room, key: string, root: HTMLElement): boolean {
  const { review, state } = room;
  const name = REVIEW_KEYS.find((one) => one.key === key)?.id;
  if (!name) return false;
  if (name === "review.accept") void review.judge("accept");
  else if (name === "review.reject") void review.judge("reject");
  else if (name === "review.next") stepItem(room, 1);
  else if (name === "review.issue") review.beginIssue();
  else if (name === "review.beside") review.toggleBeside();
  else if (name === "review.compare") review.toggleCompared();
  else {
    const comment = () => root.querySelector<HTMLElement>(".lw-verdict textarea");
    state.sideOpen.value = true;
    // At once, as the next key may be its first letter; the panel may have been folded until now.
    comment()?.focus();
    setTimeout(() => comment()?.focus(), 0);
  }
  return true;
}

/** Up and down go through the slices of a scan, unless they move what is selected, or a crosshair. */
function isForSlices({ state, pane, volumeMasks }: Room): boolean {
  if (pane.stack.count === 0 || state.crosshair.value) return false;
  if (state.tool.value !== "select") return true;
  // Volume masks are not moved by keys: they stay in hand on the way through their slices.
  const [all, volumes] = [state.selection.value.length, volumeMasks.selected.length];
  return all === volumes;
}

/** Open the item after or before the one that is open. */
function stepItem(room: Room, way: 1 | -1): boolean {
  const { index, total } = room.state;
  const to = index.value + way;
  if (to >= 0 && to < total.value) void room.desk.step(way);
  return true;
}

function goTo(room: Room, slice: number): void {
  room.player.stop();
  room.pane.stack.go(slice);
}

/** Keys that scroll a sheet, or go to its buttons: these are the browser's. */
function readsOn(key: string): boolean {
  return ARROWS[key] !== undefined || /^((Shift\+)?(Tab|Space)|Page.*|Home|End)$/.test(key);
}

/** Left and right turn what is selected, up and down scale it. */
function turnOrScale(room: Room, [dx, dy]: readonly [number, number], large: boolean): void {
  const size = room.viewport.imageSize;
  const ids = room.state.selection.value;
  if (dx !== 0) room.labels?.turn(ids, dx * (large ? 15 : 1), size);
  else room.labels?.scale(ids, 1 - dy * (large ? 0.1 : 0.01), size);
}

function run(room: Room, name: string): boolean {
  const { state, labels } = room;
  const selection = state.selection.value;
  if (name.startsWith("tool.")) {
    takeTool(room, name.slice(5));
    return true;
  }
  if (name.startsWith("shape.")) {
    const what = SHAPINGS.find((one) => one === name.slice(6));
    // Masks know some of these too: the same key does the same to what is selected.
    if (room.masks.selected.length > 0 && !state.readOnly.value) room.masks.run(`mask.${what}`);
    else if (what) room.shapes.shape(what);
    return true;
  }
  if (name.startsWith("hand.")) {
    if (!state.readOnly.value) room.hand.handle({ type: "command", name });
    return true;
  }
  if (/\.(next|previous)$/.test(name) && room.jumps.run(name)) return true;
  if (name === "event.toggle") {
    room.events.toggle();
    return true;
  }
  if (name.startsWith("track.") || (name.startsWith("key.") && room.onFrames)) {
    room.tracks.run(name);
    return true;
  }
  if (name.startsWith("mask.")) {
    if (state.readOnly.value) return true;
    // Shift+Delete is the other one of the two ways to delete.
    if (name === "mask.clear" && room.tracks.selected.length > 0) room.tracks.removeWhole();
    else room.masks.run(name);
    return true;
  }
  if (name.startsWith("view.layout.")) {
    room.looks.useLayout(name.slice("view.layout.".length) as Layout);
    return true;
  }
  switch (name) {
    case "size.less":
    case "fineness.less":
      return step(room, name, -1);
    case "size.more":
    case "fineness.more":
      return step(room, name, 1);
    case "object.new":
      room.selection.select([]);
      return true;
    case "edit.undo":
      room.undoing.undo();
      return true;
    case "edit.redo":
      room.undoing.redo();
      return true;
    case "edit.copy":
      room.copying.copy();
      return true;
    case "edit.paste":
      room.copying.paste();
      return true;
    case "edit.duplicate":
      room.copying.duplicate();
      return true;
    case "edit.delete":
      if (room.hand.busy) room.hand.handle({ type: "back" });
      else if (room.onFrames && room.tracks.selected.length > 0) room.tracks.remove();
      else labels?.remove(selection);
      return true;
    case "edit.all":
      room.choice.chooseTool("select");
      room.selection.select(
        (labels?.objects() ?? [])
          .filter((one) => room.presence.isHere(one))
          .map((one) => one.id)
          .filter((id) => !state.hidden.value.has(id)),
      );
      return true;
    case "edit.cancel":
      cancel(room);
      return true;
    case "edit.finish":
      if (state.asked.value) closeQuestions(room);
      else if (room.volumeMasks.filling.value) room.volumeMasks.accept();
      else if (state.crosshair.value) room.crosshair.click();
      else room.hand.handle({ type: "finish" });
      return true;
    case "edit.line":
      room.crosshair.click(true);
      return true;
    case "object.next":
      return cycle(room, 1);
    case "object.previous":
      return cycle(room, -1);
    case "object.lock":
      labels?.setLock(
        selection,
        selection.some((id) => labels.document.get(id)?.state !== "locked"),
      );
      return true;
    case "object.hide": {
      const all = [...state.hidden.value];
      if (selection.length > 0)
        room.selection.setHidden(
          selection,
          selection.some((id) => !all.includes(id)),
        );
      else if (all.length > 0) room.selection.setHidden(all, false);
      return true;
    }
    case "view.peek":
      room.looks.setPeek(true);
      return true;
    case "view.magnify":
      room.viewport.magnify(true);
      return true;
    case "view.adjust":
      state.viewOpen.value = !state.viewOpen.value;
      return true;
    case "view.header":
      if (state.item.value?.volume) state.headerOpen.value = true;
      return true;
    case "key.toggle":
      if (!state.readOnly.value) room.keySlices.toggle();
      return true;
    case "key.next":
    case "key.previous":
      room.keySlices.go(name === "key.next" ? 1 : -1);
      return true;
    case "view.window":
      if (room.windows.range(room.pane)) state.windowsOpen.value = !state.windowsOpen.value;
      return true;
    case "view.pan":
      room.viewport.panHeld = true;
      return true;
    case "view.in":
      room.viewport.zoomBy(1.25);
      return true;
    case "view.out":
      room.viewport.zoomBy(0.8);
      return true;
    case "view.fit":
      room.viewport.fit();
      return true;
    case "view.actual":
      room.viewport.actualSize();
      return true;
    case "view.full":
      room.looks.toggleFull();
      return true;
    case "task.next":
    case "task.previous":
      if (room.pane.film.count > 0) {
        room.player.step(name === "task.next" ? 1 : -1);
        return true;
      }
      return stepItem(room, name === "task.next" ? 1 : -1);
    case "item.next":
      return stepItem(room, 1);
    case "item.previous":
      return stepItem(room, -1);
    case "view.goto":
      state.seeking.value = room.pane.film.count > 0;
      return true;
    case "view.lines":
      room.linking.toggleLines();
      return true;
    case "view.link":
      room.looks.link(!state.linked.value);
      return true;
    case "view.frame.next":
      room.panes.turn(1);
      return true;
    case "view.frame.previous":
      room.panes.turn(-1);
      return true;
    case "view.play":
      room.player.toggle();
      return true;
    case "task.goto":
      if (state.total.value > 0) state.going.value = true;
      return true;
    case "task.first":
      if (room.pane.stack.count > 0) {
        goTo(room, 0);
        return true;
      }
      if (room.pane.film.count > 0) void room.player.seek(0);
      else void room.desk.openAt(0);
      return true;
    case "task.last":
      if (room.pane.stack.count > 0) {
        goTo(room, room.pane.stack.count - 1);
        return true;
      }
      if (room.pane.film.count > 0) void room.player.seek(room.pane.film.count - 1);
      else void room.desk.openAt(state.total.value - 1);
      return true;
    case "task.submit":
      void room.desk.submit();
      return true;
    case "guide":
      state.guideOpen.value = state.guide.value.length > 0;
      return true;
    case "help":
      state.helpOpen.value = true;
      return true;
    default:
      return false;
  }
}

/** The key of the tool in hand takes the one that shares it. */
function takeTool(room: Room, name: string): void {
  const { again } = room.toolbox.get(name) ?? {};
  const wanted = again && room.hand.tool === name ? again : name;
  if (room.state.readOnly.value && room.toolbox.get(wanted)?.makes.length !== 0) return;
  if (room.choice.tools.some((tool) => tool.name === wanted)) room.choice.chooseTool(wanted);
}

/** Step the option of the tool in hand that these keys are for. */
function step(room: Room, name: string, way: 1 | -1): boolean {
  const keys = name.split(".")[0];
  const option = room.hand.options.find((one) => one.type === "number" && one.keys === keys);
  if (option?.type === "number") {
    room.choice.setOption(
      option.name,
      stepped(option, Number(room.choice.settings[option.name]), way),
    );
  }
  return true;
}

/** What ends when a key is let go. */
export function letGo(room: Room, key: string): void {
  if (commandFor(key) === "view.peek" || key === "H") room.looks.setPeek(false);
  if (commandFor(key) === "view.magnify") room.viewport.magnify(false);
  if (key.endsWith("Space")) room.viewport.panHeld = false;
}

function cancel(room: Room): void {
  const { state } = room;
  if (state.asked.value) closeQuestions(room);
  else if (state.skipping.value) state.skipping.value = false;
  else if (state.viewOpen.value || state.layoutOpen.value || state.windowsOpen.value)
    closePanels(room);
  else if (room.volumeMasks.drop() || room.events.drop()) return;
  else if (room.hand.busy) room.hand.handle({ type: "cancel" });
  else if (state.selection.value.length > 0) room.selection.select([]);
  else room.choice.chooseTool("select");
}

function closePanels(room: Room): void {
  room.state.viewOpen.value = false;
  room.state.layoutOpen.value = false;
  room.state.windowsOpen.value = false;
  // Else the focus is lost with the slider or the button that had it.
  room.focus();
}

function closeQuestions(room: Room): void {
  room.state.asked.value = null;
  room.focus();
}

/** Tab goes from object to object while the picture has the focus; in panels it is the browser's. */
function cycle(room: Room, step: number): boolean {
  const { state } = room;
  if (!room.pictureFocused) return false;
  const ids = (room.labels?.objects() ?? [])
    .filter((one) => room.presence.isHere(one))
    .map((one) => one.id)
    .filter((id) => !state.hidden.value.has(id));
  if (ids.length === 0) return false;
  const now = ids.indexOf(state.selection.value.at(-1) ?? "");
  const id = now < 0 ? ids.at(step > 0 ? 0 : -1) : ids[now + step];
  if (id === undefined) {
    // Past the last one the focus goes on, to the buttons: nobody is kept in the picture.
    room.selection.select([]);
    return false;
  }
  room.choice.chooseTool("select");
  room.selection.select([id]);
  const box = room.stage.box(id);
  if (box) room.viewport.reveal(box);
  return true;
}

function inForm(root: HTMLElement): boolean {
  return focused(root)?.closest("[data-question], select, [type=range]") != null;
}

function focused(root: HTMLElement): Element | null {
  const { activeElement } = root.ownerDocument;
  return activeElement && root.contains(activeElement) ? activeElement : null;
}

/** The lanes have keys of their own while the focus is on them. */
function lanesFocused(room: Room, key: string, root: HTMLElement): boolean {
  const element = focused(root);
  if (element?.closest(".lw-lane-names")) return room.lanes.press(key);
  return element?.closest(".lw-grip") ? pressGrip(room, key) : false;
}

/** A digit answers the question that has the focus, and goes on to the next open one. */
function answerFocused(room: Room, key: string, root: HTMLElement): boolean {
  const question = focused(root)?.closest<HTMLElement>("[data-question]");
  if (!question || !/^[1-9]$/.test(key)) return false;
  const { state, labels } = room;
  const name = question.dataset.question;
  const popover = question.closest(".lw-popover");
  const aboutImage = question.closest("[aria-label=Image]") !== null;
  const ids = popover && state.asked.value ? [state.asked.value] : state.selection.value;
  const first = aboutImage ? labels?.imageId : ids[0];
  const annotation = first ? labels?.document.get(first) : undefined;
  const ontology = state.ontology.value;
  const asked = aboutImage
    ? (ontology.image_attributes ?? [])
    : annotation
      ? questions(ontology, annotation)
      : (classOf(ontology, null)?.attributes ?? []);
  const attribute = asked.find((one) => one.name === name);
  if (!attribute || attribute.type === "text") return false;
  const option = attribute.options[Number(key) - 1];
  if (option === undefined || !labels) return false;
  const before = answerTo(first ? labels.answers(first) : {}, attribute.name);
  const value = choose(attribute, typeof before === "string" ? [before] : (before ?? []), option);
  if (aboutImage) labels.answerImage(attribute.name, value);
  else labels.answer(ids, attribute.name, value);
  if (attribute.type === "checkbox" || !popover) return true;
  const answers = ids[0] ? labels.answers(ids[0]) : {};
  // Once nothing is left to ask, digits are classes again.
  if (asked.every((one) => !shown(one, answers) || answerTo(answers, one.name)?.length))
    closeQuestions(room);
  else setTimeout(() => focusFirstOpen(popover), 0);
  return true;
}
