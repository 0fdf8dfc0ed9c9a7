// Finds a Chrome for tests and for `doctor`, and the flags that give it WebGPU without a GPU or a display.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { DeviceError } from "../errors.ts";
import { unpackOnce } from "./cache.ts";
import { chromiumPackage } from "./embedded.ts";
import { findNode, findOnPath, findPackage } from "./packages.ts";

/** WebGPU on SwiftShader where there is no GPU, and nothing that goes to the network by itself. */
export function chromeFlags(): string[] {
  const flags = [
    "--enable-unsafe-webgpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
  // Chrome refuses to run as root inside its sandbox.
  return process.getuid?.() === 0 ? [...flags, "--no-sandbox"] : flags;
}

/**
 * The path of a Chrome: PUPPETEER_EXECUTABLE_PATH, an installed one, or the packaged one, unpacked when needed.
 * @throws DeviceError when there is none.
 */
export async function findChrome(): Promise<string> {
  const named = process.env.PUPPETEER_EXECUTABLE_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new DeviceError(`PUPPETEER_EXECUTABLE_PATH names ${named}, which is not there. Correct or unset it.`);
  }
  const installed = installedChromes().find((path) => existsSync(path));
  return (
    installed ?? findOnPath(["google-chrome-stable", "google-chrome", "chromium", "chromium-browser"]) ?? packaged()
  );
}

function installedChromes(): string[] {
  if (process.platform === "darwin") {
    return ["Google Chrome", "Chromium"].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform !== "win32") return [];
  const { PROGRAMFILES, "PROGRAMFILES(X86)": programFiles86, LOCALAPPDATA } = process.env;
  return [PROGRAMFILES, programFiles86, LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "Google", "Chrome", "Application", "chrome.exe"));
}

async function packaged(): Promise<string> {
  const found = findPackage(chromiumPackage);
  const advice = "Install Chrome or Chromium, or set PUPPETEER_EXECUTABLE_PATH.";
  if (!found) throw new DeviceError(`No Chrome: none is installed, nor is the package ${chromiumPackage}. ${advice}`);
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new DeviceError(`No Chrome: none is installed, and ${chromiumPackage} is for Linux x64 only. ${advice}`);
  }
  const folder = await unpackOnce(`chromium-${found.version}`, async (target) => {
    // The package unpacks into the temporary folder, where it takes a half-written file for a whole one.
    const entry = pathToFileURL(join(found.folder, "build", "esm", "index.js")).href;
    const script = `import(${JSON.stringify(entry)}).then((chromium) => chromium.default.executablePath())`;
    const node = findNode();
    if (!node) throw new DeviceError("Unpacking the packaged Chromium needs node on the PATH.");
    await promisify(execFile)(node, ["--eval", script], { env: { ...process.env, TMPDIR: target } });
  });
  return join(folder, "chromium");
}
