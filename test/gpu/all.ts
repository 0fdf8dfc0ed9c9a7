// Every suite of GPU tests. Importing this file declares their cases.
import "./device.suite.ts";
