import source from "../../../shaders/advance.wgsl" with { type: "text" };
import { bindings, kernel } from "./wgsl.ts";

export const advance = kernel("advance", "advance", [source], bindings(0, { state: "read_write" }));
