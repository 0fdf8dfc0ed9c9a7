import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The name filter of this run (vitest -t), which the GPU runtimes follow too. */
    filter: string;
  }
}

export default function setup(project: TestProject): void {
  project.provide("filter", project.globalConfig.testNamePattern?.source ?? "");
}
