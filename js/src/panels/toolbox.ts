import type { ObjectClass, Ontology } from "../document/types.ts";
import { type AnyTool, TOOLS } from "../tools/index.ts";
import { type KernelToolSpec, kernelTool } from "../tools/kernel_tool.ts";
import { modelTool } from "../tools/model_tool.ts";

import { drawnAs, geometryOf, offered } from "./offer.ts";

/** All tools that there are: those of the browser, and those that compute in the kernel. */
export class Toolbox {
  private tools = new Map<string, AnyTool>(TOOLS.map((tool) => [tool.name, tool]));

  /** Take over the kernel's tools as they are now; where one is called like ours, ours stays. */
  useKernelTools(specs: readonly KernelToolSpec[]): void {
    const ours = new Set(TOOLS.map((tool) => tool.name));
    const computed = specs.filter((spec) => !ours.has(spec.name)).map(fromKernel);
    this.tools = new Map([...TOOLS, ...computed].map((tool) => [tool.name, tool]));
  }

  get(name: string): AnyTool | undefined {
    return this.tools.get(name);
  }

  has(name: string): boolean {
    return this.tools.has(name);
  }

  /** The tools that can draw something of this ontology, and those that draw nothing. */
  of(ontology: Ontology, scan: boolean, video = false): AnyTool[] {
    const wanted = new Set(offered(ontology).flatMap((made) => drawnAs(made, scan)));
    // Models say of images what is asked about them.
    if (ontology.image_attributes?.length) wanted.add("tag");
    return [...this.tools.values()].filter(
      ({ makes, scans, videos }) =>
        (scan || !scans) &&
        (video || !videos) &&
        (makes.length === 0 || makes.some((type) => wanted.has(type))),
    );
  }

  /** The tool that a class is taken with: the one of its geometry's name, else the first that fits. */
  for(made: ObjectClass, scan: boolean): AnyTool | undefined {
    const types = drawnAs(made, scan);
    if (geometryOf(made) === "volumemask") return scan ? this.tools.get("brush") : undefined;
    return (
      this.tools.get(made.tool ?? "rectangle") ??
      [...this.tools.values()].find(
        ({ makes, videos }) => !videos && makes.some((type) => types.includes(type)),
      )
    );
  }
}

function fromKernel(spec: KernelToolSpec): AnyTool {
  return spec.model ? modelTool(spec) : kernelTool(spec);
}
