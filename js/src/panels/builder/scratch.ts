import { answerTo, classOf } from "../../document/answers.ts";
import { renamed } from "../../document/renames.ts";
import type { Attribute, ChoiceAttribute, Geometry, Ontology } from "../../document/types.ts";
import { choose } from "../attributes.tsx";
import { Labels } from "../labels.ts";
import { offered } from "../offer.ts";
import { createState, type State } from "../state.ts";

const NOWHERE: Geometry = { type: "point", x: 0, y: 0 };

/** A room without a picture or a kernel, in which the labeller's panels can be tried. */
export class Scratch {
  readonly state: State = createState();
  labels: Labels = this.empty();
  readonly asking = {
    choose: (question: ChoiceAttribute, option: string) => {
      const answers = this.labels.document.get(this.labels.imageId)?.attributes ?? {};
      const before = answerTo(answers, question.name);
      const chosen = typeof before === "string" ? [before] : (before ?? []);
      this.labels.answerImage(question.name, choose(question, chosen, option));
    },
  };

  constructor() {
    this.state.task.value = {
      id: "scratch",
      title: "",
      folder: "",
      state: "in_progress",
      position: 0,
      item_id: "scratch",
    };
    this.state.tool.value = "draw";
  }

  /** Show an ontology; answers that were tried stay where their questions do. */
  useOntology(ontology: Ontology): void {
    this.state.ontology.value = ontology;
    this.labels.document.rename((one) => {
      const now = renamed(ontology, one, one);
      const asked =
        now.class_name == null
          ? (ontology.image_attributes ?? [])
          : (classOf(ontology, now.class_name)?.attributes ?? []);
      const kept = Object.entries(now.attributes ?? {}).filter(([name, answer]) =>
        fits(asked, name, answer),
      );
      return { ...now, attributes: Object.fromEntries(kept) };
    });
    const gone = this.labels.objects().filter((one) => !classOf(ontology, one.class_name));
    this.labels.remove(gone.map((one) => one.id));
    const name = this.state.className.value;
    if (!offered(ontology).some((made) => made.name === name)) {
      this.chooseClass(offered(ontology)[0]?.name ?? "");
    } else this.chooseClass(name ?? "");
  }

  /** Choose a class, as the labeller would; its questions are shown on an example. */
  chooseClass(name: string): void {
    const made = classOf(this.state.ontology.value, name);
    this.state.className.value = made ? name : null;
    if (!made) {
      this.state.selection.value = [];
      return;
    }
    const known = this.labels.objects().find((one) => one.class_name === name);
    const id = known?.id ?? this.labels.create(name, NOWHERE);
    this.state.selection.value = id ? [id] : [];
  }

  private empty(): Labels {
    const labels = new Labels(
      "scratch",
      { annotations: [], undo: [], redo: [], deleted: {} },
      {
        onEdits: () => undefined,
        onHistory: () => undefined,
        onMissed: () => undefined,
        say: () => undefined,
      },
      () => false,
      () => this.state.ontology.value,
    );
    labels.document.subscribe(() => {
      this.state.version.value++;
    });
    return labels;
  }
}

function fits(
  asked: readonly Attribute[],
  name: string,
  answer: string | readonly string[],
): boolean {
  const question = asked.find((one) => one.name === name);
  if (!question || (question.type === "checkbox") !== (typeof answer !== "string")) return false;
  if (question.type === "text") return true;
  const valid = [...question.options, ...(question.retired_options ?? [])];
  return (typeof answer === "string" ? [answer] : answer).every((one) => valid.includes(one));
}
