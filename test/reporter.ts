// Vitest's default report, and what this project wants to see besides: the figures that GPU cases note, every skip
// with its reason, and a last line that counts.
import {
  DefaultReporter,
  type SerializedError,
  type TestCase,
  type TestModule,
  type TestRunEndReason,
} from "vitest/node";

export default class Reporter extends DefaultReporter {
  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test);
    const { notes = [] } = test.meta();
    for (const note of notes) this.log(`   ${test.module.relativeModuleId} > ${test.fullName}: ${note}`);
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, errors, reason);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const skipped = tests.filter((test) => test.result().state === "skipped" && !this.#leftOut(test));
    for (const test of skipped) {
      const { note } = test.result() as { note?: string };
      this.log(`skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${note ?? "no reason given"}`);
    }
    // A file that could not be read or ended early, a group that could not begin, and an error outside every test count
    // as failures too.
    const parts = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = parts.filter((part) => part.errors().length > 0).length;
    const failed = count("failed") + broken + errors.length;
    const ending = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
    this.log(`${count("passed")} passed, ${failed} failed${ending}`);
  }

  /** True for a test that the name filter of this run left out. */
  #leftOut(test: TestCase): boolean {
    const filter = this.ctx.config.testNamePattern;
    return filter !== undefined && !filter.test(test.fullName);
  }
}
