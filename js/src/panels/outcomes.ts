import type { Draft } from "../document/document.ts";
import type { Geometry, Ontology } from "../document/types.ts";
import { runsOf } from "../geometry/runs.ts";
import { extended } from "../geometry/track_proposal.ts";
import { shapeTypeOf } from "../geometry/track_standing.ts";
import { compute } from "../link/computing.ts";
import { isAbort, textOf } from "../link/kernel.ts";
import type { ProposedShape } from "../tools/kernel_call.ts";
import type { Effect, Making } from "../tools/tool.ts";
import { KeptAnswers } from "./kept_answers.ts";
import { geometryOf, type Mode } from "./offer.ts";
import { newShape } from "./paint_layer.ts";
import type { Room } from "./room.ts";

type Shapes = readonly ProposedShape[];
type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>;

/** What a tool wants done is done here, on the labels and by the kernel. */
export class Outcomes {
  private asking: AbortController | null = null;
  private readonly kept = new KeptAnswers();

  constructor(private readonly room: Room) {}

  take(effects: readonly Effect[]): void {
    for (const effect of effects) this.one(effect);
  }

  /** Nothing that was asked of the kernel is wanted any more. */
  unask(): void {
    this.asking?.abort();
    this.asking = null;
  }

  /** Let the kernel read pixels, while the hand is still on its way to the picture. */
  prepare(): void {
    const { kernel, hand, state } = this.room;
    const item = state.item.value?.id;
    const tool = hand.computes;
    if (!item || !tool) return;
    const known = (name: string) => state.preparing.value.has(name);
    if (!known(tool)) state.preparing.value = new Set([...state.preparing.value, tool]);
    const done = () => {
      state.preparing.value = new Set([...state.preparing.value].filter((name) => name !== tool));
    };
    kernel
      .ask({ type: "prepare", item, tool, frame: this.room.frame }, ["prepared"])
      .then(done, done);
  }

  private one(effect: Effect): void {
    const { room } = this;
    switch (effect.type) {
      case "say":
        room.board.say(effect.text, effect.kind);
        break;
      case "select":
        room.selection.selectQuietly(effect.ids);
        break;
      case "set":
        room.choice.setOption(effect.name, effect.value);
        break;
      case "update":
        room.labels?.reshape(effect.shapes, effect.origin);
        break;
      case "create":
        this.create([
          { geometry: effect.geometry, ...(effect.origin && { origin: effect.origin }) },
        ]);
        break;
      case "change":
        this.change(effect);
        break;
      case "stroke":
        room.painting.take(effect);
        break;
      case "accept":
        this.accept(effect);
        break;
      case "extend":
        this.extend(effect);
        break;
      case "ask":
        void this.ask(effect);
        break;
      case "centre":
        room.linking.centre(room.pane, effect.at);
        break;
      case "unask":
        this.unask();
    }
  }

  /** Make objects of the current class, if they are of its geometry. */
  private create(shapes: readonly Making[], also: readonly Draft[] = []): void {
    const { room } = this;
    const made = room.choice.currentClass;
    const making = shapes.map((one) => this.throughStack(one));
    if (!made || !room.labels) {
      room.board.say("The ontology has no class to draw.", "warning");
      return;
    }
    const stranger = making.find(
      ({ className, geometry }) => className === undefined && kindOf(geometry) !== geometryOf(made),
    );
    if (stranger) {
      room.board.say(`“${made.name}” is not drawn with this tool.`, "warning");
      return;
    }
    if (room.tracks.goOn(making, () => this.create(shapes, also))) return;
    const ids = room.labels.change(
      making.map((one) => ({ className: made.name, ...one })),
      [],
      [],
      also,
    );
    this.askAbout(ids);
  }

  /** Where the class goes through the stack, a mask is the beginning of one that does. */
  private throughStack(making: Making): Making {
    const { geometry, className } = making;
    const { classes } = this.room.state.ontology.value;
    const named = classes?.find((one) => one.name === className) ?? this.room.choice.currentClass;
    if (geometry.type !== "mask" || !named) return making;
    const made = newShape(named, [[this.room.frame, runsOf(geometry.rle)]]);
    return made && geometryOf(named) === "volumemask" ? { ...making, geometry: made } : making;
  }

  private change({ create = [], update = [], remove = [] }: Of<"change">): void {
    const { room } = this;
    const className = room.choice.currentClass?.name ?? "";
    const ids = room.labels?.change(
      create.map((one) => ({ className, ...one })),
      update,
      remove,
    );
    if (ids?.length) room.selection.select(ids);
  }

  /** A proposal becomes labels; pixels may go into, or out of, the mask that is selected. */
  private accept({ shapes: proposed, into }: Of<"accept">): void {
    const { room } = this;
    const { labels } = room;
    if (!labels) return;
    const { drafts, replaced } = labels.proposed(proposed.filter(isAnswer));
    // An image is of a class or not: a tag that is there needs no other.
    const shapes = proposed.filter(
      (one) =>
        !isAnswer(one) &&
        (one.geometry.type !== "tag" || labels.tagsOf(one.className ?? "").length === 0),
    );
    if (shapes.length > 0) this.acceptShapes(shapes, into, drafts);
    else labels.together(drafts);
    if (replaced.length > 0) room.board.say(`${replaced.join(", ")}: Undo brings it back.`);
  }

  private acceptShapes(
    shapes: readonly Making[],
    into: Of<"accept">["into"],
    also: readonly Draft[],
  ): void {
    const { room } = this;
    const made = room.choice.currentClass;
    const masks = shapes.flatMap((one) =>
      one.geometry.type === "mask" && one.className === undefined ? [one] : [],
    );
    const joins = into !== "new" || made?.instances === false;
    const volumes = shapes.flatMap(({ geometry, origin }) =>
      geometry.type === "volumemask" ? [{ geometry, origin }] : [],
    );
    if (joins && volumes.length === shapes.length) {
      for (const { geometry, origin } of volumes)
        room.painting.strokeVolume(geometry, into === "subtract", origin);
      room.labels?.together(also);
      return;
    }
    const paints = ["mask", "volumemask"].includes(geometryOf(made));
    if (joins && masks.length === shapes.length && paints) {
      for (const { geometry, origin } of masks)
        if (geometry.type === "mask")
          room.painting.strokeMask(geometry, into === "subtract", origin);
      room.labels?.together(also);
      return;
    }
    this.create(shapes, also);
  }

  /** What a tool proposed for an object of a video: what a person placed stays as it is. */
  private extend({ id, track, origin }: Of<"extend">): void {
    const { room } = this;
    const known = room.stage.track(id);
    if (!known || !room.labels) {
      room.board.say("That object was deleted meanwhile.");
      return;
    }
    const whole = room.labels.document.get(id)?.geometry.type === "track";
    const after = { geometry: extended(known, track), origin, ...(!whole && { frame: null }) };
    room.labels.together([{ kind: "update", annotation: id, after }]);
    room.selection.select([id]);
  }

  private askAbout(ids: readonly string[]): void {
    const { room } = this;
    const [only] = ids;
    if (!only) return;
    room.selection.select(ids);
    const name = room.labels?.document.get(only)?.class_name;
    const made = room.state.ontology.value.classes?.find((one) => one.name === name);
    if (ids.length === 1 && made?.attributes?.length) room.state.asked.value = only;
  }

  /** What the kernel is to make: of a volume mask, a tool that knows one slice makes a mask. */
  private wanted(): Geometry["type"] {
    const type = geometryOf(this.room.choice.currentClass);
    return type === "volumemask" && !this.room.hand.makes.includes(type) ? "mask" : type;
  }

  private async ask(effect: Of<"ask">): Promise<void> {
    const { room } = this;
    const { turn, tool, prompt, keep = false } = effect;
    this.unask();
    const item = room.state.item.value?.id;
    if (!item) return;
    const asking = new AbortController();
    this.asking = asking;
    const as = this.wanted();
    const parameters = { ...room.choice.settings, ...effect.parameters };
    const { frame } = room;
    const question = {
      item,
      frame,
      tool,
      prompt,
      parameters,
      as,
      class: room.choice.currentClass?.name ?? null,
    };
    const here = () =>
      room.hand.tool === tool &&
      room.state.item.value?.id === item &&
      (room.hand.through || room.frame === frame);
    try {
      const known = keep ? this.kept.get(question) : undefined;
      const answer =
        known ??
        (await compute(room.kernel, question, asking.signal, (done) => {
          if (here()) room.hand.handle({ type: "progress", turn, done });
        }));
      if (keep) this.kept.put(question, answer);
      if (!here()) return;
      const { ontology, mode } = room.state;
      const shapes = askedFor(answer.shapes, ontology.value, mode.value);
      room.hand.handle({ type: "answer", turn, answer: { ...answer, shapes } });
    } catch (error) {
      if (isAbort(error) || !here()) return;
      room.hand.handle({ type: "failed", turn, message: textOf(error) });
    }
  }
}

function isAnswer({ geometry, className }: Making): boolean {
  return geometry.type === "tag" && className === undefined;
}

/** What was proposed, as far as this person is asked about it. */
function askedFor(shapes: Shapes, { image_attributes = [] }: Ontology, mode: Mode): Shapes {
  return shapes.filter((one) => {
    if (one.geometry.type !== "tag") return mode !== "classification";
    if (one.class_name != null) return true;
    return Object.keys(one.attributes ?? {}).every((name) =>
      image_attributes.some((asked) => asked.name === name),
    );
  });
}

/** What a class has to be drawn with for an object to be of it: a track of its shapes. */
function kindOf(geometry: Geometry): Geometry["type"] | null {
  return geometry.type === "track" ? shapeTypeOf(geometry) : geometry.type;
}
