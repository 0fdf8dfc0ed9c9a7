// Which members of the kernel families suit a device.
import type { AdapterDescription } from "../gpu/device.ts";
import type { ProductVariant } from "./kernels/product.ts";
import type { Storage } from "./rows.ts";

export interface Tuning {
  /** The kernel of products, and where its packed operands lie. */
  readonly product: ProductVariant;
  /** Where features are kept. */
  readonly rows: Storage["place"];
  /** Whether an invocation of the head does much (software adapters) or little (GPUs, which want many of them). */
  readonly invocations: "few" | "many";
}

/** What is known without measuring: a software adapter pays for loads and barriers, a GPU has registers to spare for neither. */
export function defaultTuning({ isSoftware }: AdapterDescription): Tuning {
  return isSoftware
    ? { product: { tile: "registers16", place: "texture" }, rows: "texture", invocations: "few" }
    : { product: { tile: "workgroup64", place: "buffer" }, rows: "buffer", invocations: "many" };
}
