// Every suite of GPU tests. Importing this file declares their cases.
import "./device.suite.ts";
import "./determinism.suite.ts";
import "./golden.suite.ts";
import "./statistics.suite.ts";
import "./training.suite.ts";
