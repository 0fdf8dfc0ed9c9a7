import { mkdir } from "node:fs/promises";
import { buildPage } from "../build.ts";
import { pictures } from "./examine.ts";

export default async function setup(): Promise<void> {
  await buildPage();
  await mkdir(pictures, { recursive: true });
}
