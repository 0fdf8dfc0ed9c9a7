// A launcher and the process it launches, for launch.test.ts: "launch COMMAND..." or "child".
import { endWithParent, runToEnd } from "../../src/cli/launch.ts";

const [role, ...command] = process.argv.slice(2);
if (role === "launch") {
  process.exitCode = await runToEnd(command, process.env);
} else {
  endWithParent();
  let signals = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      signals++;
      // A second delivery would come within this time.
      setTimeout(() => {
        console.log(`${signal} ${signals}`);
        process.exit(7);
      }, 200);
    });
  }
  setInterval(() => {}, 1000);
  console.log(`ready ${process.pid}`);
}
